//! What can go wrong, as plain data: it can be printed, read back, and cut down.

use serde::{Deserialize, Serialize};

use crate::game::Way;
use crate::point::Point;

/// One thing that goes wrong in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// How long after the run's beginning, in milliseconds: at that moment, or at the first passage of `at` from then on.
    pub after_ms: u32,
    /// The point at which it strikes; none for a fault that strikes at its moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Point>,
    /// What it does.
    pub harm: Harm,
}

/// What a fault does. Servers are meant where they are not named: the one that is at the point, or the one that owns
/// the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    /// The server's process dies, and is started again after so many milliseconds.
    Crash {
        /// How long it is down.
        down_ms: u32,
        /// Whether its machine is gone with it, so that no client is told.
        silent: bool,
    },
    /// The server's process is stopped (as by SIGSTOP) and goes on after so many milliseconds, with all that has come
    /// meanwhile waiting for it.
    Freeze {
        /// How long.
        ms: u32,
    },
    /// The server is told to stop: it drains, ends, and is started again.
    Drain,
    /// The next flushes fail without effect.
    Refuse {
        /// How.
        error: Refusing,
        /// How many in a row.
        times: u8,
    },
    /// The next flush ends in doubt: nobody tells the server whether it is committed.
    Doubt {
        /// What really becomes of it.
        truth: Truth,
    },
    /// The next flush takes so much longer.
    SlowFlush {
        /// How much longer, in milliseconds.
        ms: u32,
    },
    /// The database does nothing at all for so long.
    Stall {
        /// How long, in milliseconds.
        ms: u32,
    },
    /// The database crashes: whatever is not committed is lost, and nobody can connect before it is back.
    StoreCrash {
        /// How long it is down, in milliseconds.
        down_ms: u32,
    },
    /// Another server takes the world while its owner lives.
    Usurp {
        /// How it comes to it.
        way: Usurping,
    },
    /// A client's connection is lost.
    Cut {
        /// Whose.
        client: u8,
        /// Who notices.
        noticed_by: Side,
    },
    /// A client stops reading for a while.
    Deafen {
        /// Who.
        client: u8,
        /// How long, in milliseconds.
        ms: u32,
    },
    /// What goes to a client and comes from it takes so much longer, from now on.
    Lag {
        /// Who.
        client: u8,
        /// How much, in milliseconds each way.
        ms: u32,
    },
    /// A client's process dies, and another one goes on with what it kept.
    Reopen {
        /// Whose.
        client: u8,
    },
    /// A client's process dies, and another one knows nothing of it.
    Forget {
        /// Whose.
        client: u8,
    },
    /// A player leaves for good, and comes back after a while.
    Leave {
        /// Who.
        client: u8,
        /// How long it stays away, in milliseconds.
        ms: u32,
    },
    /// A client asks for something over which the world's code fails.
    Blunder {
        /// Who.
        client: u8,
        /// How.
        way: Way,
    },
    /// The next loads of characters go wrong.
    Load {
        /// How.
        how: Loading,
        /// How many.
        times: u8,
    },
}

/// An error by which a flush has had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusing {
    /// A lock that could not be had, a deadlock: again at once.
    RetryNow,
    /// No space, no connection: again, later.
    RetryLater,
    /// The database is read-only, or the role may not: the server must not go on.
    Fenced,
    /// Nothing can be written until a person has mended it.
    Halt,
}

/// What becomes of a flush whose outcome the server is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// It was committed.
    Committed,
    /// It never arrived.
    Lost,
    /// It is still being carried out when the server gives up waiting.
    Running,
    /// It was committed, and the server waits for its answer until it gives up.
    Silent,
}

/// How another server comes to own the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usurping {
    /// The owner's connection ends without its knowledge, and with it its lock.
    LockLost,
    /// It takes the world without regard to any lock. What the fence is for.
    Ignored,
}

/// Who notices that a connection is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Both.
    Both,
    /// The client, which comes back while its frames are still on their way and the server still holds its session.
    Client,
    /// The server. The client hears nothing any more, and has to find out.
    Server,
}

/// What goes wrong with a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loading {
    /// The database cannot say.
    Fails,
    /// What was read arrives so many milliseconds later, whatever has become of the world meanwhile.
    Late {
        /// How much later.
        ms: u32,
    },
    /// The server that was read is behind the one that is written to.
    Stale,
}

impl Fault {
    /// The client that it is about, where it is about one.
    #[must_use]
    pub fn client(&self) -> Option<u8> {
        match self.harm {
            Harm::Cut { client, .. }
            | Harm::Deafen { client, .. }
            | Harm::Lag { client, .. }
            | Harm::Reopen { client }
            | Harm::Forget { client }
            | Harm::Blunder { client, .. }
            | Harm::Leave { client, .. } => Some(client),
            _ => None,
        }
    }
}
