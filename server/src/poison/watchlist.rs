//! The actions that a world which is loaded anew is to beware of.

use std::collections::{BTreeMap, BTreeSet};

use bevy_ecs::resource::Resource;
use holdfast_protocol::{ActionName, EntityId, Nonce, Seq};

/// Condemned actions and suspects, as the guard knew them when the world was loaded. Empty for the first world of a
/// process. Bounded by the guard.
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq)]
pub struct Watchlist {
    condemned: BTreeSet<(EntityId, Seq, Nonce)>,
    /// Per character the last of its suspects: up to it, all that it has still to ask is suspect.
    suspects: BTreeMap<EntityId, Seq>,
}

impl Watchlist {
    pub(super) fn condemn(&mut self, character: EntityId, ActionName { seq, nonce }: ActionName) {
        self.condemned.insert((character, seq, nonce));
    }

    pub(super) fn suspect(&mut self, character: EntityId, ActionName { seq, .. }: ActionName) {
        let last = self.suspects.entry(character).or_insert(seq);
        *last = seq.max(*last);
    }

    /// Whether this very action is to be rejected without being decided. Another action in its place is not.
    #[must_use]
    pub fn is_condemned(&self, character: EntityId, ActionName { seq, nonce }: ActionName) -> bool {
        self.condemned.contains(&(character, seq, nonce))
    }

    /// Whether the character's next action, if it is this one, is to be alone in its flush.
    #[must_use]
    pub fn is_suspect(&self, character: EntityId, seq: Seq) -> bool {
        self.suspects.get(&character).is_some_and(|last| seq <= *last)
    }
}
