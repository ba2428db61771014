//! The names of worlds, entities and chunks, and the count that tells one attachment of a character from the next.

use core::fmt;

use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// A world's durable number: the key under which all of its rows stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Schema)]
pub struct WorldId(pub u64);

/// A durable entity's number, never used twice in a world's life.
///
/// Odd numbers name characters (the database counts them, since a character is made outside of any tick); even
/// numbers name everything else (the world hands them out from blocks that it has reserved durably). Zero names
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Schema)]
pub struct EntityId(pub u64);

impl EntityId {
    /// Whether this names a character.
    #[must_use]
    pub const fn is_character(self) -> bool {
        self.0 % 2 == 1
    }
}

/// The unit of interest. What a chunk stands for is the game's business: 16 × 16 tiles in the village, a group of
/// accounts in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Schema)]
pub struct ChunkId(pub u64);

/// Counts the attachments of a character, durably: frames of a socket with an older one are void.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Schema,
)]
pub struct SessionEpoch(pub u64);

macro_rules! display_number {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )*};
}
display_number!(WorldId, EntityId, ChunkId, SessionEpoch);
