//! One place of a copy: a chunk, or what is the client's own. Entities by id, each its parts by tag.

use std::collections::BTreeMap;

use holdfast_protocol::entity::entity_hash;
use holdfast_protocol::{EntityId, EntityWrite, Frame, PartTag};

/// An entity's parts, as the game encoded them.
pub type Parts = BTreeMap<PartTag, Vec<u8>>;

/// What is in one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    entities: BTreeMap<EntityId, Parts>,
}

impl Place {
    /// The entity's parts.
    #[must_use]
    pub fn get(&self, id: EntityId) -> Option<&Parts> {
        self.entities.get(&id)
    }

    /// One part of an entity.
    #[must_use]
    pub fn part(&self, id: EntityId, tag: PartTag) -> Option<&[u8]> {
        self.get(id)?.get(&tag).map(Vec::as_slice)
    }

    /// All that is here, in ascending order.
    pub fn entities(&self) -> impl Iterator<Item = (EntityId, &Parts)> {
        self.entities.iter().map(|(id, parts)| (*id, parts))
    }

    /// Who is here, in ascending order.
    pub fn ids(&self) -> impl Iterator<Item = EntityId> {
        self.entities.keys().copied()
    }

    /// Whether nothing is here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// The wrapping sum of the entities' hashes.
    #[must_use]
    pub fn hash(&self) -> u32 {
        self.entities.iter().fold(0, |sum, (id, parts)| {
            let parts = parts.iter().map(|(tag, body)| (*tag, body.as_slice()));
            sum.wrapping_add(entity_hash(*id, parts))
        })
    }

    pub(super) fn remove(&mut self, id: EntityId) {
        self.entities.remove(&id);
    }

    /// Drops whoever is not on the roster (in ascending order), and says who that was.
    pub(super) fn keep_only(&mut self, roster: &[EntityId]) -> Vec<EntityId> {
        let gone: Vec<_> = self.ids().filter(|id| roster.binary_search(id).is_err()).collect();
        for id in &gone {
            self.entities.remove(id);
        }
        gone
    }

    /// Replaces what arrives whole and updates what changed. Fails with the id of an entity that is said to have
    /// changed and is not here.
    pub(super) fn write(&mut self, write: &EntityWrite) -> Result<(), EntityId> {
        let parts = if write.whole {
            let parts = self.entities.entry(write.id).or_default();
            parts.clear();
            parts
        } else {
            self.entities.get_mut(&write.id).ok_or(write.id)?
        };
        parts.extend(write.parts.iter().map(|part| (part.tag, part.body.0.clone())));
        Ok(())
    }

    pub(super) fn differences(&self, should_be: &Self, name: &str) -> Vec<String> {
        let missing = should_be
            .entities()
            .filter(|(id, parts)| self.get(*id) != Some(*parts))
            .map(|(id, parts)| format!("{name}: entity {id} is {:?}, should be {parts:?}", self.get(id)));
        let extra = self
            .ids()
            .filter(|id| should_be.get(*id).is_none())
            .map(|id| format!("{name}: entity {id} should not be there"));
        missing.chain(extra).collect()
    }
}

/// About how much memory a frame's lists hold, in bytes: what the bound on waiting parts counts.
pub(super) fn size_bytes(frame: &Frame) -> usize {
    let entity = |write: &EntityWrite| {
        let bodies: usize = write.parts.iter().map(|part| part.body.0.len() + size_of::<Parts>()).sum();
        size_of::<EntityWrite>() + bodies
    };
    let written = frame.chunks.iter().flat_map(|chunk| &chunk.entities).chain(&frame.own.entities);
    let rosters = frame.rosters.iter().map(|roster| &roster.ids).chain(&frame.own.roster);
    size_of::<Frame>()
        + written.map(entity).sum::<usize>()
        + rosters.map(|ids| ids.len() * size_of::<EntityId>() + size_of::<Vec<EntityId>>()).sum::<usize>()
        + size_of_val(frame.lost.as_slice())
        + size_of_val(frame.hashes.as_slice())
        + size_of_val(frame.chunks.as_slice())
        + frame.replies.iter().map(|reply| reply.body.0.len()).sum::<usize>()
}
