//! Why a copy is no longer what the server thinks it is.

use holdfast_protocol::{ChunkId, EntityId, TokenPoint};

/// Why a frame could not be applied, or did not lead where it should have. The copy is void, and a snapshot heals it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Divergence {
    /// The frame builds upon another point than the one that is held.
    #[error("the frame builds upon {from:?}, and the copy stands at {held:?}")]
    OtherBase {
        /// Where the copy stands; none where it is void.
        held: Option<TokenPoint>,
        /// What the frame builds upon.
        from: Option<TokenPoint>,
    },
    /// A part builds upon another point than the parts before it.
    #[error("the parts of one frame build upon different points")]
    MixedParts,
    /// More waits for its token than any view holds.
    #[error("a frame's parts are larger than any view")]
    TooLarge,
    /// A frame came before Welcome.
    #[error("a frame came before the welcome")]
    NotWelcomed,
    /// An entity is said to have changed that is not where it changed.
    #[error("entity {id} changed and is not there (chunk {chunk:?})")]
    UnknownEntity {
        /// The chunk; none for what is the client's own.
        chunk: Option<ChunkId>,
        /// The entity.
        id: EntityId,
    },
    /// What is in a chunk is not what its roster lists.
    #[error("what is in chunk {chunk:?} is not what its roster lists")]
    Membership {
        /// The chunk; none for what is the client's own.
        chunk: Option<ChunkId>,
    },
    /// A chunk hashes to something else than it does at the server.
    #[error("chunk {chunk} hashes to {found:08x} and must to {expected:08x}")]
    Hash {
        /// The chunk.
        chunk: ChunkId,
        /// What the server says.
        expected: u32,
        /// What the copy says.
        found: u32,
    },
}

impl Divergence {
    /// Whether asking for a snapshot on the same connection heals this. Where it does not, the stream itself is not
    /// one that can be followed, and only a new connection helps.
    #[must_use]
    pub fn heals_by_snapshot(&self) -> bool {
        !matches!(self, Self::MixedParts | Self::TooLarge | Self::NotWelcomed)
    }
}
