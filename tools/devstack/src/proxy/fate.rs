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
    /// Each of them is held for so long, in one of the two windows by lot.
    Seeded {
        /// The same seed draws the same lots.
        seed: u64,
        /// For how long.
        duration: Duration,
    },
}

impl FlushPlan {
    /// What becomes of the flush with this number; numbers begin at zero with each proxy.
    #[must_use]
    pub fn hold(self, number: u64) -> Option<Hold> {
        match self {
            Self::Pass => None,
            Self::Hold(hold) => Some(hold),
            Self::Seeded { seed, duration } => {
                let window = if lot(seed, number) { Window::BeforeForward } else { Window::BeforeReply };
                Some(Hold { window, duration })
            }
        }
    }
}

/// One bit per number, by the finaliser of splitmix64.
fn lot(seed: u64, number: u64) -> bool {
    let mut bits = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ (bits >> 31)) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_both_windows_and_always_the_same() {
        let draw = |seed| {
            let plan = FlushPlan::Seeded { seed, duration: Duration::from_millis(500) };
            (0..64).map(|number| plan.hold(number).unwrap().window).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!(draw(7).contains(&Window::BeforeForward) && draw(7).contains(&Window::BeforeReply));
    }
}
