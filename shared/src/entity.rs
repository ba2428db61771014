//! How an entity is written on the wire, and the hash by which a client notices that its copy went wrong.
//!
//! An entity is its id and its parts: each a tag and bytes that only the game can read. It is written *whole* when it
//! enters a chunk (what the client had of it is replaced) and in part when it changed.

use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::codec::write_varint;
use crate::{Blob, ChunkId, EntityId};

/// Which part of an entity: the game's stable number for it. Parts of one entity are written in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Schema)]
pub struct PartTag(pub u16);

/// One part, as the game encoded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Part {
    /// Which part.
    pub tag: PartTag,
    /// Its value, in the game's encoding.
    pub body: Blob,
}

/// An entity that entered or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct EntityWrite {
    /// Which entity.
    pub id: EntityId,
    /// True where these are all of its parts, and whatever else the client has of it is void.
    pub whole: bool,
    /// The parts, in the order of their tags.
    pub parts: Vec<Part>,
}

/// Everything that is in a chunk. Sent where something has left it: the client drops what it has there and does not
/// find here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Roster {
    /// The chunk.
    pub chunk: ChunkId,
    /// Whose entities these are, in ascending order.
    pub ids: Vec<EntityId>,
}

/// What entered or changed in one chunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct ChunkWrite {
    /// The chunk.
    pub chunk: ChunkId,
    /// Its entities, in ascending order of their ids.
    pub entities: Vec<EntityWrite>,
}

/// What changed in the part of the world that is the client's alone: its character's private parts and what it
/// carries. A chunk in all but name, with one viewer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct OwnWrite {
    /// Everything that the client owns, where something has left.
    pub roster: Option<Vec<EntityId>>,
    /// What entered or changed.
    pub entities: Vec<EntityWrite>,
}

/// What a chunk's content must hash to in the client's copy once this frame is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct ChunkHash {
    /// The chunk.
    pub chunk: ChunkId,
    /// The wrapping sum of the hashes ([`entity_hash`]) of all that is in it.
    pub hash: u32,
}

/// Appends an [`EntityWrite`] as the codec would write it, without building one.
pub fn write_entity<'a>(
    id: EntityId,
    whole: bool,
    parts: impl ExactSizeIterator<Item = (PartTag, &'a [u8])>,
    out: &mut Vec<u8>,
) {
    write_varint(id.0, out);
    out.push(u8::from(whole));
    write_varint(parts.len() as u64, out);
    for (tag, body) in parts {
        write_varint(u64::from(tag.0), out);
        write_varint(body.len() as u64, out);
        out.extend_from_slice(body);
    }
}

/// The CRC-32 of an entity's whole encoding. A chunk's hash is the wrapping sum of its entities', so that one
/// entity's change costs one entity's hashing.
pub fn entity_hash<'a>(id: EntityId, parts: impl ExactSizeIterator<Item = (PartTag, &'a [u8])>) -> u32 {
    let mut bytes = Vec::with_capacity(64);
    write_entity(id, true, parts, &mut bytes);
    crc32fast::hash(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_by_hand_is_written_by_the_codec() {
        let write = EntityWrite {
            id: EntityId(70_000),
            whole: true,
            parts: vec![
                Part { tag: PartTag(3), body: Blob(vec![1, 2, 3]) },
                Part { tag: PartTag(300), body: Blob(vec![]) },
            ],
        };
        let mut by_hand = Vec::new();
        let parts = write.parts.iter().map(|part| (part.tag, part.body.0.as_slice()));
        write_entity(write.id, write.whole, parts, &mut by_hand);
        assert_eq!(by_hand, crate::encode(&write));
    }
}
