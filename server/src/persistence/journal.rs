//! What the world was asked and what came of it, in order: the inputs of each tick, which travel with its rows.
//!
//! They serve two ends. The flush that makes a tick durable writes them down beside it: that is the journal, from which
//! `history` tells who had what, when and by which action ([`format`](mod@format) is how they stand there). And where a
//! flush can never succeed, they say whose actions were in it.

pub mod entry;
pub mod format;

use holdfast_protocol::{ActionName, Blob, Code, EntityId, SessionEpoch, Tick};
use serde::{Deserialize, Serialize};

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

/// The kinds of inputs. They stand in the journal by their place in this list, so a new one goes to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InputKind {
    /// An action was decided. Answers that are only said again are no inputs.
    Acted {
        /// What names it.
        name: ActionName,
        /// The verdict.
        code: Code,
        /// The verb's tag, and what the verb lets the journal keep of its payload
        /// ([`Action::journaled`](crate::Action::journaled)): no free text.
        action: Blob,
        /// What it touched, in ascending order. Whoever acts is among them only where it did more to itself than act
        /// and change its own components.
        touched: Vec<Touched>,
    },
    /// A connection plays the character from now on.
    Joined {
        /// The attachment's number.
        session_epoch: SessionEpoch,
        /// Whether it goes on with the attachment before it.
        resumed: bool,
    },
    /// The character has left the world, with everything that is its own.
    Left,
}

/// An entity that an action changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// The entity.
    pub entity: EntityId,
    /// What the action did to where it belongs.
    pub home: HomeChange,
}

/// What an action did to where an entity belongs: to a character, or (none) to the world. In the journal by their place
/// in this list, as the kinds of inputs are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HomeChange {
    /// Nothing: something else about it changed.
    Same,
    /// It changed hands.
    Moved {
        /// Who had it.
        from: Option<EntityId>,
        /// Who has it.
        to: Option<EntityId>,
    },
    /// It was made.
    Made {
        /// Who has it.
        to: Option<EntityId>,
    },
    /// It was destroyed.
    Destroyed {
        /// Who had it.
        from: Option<EntityId>,
    },
}

impl HomeChange {
    /// This, and then that; none where it came and went, so that nobody has ever seen it.
    #[must_use]
    pub fn then(self, later: Self) -> Option<Self> {
        match (self, later) {
            (Self::Same, later) => Some(later),
            (earlier, Self::Same) => Some(earlier),
            (Self::Made { .. }, Self::Destroyed { .. }) => None,
            (Self::Made { .. }, Self::Moved { to, .. }) => Some(Self::Made { to }),
            (Self::Moved { from, .. }, Self::Moved { to, .. }) if from == to => Some(Self::Same),
            (Self::Moved { from, .. }, Self::Moved { to, .. }) => Some(Self::Moved { from, to }),
            (Self::Moved { from, .. }, Self::Destroyed { .. }) => Some(Self::Destroyed { from }),
            // Nothing comes after an end, and nothing is made twice.
            (Self::Destroyed { .. }, _) | (_, Self::Made { .. }) => Some(later),
        }
    }
}

impl Input {
    /// The action that this was, where it was one.
    #[must_use]
    pub fn action(&self) -> Option<(EntityId, ActionName)> {
        match self.kind {
            InputKind::Acted { name, .. } => Some((self.character, name)),
            InputKind::Joined { .. } | InputKind::Left => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_changes_of_hands_are_one_from_the_first_to_the_last() {
        let (ada, bob) = (Some(EntityId(1)), Some(EntityId(3)));
        let moved = |from, to| HomeChange::Moved { from, to };
        assert_eq!(moved(None, ada).then(moved(ada, bob)), Some(moved(None, bob)));
        assert_eq!(moved(None, ada).then(moved(ada, None)), Some(HomeChange::Same));
        assert_eq!(moved(ada, None).then(HomeChange::Same), Some(moved(ada, None)));
        assert_eq!(HomeChange::Same.then(moved(ada, bob)), Some(moved(ada, bob)));
        let (made, destroyed) = (HomeChange::Made { to: None }, HomeChange::Destroyed { from: ada });
        assert_eq!(made.then(moved(None, ada)), Some(HomeChange::Made { to: ada }));
        assert_eq!(made.then(destroyed), None);
        assert_eq!(moved(bob, ada).then(destroyed), Some(HomeChange::Destroyed { from: bob }));
    }
}
