//! Encodes each chunk once for all who miss the same of it.
//!
//! Nearly all clients hold the same tick, so for nearly all of them a chunk's news are the same bytes. They are
//! remembered per (chunk, tick held) for as long as the public copy stands still. What is somebody's own has one
//! viewer and is encoded for that one, from a type of its own.

use std::collections::BTreeMap;

use bytes::Bytes;
use holdfast_protocol::codec::write_varint;
use holdfast_protocol::entity::write_entity;
use holdfast_protocol::{ChunkId, EntityId, Roster, Tick, encode};

use super::place::MissingEntity;
use super::public_copy::{PrivateCopy, PublicCopy};

/// A chunk's entities are written in pieces of about this many bytes, so that a crowded chunk can be spread over
/// several parts of a frame. One entity is never torn.
const CHUNK_PIECE_BYTES: usize = 16 * 1024;

/// A chunk's news, as they stand in a frame.
#[derive(Debug, Default)]
pub(crate) struct ChunkBytes {
    /// The encoded [`Roster`], where something has left.
    pub(crate) roster: Option<Bytes>,
    /// Encoded `ChunkWrite`s, in order; more than one only for a crowded chunk.
    pub(crate) writes: Vec<Bytes>,
}

/// Remembers the encoded news of chunks. Holds at most one entry per chunk in somebody's view and tick that somebody
/// holds, and is emptied whenever the public copy changes.
#[derive(Debug, Default)]
pub(crate) struct ChunkEncoder {
    remembered: BTreeMap<(ChunkId, Option<Tick>), ChunkBytes>,
    nothing: ChunkBytes,
    encoded_count: u64,
}

impl ChunkEncoder {
    /// What somebody is missing of a chunk who holds it as it was at `from`.
    pub(crate) fn chunk(&mut self, copy: &PublicCopy, chunk: ChunkId, from: Option<Tick>) -> &ChunkBytes {
        if from.is_some_and(|from| copy.newest(chunk) <= from) {
            return &self.nothing;
        }
        let encoded_count = &mut self.encoded_count;
        self.remembered.entry((chunk, from)).or_insert_with(|| {
            *encoded_count += 1;
            encode_chunk(copy, chunk, from)
        })
    }

    /// The public copy has changed: nothing that is remembered holds any longer.
    pub(crate) fn forget(&mut self) {
        self.remembered.clear();
    }

    /// How many times a chunk has been encoded.
    pub(crate) fn encoded_count(&self) -> u64 {
        self.encoded_count
    }
}

fn encode_chunk(copy: &PublicCopy, chunk: ChunkId, from: Option<Tick>) -> ChunkBytes {
    let missing = copy.chunk(chunk).missing(from);
    let roster = missing.roster.map(|ids| Bytes::from(encode(&Roster { chunk, ids })));
    let mut writes = Vec::new();
    let mut piece = Vec::new();
    let mut piece_count = 0_u64;
    for entity in &missing.entities {
        write_missing(entity, &mut piece);
        piece_count += 1;
        if piece.len() >= CHUNK_PIECE_BYTES {
            writes.push(chunk_write(chunk, piece_count, &piece));
            piece.clear();
            piece_count = 0;
        }
    }
    if piece_count > 0 {
        writes.push(chunk_write(chunk, piece_count, &piece));
    }
    ChunkBytes { roster, writes }
}

/// The bytes of a `ChunkWrite` whose entities are written already.
fn chunk_write(chunk: ChunkId, entity_count: u64, entities: &[u8]) -> Bytes {
    let mut bytes = Vec::with_capacity(entities.len() + 16);
    write_varint(chunk.0, &mut bytes);
    write_varint(entity_count, &mut bytes);
    bytes.extend_from_slice(entities);
    bytes.into()
}

fn write_missing(entity: &MissingEntity<'_>, out: &mut Vec<u8>) {
    write_entity(entity.id, entity.whole, entity.parts.iter().copied(), out);
}

/// The news of what is somebody's own, for that one's frames alone.
#[derive(Debug, Default)]
pub(crate) struct OwnBytes {
    /// The encoded ids of all that is owned, where something has left.
    pub(crate) roster: Option<Vec<u8>>,
    /// Encoded entities.
    pub(crate) entities: Vec<Vec<u8>>,
}

/// What a player is missing of what is its character's own. A character that is not in the world owns nothing.
pub(crate) fn encode_own(private: Option<&PrivateCopy>, from: Option<Tick>) -> OwnBytes {
    let Some(private) = private else {
        return OwnBytes { roster: Some(encode(&Vec::<EntityId>::new())), entities: Vec::new() };
    };
    let missing = private.missing(from);
    let written = |entity: &MissingEntity<'_>| {
        let mut bytes = Vec::new();
        write_missing(entity, &mut bytes);
        bytes
    };
    OwnBytes {
        roster: missing.roster.map(|ids| encode(&ids)),
        entities: missing.entities.iter().map(written).collect(),
    }
}
