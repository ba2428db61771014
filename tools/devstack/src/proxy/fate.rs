//! What can become of a flush on its way to PostgreSQL and back.
//!
//! There are two places for it, and the difference is what the tests are about: before it is forwarded nothing of it is
//! committed; before its reply is returned all of it is, and only the server does not know.

use std::time::Duration;

/// Where a flush is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// PostgreSQL has not seen it: nothing is committed.
    BeforeForward,
    /// PostgreSQL has answered, and the server has not heard it: everything is committed.
    BeforeReply,
}

/// A flush that is to be held, or is held right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Where.
    pub window: Window,
    /// For how long.
    pub duration: Duration,
}

/// How a connection is cut with a flush in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitCut {
    /// The flush is swallowed and both sides are closed: nothing is committed.
    DropRequest,
    /// PostgreSQL has committed; its reply is swallowed and both sides are closed.
    DropReply,
    /// PostgreSQL has committed; the server's side is reset instead of closed. A Unix socket has no such thing, but
    /// where one is closed with something in it that nobody has read, the other side gets ECONNRESET: so the last byte
    /// of the flush is left unread, which can only be one value. It is that of the Sync; a flush that is a simple query
    /// has none, and its connection is closed.
    Reset,
    /// PostgreSQL has committed; the server is told that nothing more comes, without a reply, and may go on talking.
    HalfClose,
    /// PostgreSQL has committed; then nothing passes on this connection, in either direction, for so long. After that
    /// the reply is delivered, to whoever still listens.
    LateReply(Duration),
}

/// What becomes of one flush that does not simply pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is late.
    Hold(Hold),
    /// Its connection does not survive it, or as good as not.
    Cut(CommitCut),
}

/// What is done with flushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlushPlan {
    /// All of them pass.
    Pass,
    /// Each of them is held.
    Hold(Hold),
}

impl FlushPlan {
    /// How each flush is held, where they are.
    #[must_use]
    pub fn hold(self) -> Option<Hold> {
        match self {
            Self::Pass => None,
            Self::Hold(hold) => Some(hold),
        }
    }
}
