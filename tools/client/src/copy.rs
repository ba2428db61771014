//! What a client holds of the world: its copy of the view, kept current by the server's frames.
//!
//! Where it stands in the data path: the socket hands a decoded [`Frame`] to [`WorldCopy::receive`]; what comes back is
//! the sync token that the copy now stands at, or the [`Divergence`] that makes it void until a snapshot comes. The
//! invariant: after every adopted token the copy equals a fresh snapshot of its view at that tick.

mod divergence;
mod place;

use std::collections::BTreeMap;

use holdfast_protocol::{
    ChunkId, EntityId, Epoch, EpochTag, Frame, Roster, SyncToken, TokenPoint, TokenStamp, Welcome, WorldId,
};

pub use divergence::Divergence;
pub use place::{Parts, Place};

/// How many bytes of parts may wait for the one that carries the token. A view is a few hundred KiB at most; a
/// server that sends more is not one whose frames can be applied, and the copy diverges ([`Divergence::TooLarge`]).
pub const PENDING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The ownership under which a connection's tokens are given: Welcome's share of a [`SyncToken`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ownership {
    world: WorldId,
    epoch: Epoch,
    tag: EpochTag,
}

/// A client's copy of what it may see.
#[derive(Clone, Debug, Default)]
pub struct WorldCopy {
    ownership: Option<Ownership>,
    held: Option<SyncToken>,
    /// What the frame built upon that led to `held`.
    base: Option<TokenPoint>,
    /// How many of the server's hashes were found right.
    compared_count: u64,
    chunks: BTreeMap<ChunkId, Place>,
    /// In which chunk each entity is; agrees with `chunks` at all times.
    chunk_of: BTreeMap<EntityId, ChunkId>,
    own: Place,
    /// What the last applied frame wrote or took away, in no order and perhaps more than once.
    touched: Vec<EntityId>,
    pending: Vec<Frame>,
    pending_bytes: usize,
}

impl WorldCopy {
    /// An empty copy, of no world yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A connection begins: its tokens are given under `welcome`'s ownership. What is held stays (the first frame
    /// builds upon it, or replaces it); parts that the last connection did not complete are dropped.
    pub fn welcome(&mut self, welcome: &Welcome) {
        self.ownership = Some(Ownership { world: welcome.world, epoch: welcome.epoch, tag: welcome.tag });
        self.drop_pending();
    }

    /// What Hello shows the server; none where the copy is void.
    #[must_use]
    pub fn held(&self) -> Option<SyncToken> {
        self.held
    }

    /// The point that the last applied frame built upon; none where that was a snapshot.
    #[must_use]
    pub fn base(&self) -> Option<TokenPoint> {
        self.base
    }

    /// How many of the server's hashes this copy was compared with so far, and found to equal.
    #[must_use]
    pub fn compared_count(&self) -> u64 {
        self.compared_count
    }

    /// Makes the copy void: nothing builds upon it any more, and only a snapshot brings it back.
    pub fn forget(&mut self) {
        self.held = None;
        self.drop_pending();
    }

    /// Takes in one part of a frame. A part without a token waits; one with a token is applied together with all that
    /// waited, and the token is adopted and returned. All parts of one frame name the same `from`.
    ///
    /// # Errors
    /// Where the frame does not build upon what is held, or the result is not what the server says it must be. The
    /// copy is then void ([`Self::forget`]).
    pub fn receive(&mut self, part: Frame) -> Result<Option<SyncToken>, Divergence> {
        let taken = self.take(part);
        if taken.is_err() {
            self.forget();
        }
        taken
    }

    fn take(&mut self, part: Frame) -> Result<Option<SyncToken>, Divergence> {
        self.check_base(part.from)?;
        self.pending_bytes += place::size_bytes(&part);
        if self.pending_bytes > PENDING_BYTES_MAX {
            return Err(Divergence::TooLarge);
        }
        let stamp = part.token;
        self.pending.push(part);
        let Some(stamp) = stamp else { return Ok(None) };
        let parts = std::mem::take(&mut self.pending);
        self.drop_pending();
        self.adopt(&parts, stamp).map(Some)
    }

    fn check_base(&self, from: Option<TokenPoint>) -> Result<(), Divergence> {
        if let Some(first) = self.pending.first()
            && first.from != from
        {
            return Err(Divergence::MixedParts);
        }
        let held = self.held.map(|token| token.point());
        if from.is_some() && from != held { Err(Divergence::OtherBase { held, from }) } else { Ok(()) }
    }

    /// All that left first, then all that entered and changed, then the token.
    fn adopt(&mut self, parts: &[Frame], stamp: TokenStamp) -> Result<SyncToken, Divergence> {
        let ownership = self.ownership.ok_or(Divergence::NotWelcomed)?;
        self.touched.clear();
        if parts.iter().all(|part| part.from.is_none()) {
            self.touched.extend(self.chunk_of.keys());
            self.chunks.clear();
            self.chunk_of.clear();
            self.own = Place::default();
        }
        self.leave(parts);
        self.enter(parts)?;
        self.chunks.retain(|_, place| !place.is_empty());
        self.check(parts)?;
        self.base = parts.iter().find_map(|part| part.from);
        self.compared_count += parts.iter().map(|part| part.hashes.len() as u64).sum::<u64>();
        let token = SyncToken {
            world: ownership.world,
            epoch: ownership.epoch,
            tag: ownership.tag,
            tick: stamp.tick,
            center: stamp.center,
        };
        self.held = Some(token);
        Ok(token)
    }

    fn leave(&mut self, parts: &[Frame]) {
        for part in parts {
            for lost in &part.lost {
                for id in self.chunks.remove(lost).unwrap_or_default().ids() {
                    self.touched.push(id);
                    self.chunk_of.remove(&id);
                }
            }
            for Roster { chunk, ids } in &part.rosters {
                let Some(place) = self.chunks.get_mut(chunk) else { continue };
                for id in place.keep_only(ids) {
                    self.touched.push(id);
                    self.chunk_of.remove(&id);
                }
            }
            if let Some(ids) = &part.own.roster {
                self.own.keep_only(ids);
            }
        }
    }

    fn enter(&mut self, parts: &[Frame]) -> Result<(), Divergence> {
        for part in parts {
            for write in &part.chunks {
                for entity in &write.entities {
                    self.touched.push(entity.id);
                    if entity.whole {
                        self.move_to(entity.id, write.chunk);
                    }
                    let place = self.chunks.entry(write.chunk).or_default();
                    place
                        .write(entity)
                        .map_err(|id| Divergence::UnknownEntity { chunk: Some(write.chunk), id })?;
                }
            }
            for entity in &part.own.entities {
                self.own.write(entity).map_err(|id| Divergence::UnknownEntity { chunk: None, id })?;
            }
        }
        Ok(())
    }

    /// An entity is in one chunk at a time: whoever arrives whole leaves wherever it was.
    fn move_to(&mut self, id: EntityId, chunk: ChunkId) {
        let before = self.chunk_of.insert(id, chunk);
        if let Some(before) = before.filter(|before| *before != chunk)
            && let Some(place) = self.chunks.get_mut(&before)
        {
            place.remove(id);
        }
    }

    fn check(&self, parts: &[Frame]) -> Result<(), Divergence> {
        for part in parts {
            for Roster { chunk, ids } in &part.rosters {
                let empty = Place::default();
                if !self.chunks.get(chunk).unwrap_or(&empty).ids().eq(ids.iter().copied()) {
                    return Err(Divergence::Membership { chunk: Some(*chunk) });
                }
            }
            if let Some(ids) = &part.own.roster
                && !self.own.ids().eq(ids.iter().copied())
            {
                return Err(Divergence::Membership { chunk: None });
            }
            for expected in &part.hashes {
                let found = self.chunk_hash(expected.chunk);
                if found != expected.hash {
                    return Err(Divergence::Hash { chunk: expected.chunk, expected: expected.hash, found });
                }
            }
        }
        Ok(())
    }

    fn drop_pending(&mut self) {
        self.pending.clear();
        self.pending_bytes = 0;
    }

    /// What the copy's chunk hashes to; an empty or unknown chunk hashes to zero.
    #[must_use]
    pub fn chunk_hash(&self, chunk: ChunkId) -> u32 {
        self.chunks.get(&chunk).map_or(0, Place::hash)
    }

    /// The chunks in which there is anything, in ascending order.
    pub fn chunks(&self) -> impl Iterator<Item = (ChunkId, &Place)> {
        self.chunks.iter().map(|(id, place)| (*id, place))
    }

    /// The entity's parts as everybody in whose view it is sees them, and its chunk.
    #[must_use]
    pub fn entity(&self, id: EntityId) -> Option<(ChunkId, &Parts)> {
        let chunk = *self.chunk_of.get(&id)?;
        Some((chunk, self.chunks.get(&chunk)?.get(id)?))
    }

    /// The entities of the view that the last applied frame wrote or took away, in no order and perhaps more than once: all
    /// that whoever looks after each frame must look at.
    #[must_use]
    pub fn touched(&self) -> &[EntityId] {
        &self.touched
    }

    /// What is the client's alone: its character's private parts, and what it carries.
    #[must_use]
    pub fn own(&self) -> &Place {
        &self.own
    }

    /// How many entities are in the view.
    #[must_use]
    pub fn entity_count(&self) -> usize {
        self.chunk_of.len()
    }

    /// Whether both copies hold the same, whatever their tokens say.
    #[must_use]
    pub fn snapshot_eq(&self, other: &Self) -> bool {
        self.chunks == other.chunks && self.own == other.own
    }

    /// In what this copy differs from the one that it should equal, one line for each entity: for messages of tests.
    #[must_use]
    pub fn differences(&self, should_be: &Self) -> Vec<String> {
        let mut lines = self.own.differences(&should_be.own, "own");
        let mut chunks: Vec<_> = self.chunks.keys().chain(should_be.chunks.keys()).copied().collect();
        chunks.sort_unstable();
        chunks.dedup();
        let empty = Place::default();
        for chunk in chunks {
            let mine = self.chunks.get(&chunk).unwrap_or(&empty);
            let theirs = should_be.chunks.get(&chunk).unwrap_or(&empty);
            lines.extend(mine.differences(theirs, &format!("chunk {chunk}")));
        }
        lines
    }
}

#[cfg(test)]
mod tests;
