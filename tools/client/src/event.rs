//! Everything that a client is told: a closed list.

use holdfast_protocol::{EntityId, ErrorBody, Paused, Refusal, Reply, ResyncKind, Seq, SyncToken, Verdict};

use crate::copy::Divergence;
use crate::unanswered::GivenUp;

/// What a client is told. A verdict comes after the update that holds its effect.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientEvent {
    /// A connection is open, and Hello is about to be said on it.
    Greeted {
        /// Whether it shows a session and a copy to go on with.
        resumes: bool,
    },
    /// The character is in the world; its state follows with the first [`Self::Updated`].
    Welcomed(Welcomed),
    /// The copy stands at this token now.
    Updated(SyncToken),
    /// The copy went wrong, and a snapshot is asked for.
    Diverged(Divergence),
    /// The durable answer to an action.
    Verdict(Verdict),
    /// The longer answer to an action; it comes before the verdict.
    Reply(Reply),
    /// An action was turned away without effect. It is sent again by itself, unless [`Self::GaveUp`] follows.
    Refused(Refusal),
    /// An action will never be answered as this client's; it had no effect, or another answer is lost for good.
    GaveUp(GivenUp),
    /// The world stands still: its store cannot be reached.
    Paused(Paused),
    /// In so many milliseconds the session ends, unless something is done.
    IdleWarning(u32),
    /// The connection is to be dropped: the server's last word.
    Closed(ErrorBody),
    /// The connection is to be dropped: it can no longer be followed.
    Lost(LostCause),
    /// The client opens no more connections.
    Ended(Ending),
}

/// How a client's play ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It left.
    Left,
    /// The server refused it for good.
    Refused(ErrorBody),
    /// It could not come back while its session could be resumed.
    RetryLimitReached,
}

/// What Welcome says to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Welcomed {
    /// The character that is played.
    pub character: EntityId,
    /// What the first frame will be, and why.
    pub resync: ResyncKind,
    /// The last action that the world has decided for this character.
    pub last_seq: Seq,
    /// How long a tick lasts, in milliseconds.
    pub tick_ms: u16,
}

/// Why a connection can no longer be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LostCause {
    /// Nothing was heard for too long.
    #[error("the server fell silent")]
    Silent,
    /// What came is no message of this build, or comes out of turn.
    #[error("the server does not speak this protocol")]
    Protocol,
    /// The socket broke, or could not be opened.
    #[error("the socket broke")]
    Socket,
}
