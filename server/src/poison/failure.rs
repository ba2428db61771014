//! What failed, and what follows.

use std::fmt;

use holdfast_protocol::{ActionName, EntityId};

use super::guard::{RELOADS_MAX, RELOADS_WITHIN};
use crate::persistence::store::StoreError;

/// How much of a panic's message is kept: more than any of ours has, and little enough for a line of a log.
pub const MESSAGE_BYTES_MAX: usize = 512;

/// A failure after which the world in memory cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A tick panicked.
    Panicked {
        /// The action that was being decided, where it was an action's rules that panicked.
        deciding: Option<(EntityId, ActionName)>,
        /// Every action that had taken effect and was not known durable: where a system of the simulation panicked,
        /// the cause is among them, or none of them is.
        asked: Vec<(EntityId, ActionName)>,
        /// What the panic said, at most [`MESSAGE_BYTES_MAX`] of it.
        message: String,
    },
    /// A batch can never be written.
    Refused {
        /// What the store said.
        error: StoreError,
        /// The actions that took effect in the batch's ticks.
        actions: Vec<(EntityId, ActionName)>,
    },
}

impl Failure {
    /// The actions of which one may be the cause: the one that was being decided, or else all that had taken effect.
    #[must_use]
    pub fn suspects(&self) -> &[(EntityId, ActionName)] {
        match self {
            Self::Panicked { deciding: Some(action), .. } => std::slice::from_ref(action),
            Self::Panicked { asked: actions, .. } | Self::Refused { actions, .. } => actions,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked { deciding: Some((character, name)), message, .. } => {
                write!(f, "a tick panicked over action {} of character {character}: {message}", name.seq)
            }
            Self::Panicked { message, .. } => write!(f, "a tick panicked: {message}"),
            Self::Refused { error, .. } => write!(f, "a batch can never be written: {error}"),
        }
    }
}

/// What follows from a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The world is to be loaded anew, with the guard's watchlist as it is now.
    Reload,
    /// The process is to end, and a person to look.
    Halt(HaltReason),
}

/// Why the world is not loaded again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HaltReason {
    /// What the world does by itself cannot be written: it would do the same again. The error names where.
    #[error("what the world does by itself cannot be written, and no player's action is in it")]
    Unwritable(#[source] StoreError),
    /// It was loaded anew as often as it may be, and failed again.
    #[error(
        "the world was loaded anew {RELOADS_MAX} times within {} minutes, and failed again: {last}",
        RELOADS_WITHIN.as_secs() / 60
    )]
    TooManyReloads {
        /// The failure that was one too many.
        last: Box<Failure>,
    },
}
