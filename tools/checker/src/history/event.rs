//! All that can be written down in a history, in one list: whatever is not in here no finding can depend on.

use std::borrow::Cow;
use std::time::Duration;

use holdfast_protocol::{ActionName, Code, EntityId, ResyncKind, Seq};
use serde::{Deserialize, Serialize};

use super::action::{End, Meaning, Stamp};
use super::view::Adopted;

/// Something that a client did or saw. What is large is borrowed while it is written down, and owned when it is read
/// back from a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event<'a> {
    /// An action was made.
    Invoked {
        /// Who acts.
        character: EntityId,
        /// Which action.
        name: ActionName,
        /// What it means.
        meaning: Meaning,
        /// Taken before it was made.
        invoked: Stamp,
    },
    /// An action ended.
    Ended {
        /// Whose it was.
        character: EntityId,
        /// Which action.
        name: ActionName,
        /// How.
        end: End,
    },
    /// The longer answer to a read came.
    Replied {
        /// Who had asked.
        character: EntityId,
        /// By which action.
        seq: Seq,
        /// What stands on the tape.
        entries: Cow<'a, [u64]>,
    },
    /// An action was turned away without effect.
    Refused {
        /// Whose it was.
        character: EntityId,
        /// Why.
        code: Code,
        /// The `seq` that the world expects next, where it says so.
        expected: Seq,
    },
    /// For how long sessions can be resumed.
    ResumableFor(Duration),
    /// A player has left for good.
    Left(EntityId),
    /// A client says Hello on a new connection.
    Greeted {
        /// Its character.
        character: EntityId,
        /// Whether it shows a session and a copy to go on with.
        resumes: bool,
    },
    /// A client was welcomed.
    Welcomed {
        /// Who.
        character: EntityId,
        /// What it gets first.
        resync: ResyncKind,
        /// Up to where its actions are decided.
        last_seq: Seq,
    },
    /// A client adopted a token.
    Adopted {
        /// Who.
        character: EntityId,
        /// What it holds now.
        adopted: Cow<'a, Adopted>,
    },
    /// A client's copy went wrong.
    Diverged {
        /// Whose.
        character: EntityId,
        /// In what way, for people.
        how: Cow<'a, str>,
    },
    /// From now on nothing disturbs the world any more.
    FaultsAreOver,
    /// A client was told that the world stands still.
    Paused(EntityId),
    /// A client ended, for whatever reason.
    ClientEnded(EntityId),
}
