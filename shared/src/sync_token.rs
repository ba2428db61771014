//! The durable point that a client has applied.
//!
//! A token names a committed tick, so it outlives connections and server restarts alike: whoever owns the world
//! later can tell what has changed since. It proves nothing about its bearer and needs no signature: a token that is
//! made up only makes the client's own copy wrong.

use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::{ChunkId, Epoch, EpochTag, Tick, WorldId};

/// What a client holds, in full: sent with Hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Schema)]
pub struct SyncToken {
    /// The world that the copy is of.
    pub world: WorldId,
    /// The ownership under which the tick was committed.
    pub epoch: Epoch,
    /// That ownership's random tag.
    pub tag: EpochTag,
    /// Everything up to this tick is in the copy.
    pub tick: Tick,
    /// The view that the copy covers, by its centre.
    pub center: ChunkId,
}

impl SyncToken {
    /// The token's point in the world's history, without the view.
    #[must_use]
    pub fn point(&self) -> TokenPoint {
        TokenPoint { epoch: self.epoch, tick: self.tick }
    }
}

/// The part of a token that changes from frame to frame; world, epoch and tag are Welcome's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Schema)]
pub struct TokenStamp {
    /// Everything up to this tick is in the copy.
    pub tick: Tick,
    /// The view that the copy covers, by its centre.
    pub center: ChunkId,
}

/// A point in a world's history, in the order in which it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Schema)]
pub struct TokenPoint {
    /// The ownership.
    pub epoch: Epoch,
    /// The tick within it.
    pub tick: Tick,
}
