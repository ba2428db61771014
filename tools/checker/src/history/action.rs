//! What a client did, and how it ended.

use std::time::Duration;

use holdfast_protocol::{ActionName, Code, EntityId};
use serde::{Deserialize, Serialize};

/// When something happened: before or after anything else of the history, and by the history's clock where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    /// Its place among all that was written down.
    pub order: u64,
    /// Its time.
    pub at: Option<Duration>,
}

/// What an action means, as far as the checker must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Meaning {
    /// Append an entry to a tape; no other has its number in a run.
    Append {
        /// The tape.
        tape: EntityId,
        /// The entry.
        entry: u64,
    },
    /// Read a tape: the reply is what stands on it.
    Read {
        /// The tape.
        tape: EntityId,
    },
    /// Give away a part of one's balance, to somebody of one's own view: a view's sum does not change by it.
    Transfer {
        /// To whom.
        to: EntityId,
        /// How much.
        amount: i64,
    },
    /// Anything else: its effect shows in what is conserved.
    Other,
}

/// How an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// Accepted.
    Accepted,
    /// Rejected by a rule.
    Rejected(Code),
    /// Given up by the client: it may have happened.
    GivenUp(Code),
}

/// One action of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionRecord {
    /// Who acted.
    pub character: EntityId,
    /// Which action.
    pub name: ActionName,
    /// What it means.
    pub meaning: Meaning,
    /// When it was made.
    pub invoked: Stamp,
    /// When and how it ended.
    pub ended: Option<(Stamp, End)>,
}
