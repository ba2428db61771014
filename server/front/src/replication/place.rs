//! Entities that are seen together by the same people, and when what of them changed.
//!
//! A chunk is a place, and so is what one character owns. Both are kept by this one piece of code, but wrapped in
//! types of their own ([`super::public_copy::PublicChunk`], [`super::public_copy::PrivateCopy`]), so that what is
//! private cannot be encoded where a chunk is wanted.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_protocol::entity::entity_hash;
use holdfast_protocol::{EntityId, EntityWrite, Part, PartTag, Tick};

/// One part of an entity, as the viewers of a place see it.
#[derive(Clone, Debug)]
pub(crate) struct TwinPart {
    pub(crate) tag: PartTag,
    pub(crate) body: Arc<[u8]>,
    /// The tick at which it got this value.
    pub(crate) changed: Tick,
}

/// An entity, as the viewers of a place see it.
#[derive(Clone, Debug)]
pub(crate) struct Twin {
    /// Clients that hold an older tick get it whole.
    pub(crate) entered: Tick,
    /// In ascending order of their tags.
    pub(crate) parts: Vec<TwinPart>,
    hash: u32,
}

impl Twin {
    pub(crate) fn new(id: EntityId, entered: Tick, parts: Vec<TwinPart>) -> Self {
        let hash = entity_hash(id, parts.iter().map(|part| (part.tag, &*part.body)));
        Self { entered, parts, hash }
    }

    fn to_write(&self, id: EntityId) -> EntityWrite {
        let part =
            |part: &TwinPart| Part { tag: part.tag, body: holdfast_protocol::Blob(part.body.to_vec()) };
        EntityWrite { id, whole: true, parts: self.parts.iter().map(part).collect() }
    }
}

/// Entities that are seen together. Holds nothing of those that are no longer there but the tick of the last leave,
/// so it is never larger than its part of the world.
#[derive(Debug)]
pub(crate) struct Place {
    entities: BTreeMap<EntityId, Twin>,
    left: Tick,
    newest: Tick,
    hash: u32,
}

/// What a client that holds an older tick of a place is missing.
pub(crate) struct Missing<'a> {
    /// Everything that is there, where something has left meanwhile.
    pub(crate) roster: Option<Vec<EntityId>>,
    /// Entities to be written, in ascending order of their ids.
    pub(crate) entities: Vec<MissingEntity<'a>>,
}

/// One entity of which a client is missing something.
pub(crate) struct MissingEntity<'a> {
    pub(crate) id: EntityId,
    pub(crate) whole: bool,
    pub(crate) parts: Vec<(PartTag, &'a [u8])>,
}

impl Place {
    /// An empty place. Clients that hold a tick before `left` may believe that something is there.
    pub(crate) fn new(left: Tick) -> Self {
        Self { entities: BTreeMap::new(), left, newest: left, hash: 0 }
    }

    /// The entity is there now, as `twin` says; whatever was known of it before is void.
    pub(crate) fn put(&mut self, id: EntityId, twin: Twin, tick: Tick) {
        self.newest = self.newest.max(tick);
        self.hash = self.hash.wrapping_add(twin.hash);
        if let Some(before) = self.entities.insert(id, twin) {
            self.hash = self.hash.wrapping_sub(before.hash);
        }
    }

    /// The entity is there no longer.
    pub(crate) fn remove(&mut self, id: EntityId, tick: Tick) {
        if let Some(before) = self.entities.remove(&id) {
            self.hash = self.hash.wrapping_sub(before.hash);
            self.left = self.left.max(tick);
            self.newest = self.newest.max(tick);
        }
    }

    /// What a client is missing that holds this place as it was at `from`; all of it where it holds nothing.
    pub(crate) fn missing(&self, from: Option<Tick>) -> Missing<'_> {
        let is_new = |tick: Tick| from.is_none_or(|from| tick > from);
        let roster = is_new(self.left).then(|| self.entities.keys().copied().collect());
        let mut entities = Vec::new();
        if from.is_none() || is_new(self.newest) {
            for (&id, twin) in &self.entities {
                let whole = is_new(twin.entered);
                let parts: Vec<_> = twin
                    .parts
                    .iter()
                    .filter(|part| whole || is_new(part.changed))
                    .map(|part| (part.tag, &*part.body))
                    .collect();
                if whole || !parts.is_empty() {
                    entities.push(MissingEntity { id, whole, parts });
                }
            }
        }
        Missing { roster, entities }
    }

    /// When the entity entered; none where it is not there.
    pub(crate) fn entered(&self, id: EntityId) -> Option<Tick> {
        self.entities.get(&id).map(|twin| twin.entered)
    }

    /// The tick of the last change: nobody who holds it, or a later one, is missing anything.
    pub(crate) fn newest(&self) -> Tick {
        self.newest
    }

    /// The wrapping sum of the hashes of all that is there.
    pub(crate) fn hash(&self) -> u32 {
        self.hash
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    pub(crate) fn ids(&self) -> Vec<EntityId> {
        self.entities.keys().copied().collect()
    }

    /// All that is there, written out.
    pub(crate) fn to_writes(&self) -> Vec<EntityWrite> {
        self.entities.iter().map(|(&id, twin)| twin.to_write(id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twin(id: u64, entered: u64, changed: u64) -> Twin {
        let part = |tag| TwinPart { tag: PartTag(tag), body: Arc::from([1]), changed: Tick(changed) };
        Twin::new(EntityId(id), Tick(entered), vec![part(1), part(2)])
    }

    #[test]
    fn only_what_is_newer_is_missing() {
        let mut place = Place::new(Tick(0));
        place.put(EntityId(2), twin(2, 5, 5), Tick(5));
        place.put(EntityId(4), twin(4, 2, 7), Tick(7));
        let missing = |from| {
            let missing = place.missing(Some(Tick(from)));
            assert!(missing.roster.is_none(), "nothing has left");
            missing.entities.iter().map(|entity| (entity.id.0, entity.whole)).collect::<Vec<_>>()
        };
        assert_eq!(missing(4), [(2, true), (4, false)]);
        assert_eq!(missing(5), [(4, false)]);
        assert_eq!(missing(7), []);
    }

    #[test]
    fn a_leave_shows_as_a_roster_to_those_who_were_there_before() {
        let mut place = Place::new(Tick(0));
        place.put(EntityId(2), twin(2, 5, 5), Tick(5));
        place.put(EntityId(4), twin(4, 5, 5), Tick(5));
        place.remove(EntityId(2), Tick(8));
        assert_eq!(place.missing(Some(Tick(7))).roster, Some(vec![EntityId(4)]));
        assert_eq!(place.missing(Some(Tick(8))).roster, None);
        assert_eq!(place.newest(), Tick(8));
    }

    #[test]
    fn the_running_hash_is_the_sum_over_what_is_there() {
        let mut place = Place::new(Tick(0));
        place.put(EntityId(2), twin(2, 5, 5), Tick(5));
        let alone = place.hash();
        place.put(EntityId(4), twin(4, 5, 5), Tick(5));
        assert_ne!(place.hash(), alone);
        place.put(EntityId(4), twin(4, 6, 6), Tick(6));
        place.remove(EntityId(4), Tick(7));
        assert_eq!(place.hash(), alone);
    }
}
