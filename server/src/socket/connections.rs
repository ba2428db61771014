//! Where the hub finds the sockets: one small queue per connection.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use holdfast_front::{ActionTimes, Conn, Moment};
use holdfast_protocol::{Code, ErrorBody};
use tokio::sync::{Notify, mpsc};

/// How many things may wait for one socket. The front sends one message at a time, and at most a last word behind it;
/// a queue that is full tells of a mistake of ours, and the connection is given up.
pub const OUTBOUND_MAX: usize = 4;

/// Over how much time those who are dismissed together are asked to come back, in milliseconds.
const DISMISSED_SPREAD_MS: u64 = 500;

/// What the hub gives a socket to do.
#[derive(Clone, Debug)]
pub enum Outbound {
    /// Write this message, and say when it is with the kernel. It may tell of the world, so it is written only while
    /// the owner trusts itself.
    Message(Bytes, Handed),
    /// The same for a message that says nothing of the world: nobody's trust is asked for.
    Notice(Bytes),
    /// Write this error as the last message and close. It says nothing of the world.
    Last(ErrorBody),
    /// Close without a word.
    Hangup,
}

/// The actions that a message answers, and when it was handed to its socket.
#[derive(Clone, Debug, Default)]
pub struct Handed {
    pub(super) answers: Vec<ActionTimes>,
    pub(super) at: Moment,
}

impl Handed {
    /// A message that answers these actions is handed over at `now`.
    #[must_use]
    pub fn new(answers: Vec<ActionTimes>, now: Moment) -> Self {
        Self { answers, at: now }
    }
}

/// All connections that have said who they are, also those that still wait to be let in.
#[derive(Debug, Default)]
pub struct Connections {
    queues: Mutex<HashMap<Conn, mpsc::Sender<Outbound>>>,
    named: AtomicU64,
    /// Told whenever a connection is forgotten.
    fewer: Notify,
}

impl Connections {
    /// Takes in a connection: its number, and the end at which its socket listens.
    pub fn register(&self) -> (Conn, mpsc::Receiver<Outbound>) {
        let conn = Conn(self.named.fetch_add(1, Ordering::Relaxed) + 1);
        let (sender, receiver) = mpsc::channel(OUTBOUND_MAX);
        self.queues().insert(conn, sender);
        (conn, receiver)
    }

    /// Gives the connection something to do, at once. One that is gone does not mind; one whose queue is full is
    /// given up: its socket finds its queue closed, and ends.
    pub fn deliver(&self, conn: Conn, outbound: Outbound) {
        let mut queues = self.queues();
        let Some(queue) = queues.get(&conn) else { return };
        match queue.try_send(outbound) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => {
                tracing::error!(conn = conn.0, "a connection's queue is full: the connection is given up");
                queues.remove(&conn);
            }
            // Its socket is saying goodbye already.
            Err(mpsc::error::TrySendError::Closed(_)) => {}
        }
    }

    /// Tells everybody that it is over, and why: one of the engine's codes, to be tried again. When, is spread over half
    /// a second, so that they do not all come back at once.
    pub fn dismiss_all(&self, code: Code) {
        #[expect(clippy::disallowed_methods, reason = "all are told, in whatever order")]
        let all: Vec<Conn> = self.queues().keys().copied().collect();
        for conn in all {
            let retry_after_ms = u32::try_from(conn.0 * 97 % DISMISSED_SPREAD_MS).unwrap_or_default();
            let error = ErrorBody::new(code, retry_after_ms, rand::random());
            self.deliver(conn, Outbound::Last(error));
        }
    }

    /// The connection is over.
    pub fn forget(&self, conn: Conn) {
        self.queues().remove(&conn);
        self.fewer.notify_waiters();
    }

    /// Waits until there is none left: each has been told why it ends, or cannot be reached. A server that stops
    /// waits for this before it exits, and not for ever.
    pub async fn all_gone(&self) {
        loop {
            // Before the look, so that none can go unnoticed between look and wait.
            let fewer = self.fewer.notified();
            if self.count() == 0 {
                return;
            }
            fewer.await;
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.queues().len()
    }

    fn queues(&self) -> std::sync::MutexGuard<'_, HashMap<Conn, mpsc::Sender<Outbound>>> {
        self.queues.lock().expect("nothing panics while it holds the connections")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_gives_the_connection_up() {
        let connections = Connections::default();
        let (conn, mut receiver) = connections.register();
        for _ in 0..=OUTBOUND_MAX {
            connections.deliver(conn, Outbound::Notice(Bytes::from_static(b"x")));
        }
        assert_eq!(connections.count(), 0);
        assert_eq!(std::iter::from_fn(|| receiver.try_recv().ok()).count(), OUTBOUND_MAX);
        assert!(receiver.is_closed());
    }

    #[test]
    fn numbers_are_never_used_twice_and_the_gone_do_not_mind() {
        let connections = Connections::default();
        let (first, receiver) = connections.register();
        drop(receiver);
        connections.deliver(first, Outbound::Hangup);
        connections.forget(first);
        assert_ne!(connections.register().0, first);
    }
}
