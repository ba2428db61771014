//! The public copy: the committed world, as far as anybody may see it.
//!
//! It is made from committed ticks alone, and everything that anybody is shown is read from it. Its memory is bounded
//! by the world: it remembers nothing of what has gone, but per chunk the tick of the last leave.

use std::collections::BTreeMap;

use holdfast_protocol::{ChunkHash, ChunkId, ChunkWrite, EntityId, EntityWrite, Tick};

use super::known::Known;
use super::place::{Missing, Place};
use crate::changes::{Audience, EntityChange, Fate, TickChanges};
use crate::gate::Committed;

/// What lies in one chunk, for everybody in whose view it is.
#[derive(Debug)]
pub(crate) struct PublicChunk(Place);

/// What one character owns, for nobody but its player.
#[derive(Debug)]
pub(crate) struct PrivateCopy(Place);

impl PublicChunk {
    pub(crate) fn missing(&self, from: Option<Tick>) -> Missing<'_> {
        self.0.missing(from)
    }
}

impl PrivateCopy {
    pub(crate) fn missing(&self, from: Option<Tick>) -> Missing<'_> {
        self.0.missing(from)
    }
}

/// The committed world.
#[derive(Debug)]
pub(crate) struct PublicCopy {
    start: Tick,
    tick: Tick,
    chunks: BTreeMap<ChunkId, PublicChunk>,
    private: BTreeMap<EntityId, PrivateCopy>,
    known: BTreeMap<EntityId, Known>,
    /// What an untouched chunk looks like: empty since the start.
    untouched: PublicChunk,
}

impl PublicCopy {
    /// An empty copy of a world that begins at `start`, whose load is still to come.
    pub(crate) fn new(start: Tick) -> Self {
        Self {
            start,
            tick: start,
            chunks: BTreeMap::new(),
            private: BTreeMap::new(),
            known: BTreeMap::new(),
            untouched: PublicChunk(Place::new(start)),
        }
    }

    /// Takes over what a committed tick changed.
    pub(crate) fn apply(&mut self, changes: &Committed<TickChanges>) {
        self.tick = self.tick.max(changes.tick);
        for change in &changes.entities {
            match change.fate {
                Fate::Gone => self.forget(change.id, changes.tick),
                Fate::Here { chunk, home, entered } => {
                    self.update(change, chunk, home, entered, changes.tick);
                }
            }
        }
        for gone in &changes.gone {
            self.forget_bag(gone.character, changes.tick);
        }
    }

    /// The newest tick in the copy.
    pub(crate) fn tick(&self) -> Tick {
        self.tick
    }

    /// What lies in a chunk. Every chunk exists: one that nothing ever entered is empty since the start, and clients
    /// that hold an older tick (of an earlier ownership) may believe otherwise.
    pub(crate) fn chunk(&self, chunk: ChunkId) -> &PublicChunk {
        self.chunks.get(&chunk).unwrap_or(&self.untouched)
    }

    /// What a character owns; none where it is not in the world.
    pub(crate) fn private(&self, character: EntityId) -> Option<&PrivateCopy> {
        self.private.get(&character)
    }

    /// The tick of a chunk's last change.
    pub(crate) fn newest(&self, chunk: ChunkId) -> Tick {
        self.chunk(chunk).0.newest()
    }

    /// The tick of the last change in what a character owns. Where the character is not in the world, there is nothing
    /// that could change.
    pub(crate) fn newest_private(&self, character: EntityId) -> Tick {
        self.private.get(&character).map_or(self.start, |private| private.0.newest())
    }

    /// What a client's copy of the chunk must hash to.
    pub(crate) fn hash(&self, chunk: ChunkId) -> ChunkHash {
        ChunkHash { chunk, hash: self.chunk(chunk).0.hash() }
    }

    /// A chunk's content, written out whole.
    pub(crate) fn to_write(&self, chunk: ChunkId) -> ChunkWrite {
        ChunkWrite { chunk, entities: self.chunk(chunk).0.to_writes() }
    }

    /// What a character owns, written out whole.
    pub(crate) fn to_own_writes(&self, character: EntityId) -> Vec<EntityWrite> {
        self.private.get(&character).map_or_else(Vec::new, |private| private.0.to_writes())
    }

    fn update(
        &mut self,
        change: &EntityChange,
        chunk: Option<ChunkId>,
        home: Option<EntityId>,
        entered: Tick,
        tick: Tick,
    ) {
        let id = change.id;
        // The load alone tells of things that clients may have seen before it; there, entities and parts keep the
        // ticks of their own. Whatever else appears is new to everybody from this tick on, whatever it says of itself.
        let is_load = tick == self.start;
        let known = self.known.entry(id).or_default();
        let (from_chunk, from_home) = (known.chunk, known.home);
        let (view, own) = known.take_parts(&change.parts, if is_load { None } else { Some(tick) });
        known.chunk = chunk;
        known.home = home;

        if from_chunk != chunk
            && let Some(place) = from_chunk.and_then(|from| self.chunks.get_mut(&from))
        {
            place.0.remove(id, tick);
        }
        if let Some(chunk) = chunk {
            let start = self.start;
            let place = &mut self.chunks.entry(chunk).or_insert_with(|| PublicChunk(Place::new(start))).0;
            let before = place.entered(id);
            let entered = match before {
                _ if view.lost => tick,
                None if is_load => entered,
                None => tick,
                Some(before) => before.max(entered),
            };
            if view.changed || before != Some(entered) {
                place.put(id, known.twin(id, entered, |audience| audience == Audience::View), tick);
            }
        }

        if from_home != home {
            self.take_from_home(id, from_home, tick);
        }
        if let Some(home) = home {
            let place = &mut self.private.entry(home).or_insert_with(|| PrivateCopy(Place::new(tick))).0;
            let known = &self.known[&id];
            // What lies in no chunk is seen by its home's player alone, whole.
            let carried = chunk.is_none();
            let moved = carried != from_chunk.is_none();
            let before = place.entered(id);
            let lost = own.lost || (carried && view.lost);
            let entered = before.filter(|_| !moved && !lost).unwrap_or(tick);
            if own.changed || (carried && view.changed) || before != Some(entered) {
                let shown = |audience| carried || audience == Audience::Owner;
                place.put(id, known.twin(id, entered, shown), tick);
            }
        }
    }

    fn forget(&mut self, id: EntityId, tick: Tick) {
        let Some(known) = self.known.remove(&id) else { return };
        if let Some(place) = known.chunk.and_then(|chunk| self.chunks.get_mut(&chunk)) {
            place.0.remove(id, tick);
        }
        self.take_from_home(id, known.home, tick);
    }

    /// A character has left the world, and what it carries with it. What it owns and lies about stays.
    fn forget_bag(&mut self, character: EntityId, tick: Tick) {
        let Some(private) = self.private.get(&character) else { return };
        for id in private.0.ids() {
            if self.known.get(&id).is_some_and(|known| known.chunk.is_none()) {
                self.forget(id, tick);
            }
        }
    }

    fn take_from_home(&mut self, id: EntityId, home: Option<EntityId>, tick: Tick) {
        let Some(home) = home else { return };
        if let Some(private) = self.private.get_mut(&home) {
            private.0.remove(id, tick);
            // The next thing that this character owns makes the place anew, with a roster for everybody.
            if private.0.is_empty() {
                self.private.remove(&home);
            }
        }
    }
}
