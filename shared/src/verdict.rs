//! The durable answer to one action, and what may be said besides it.

use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::{ActionName, Blob, Code, Seq};

/// The durable answer to one action: accepted, rejected by a rule, or rejected as `internal` because the server failed
/// over it and did nothing of it. It consumed the action's `seq`, and asking again gets the same answer for as long as it
/// stands in the character's ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Schema)]
pub struct Verdict {
    /// Which action this answers.
    pub action: ActionName,
    /// Zero ([`Code::ACCEPTED`]), the rule that said no, or `internal`. Whatever it is, it is final.
    pub code: Code,
    /// What the answer carries besides, as the action defines it; zero where it defines nothing.
    pub detail: [u8; 4],
}

impl Verdict {
    /// Whether the action took effect.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.code == Code::ACCEPTED
    }
}

/// An answer too long for a verdict (as that of a look around). Sent once, with the verdict; not kept for
/// resubmission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Reply {
    /// The action that asked.
    pub seq: Seq,
    /// The answer, in the game's words.
    pub body: Blob,
}

/// An action that was turned away before any rule looked at it: too many, too fast, out of order, or not to be read. It
/// consumed no `seq` and changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Refusal {
    /// Which action.
    pub action: ActionName,
    /// Why.
    pub code: Code,
    /// How long to wait before it is sent again, in milliseconds; zero where waiting is not what is missing.
    pub retry_after_ms: u32,
    /// For `seq_gap`: the `seq` that the world expects next. Zero otherwise.
    pub expected: Seq,
}
