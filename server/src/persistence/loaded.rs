//! What a world, or a character, is made of when it comes back from the store.

use holdfast_front::EpochEnd;
use holdfast_protocol::{EntityId, Epoch, EpochTag, Seq, SessionEpoch, Tick, WorldId};

use super::rows::{CharacterProfile, ComponentRow};

/// A world whose ownership was just taken: the ownership is committed, and everything here was read after that.
#[derive(Clone, Debug)]
pub struct LoadedWorld {
    /// The world.
    pub world: WorldId,
    /// The new ownership.
    pub epoch: Epoch,
    /// Its tag.
    pub tag: EpochTag,
    /// The tick at which it begins, one past the end of the ownership before: already durable, as it was committed
    /// when the ownership was taken. The load counts as what this tick caused.
    pub tick: Tick,
    /// Where each earlier ownership ended, in ascending order.
    pub history: Vec<EpochEnd>,
    /// The first entity id that no earlier ownership can have handed out. Even.
    pub next_id: u64,
    /// The key with which resume tokens are signed.
    pub resume_key: [u8; 32],
    /// Whether the world holds nothing at all, so that the game makes its first things: nobody has owned it before, or
    /// an owner ended before those things were durable.
    pub is_new: bool,
    /// Everything that belongs to the world itself, in ascending order.
    pub entities: Vec<LoadedEntity>,
}

/// One entity, as the store has it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedEntity {
    /// Its id.
    pub id: EntityId,
    /// What it is, in the game's numbering.
    pub kind: u16,
    /// The character whose load brings it.
    pub home: Option<EntityId>,
    /// The tick at which it entered its chunk.
    pub entered: Tick,
    /// Its components: the table, by its place in the game's registry, and the row.
    pub components: Vec<(usize, ComponentRow)>,
}

/// What a load of a character found.
#[derive(Clone, Debug, PartialEq)]
pub enum CharacterLoad {
    /// The character is there, and is the account's.
    Found(Box<LoadedCharacter>),
    /// There is no such character, or it is somebody else's: nobody is told which.
    NoSuchCharacter,
    /// The store could not say; ask again.
    Failed,
}

/// A character, as the store has it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedCharacter {
    /// What never changes.
    pub profile: CharacterProfile,
    /// The last action decided; zero for one that has never played.
    pub last_seq: Seq,
    /// The latest attachment; zero for one that has never played.
    pub session_epoch: SessionEpoch,
    /// The verdict ring at rest; none for one that has never played.
    pub ring: Option<Vec<u8>>,
    /// Its own entity (none for one that has never played) and all that it carries, in ascending order.
    pub entities: Vec<LoadedEntity>,
}
