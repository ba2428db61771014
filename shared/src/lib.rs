//! What both ends of a Holdfast world's wire agree on: ids, ticks, the envelope, verdicts, sync tokens, the one
//! registry of error codes, and the codec that all of them share.
//!
//! The crate does no input or output, knows no ECS and no game: a game's actions and parts travel as [`Blob`]s whose
//! meaning the game and its client share. Read the modules in this order:
//!
//! 1. [`id`], [`tick`], [`action_name`]: the names of things.
//! 2. [`codec`]: bytes to values and back, nothing left over.
//! 3. [`error`]: every reason to refuse, with category, retryability and a sentence.
//! 4. [`verdict`]: the durable answer to one action.
//! 5. [`entity`]: how an entity is written, and the hash by which a client notices that its copy went wrong.
//! 6. [`sync_token`]: the durable point that a client holds.
//! 7. [`envelope`]: the messages themselves.
//! 8. [`build`]: the build id, by which client and server recognise each other, or do not.

pub mod action_name;
pub mod build;
mod close_code;
pub mod codec;
pub mod entity;
pub mod envelope;
pub mod error;
pub mod id;
pub mod sync_token;
pub mod tick;
pub mod verdict;

pub use action_name::{ActionName, Nonce, Seq};
pub use build::BuildId;
pub use codec::{Blob, DecodeError, decode, encode};
pub use entity::{ChunkHash, ChunkWrite, EntityWrite, OwnWrite, Part, PartTag, Roster};
pub use envelope::{
    Act, Applied, ClientMessage, Frame, Hello, Paused, Resync, ResyncKind, ServerMessage, Welcome,
};
pub use error::{Category, Code, CodeEntry, ErrorBody};
pub use id::{ChunkId, EntityId, SessionEpoch, WorldId};
pub use sync_token::{SyncToken, TokenPoint, TokenStamp};
pub use tick::{Epoch, EpochTag, Tick};
pub use verdict::{Refusal, Reply, Verdict};

/// The largest frame that a client may send once it is known, in bytes.
pub const CLIENT_FRAME_BYTES_MAX: usize = 16 * 1024;

/// The largest first frame (Hello), in bytes: nobody is known yet, so nobody is given more.
pub const HELLO_FRAME_BYTES_MAX: usize = 8 * 1024;

/// The largest message that a server sends, in bytes; a client may take whoever sends a larger one for something else.
/// A state comes in parts of 64 KiB, and a part is larger only where a single thing in it is: the list of all that is in
/// a chunk, a reply, an entity.
pub const SERVER_MESSAGE_BYTES_MAX: usize = 256 * 1024;

/// How many addresses a world's servers may be reached at. A client that is told of more may leave out the rest.
pub const ADDRESSES_MAX: usize = 8;

/// How long such an address may be, in bytes.
pub const ADDRESS_BYTES_MAX: usize = 255;

/// How many actions a client may have without an answer. It is also the length of the verdict ring, so that every
/// unanswered action can always be answered again.
pub const UNANSWERED_MAX: usize = 64;
