//! What the engine knows of each character that is in the world.

use std::collections::{BTreeMap, BTreeSet};

use bevy_ecs::resource::Resource;
use holdfast_front::{Account, Conn};
use holdfast_protocol::{ChunkId, EntityId, Seq, SessionEpoch, Tick};

use crate::action::ring::Ring;
use crate::persistence::rows::CharacterRow;

/// One character.
#[derive(Debug)]
pub(crate) struct Character {
    pub(crate) account: Account,
    /// The connection that plays it, or played it last.
    pub(crate) conn: Option<Conn>,
    pub(crate) session_epoch: SessionEpoch,
    pub(crate) last_seq: Seq,
    pub(crate) ring: Ring,
    /// For each verb with a cooldown: the first tick at which it may be done again. Not kept: a restart forgives.
    pub(crate) ready_at: BTreeMap<&'static str, Tick>,
    /// The centre of its view; none until the tick of its arrival has ended.
    pub(crate) center: Option<ChunkId>,
    pub(crate) stay: Stay,
    /// The last tick that changed it or anything of its own.
    pub(crate) last_change: Tick,
}

/// How a character is in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stay {
    /// Played.
    Awake,
    /// Its connection is lost.
    Asleep,
    /// It goes as soon as everything of its own is durable, unless somebody plays it before.
    Leaving { was_asleep: bool, session_ended: bool },
}

/// All that are in the world.
#[derive(Resource, Debug, Default)]
pub(crate) struct Characters {
    present: BTreeMap<EntityId, Character>,
    changed: BTreeSet<EntityId>,
}

impl Characters {
    pub(crate) fn get(&self, id: EntityId) -> Option<&Character> {
        self.present.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: EntityId) -> Option<&mut Character> {
        self.present.get_mut(&id)
    }

    pub(crate) fn insert(&mut self, id: EntityId, character: Character) {
        self.present.insert(id, character);
    }

    pub(crate) fn remove(&mut self, id: EntityId) {
        self.present.remove(&id);
    }

    /// Those that are to leave, and whose every change is durable, in ascending order.
    pub(crate) fn ready_to_go(&self, durable: Tick) -> Vec<EntityId> {
        let is_ready = |character: &Character| {
            matches!(character.stay, Stay::Leaving { .. }) && character.last_change <= durable
        };
        self.present.iter().filter(|(_, character)| is_ready(character)).map(|(id, _)| *id).collect()
    }

    /// The character's own row (`last_seq`, session epoch, ring) has changed.
    pub(crate) fn note_row_change(&mut self, id: EntityId) {
        self.changed.insert(id);
    }

    /// Something of the character's own has changed.
    pub(crate) fn note_change(&mut self, id: EntityId, now: Tick) {
        if let Some(character) = self.present.get_mut(&id) {
            character.last_change = now;
        }
    }

    /// The rows that this tick changed.
    pub(crate) fn changed_rows(&mut self, now: Tick) -> Vec<(EntityId, CharacterRow)> {
        let changed = std::mem::take(&mut self.changed);
        let mut rows = Vec::with_capacity(changed.len());
        for id in changed {
            let Some(character) = self.present.get_mut(&id) else { continue };
            character.last_change = now;
            let row = CharacterRow {
                tick: now,
                last_seq: character.last_seq,
                session_epoch: character.session_epoch,
                ring: character.ring.to_bytes(),
            };
            rows.push((id, row));
        }
        rows
    }
}
