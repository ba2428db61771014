//! What the world was asked and what came of it, in order: the inputs of each tick, which travel with its rows.
//!
//! They serve two ends. The flush that makes a tick durable writes them down beside it; and where a flush can never
//! succeed, they say whose actions were in it.

use holdfast_protocol::{ActionName, Blob, Code, EntityId, SessionEpoch, Tick};

/// One thing that was asked of the world and changed something durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The tick that took it.
    pub tick: Tick,
    /// Whose it is.
    pub character: EntityId,
    /// What it is.
    pub kind: InputKind,
}

/// The kinds of inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// An action was decided. Answers that are only said again are no inputs.
    Acted {
        /// What names it.
        name: ActionName,
        /// The verdict.
        code: Code,
        /// The verb's tag and payload, as they were sent.
        action: Blob,
    },
    /// A connection plays the character from now on.
    Joined {
        /// The attachment's number.
        session_epoch: SessionEpoch,
        /// Whether it goes on with the attachment before it.
        resumed: bool,
    },
}

impl Input {
    /// The action that this was, where it was one.
    #[must_use]
    pub fn action(&self) -> Option<(EntityId, ActionName)> {
        match self.kind {
            InputKind::Acted { name, .. } => Some((self.character, name)),
            InputKind::Joined { .. } => None,
        }
    }
}
