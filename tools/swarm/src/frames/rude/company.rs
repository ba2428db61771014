//! What rude clients know of each other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use holdfast_protocol::{Blob, EntityId};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::super::tampering::Overheard;

/// What rude clients know of each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Company {
    pub(super) overheard: Overheard,
    /// The latest resume token of each.
    tokens: Arc<Mutex<BTreeMap<EntityId, Blob>>>,
}

impl Company {
    pub(super) fn note(&self, character: EntityId, token: &Blob) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(character, token.clone());
    }

    /// Somebody else, and that one's latest resume token.
    pub(super) fn stranger(&self, me: EntityId, rng: &mut StdRng) -> Option<(EntityId, Blob)> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let others: Vec<_> = tokens.iter().filter(|(other, _)| **other != me).collect();
        others.choose(rng).map(|(other, token)| (**other, (*token).clone()))
    }
}
