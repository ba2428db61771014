//! Connections that stay with a server whatever becomes of it: the only clients that would hear what a server says that
//! has lost its world. Ordinary ones are long gone by then.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context as _, Result};
use holdfast_client::{Heard, RawConnection};
use holdfast_protocol::{Applied, ClientMessage, Epoch, ServerMessage, TokenStamp};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::witness::Witness;

/// How many characters listen, in turn: when the first one's turn comes again, what it stayed with is long over.
pub(super) const LISTENERS: usize = 4;

/// How long a connection may take until it hears the world's state.
const FIRST_FRAME_WAIT: Duration = Duration::from_secs(30);

/// Longer than any fault takes: until the connection ends, whoever is silent is waited for.
const SILENCE_WAIT: Duration = Duration::from_secs(3_600);

/// What says who is there, once for each listener, and those that listen. They end when this is dropped.
#[derive(Debug)]
pub(super) struct Listeners {
    /// The one whose turn it is first.
    hellos: VecDeque<ClientMessage>,
    listening: JoinSet<()>,
    last: Ear,
}

/// When a connection that listens has ended; nothing while it has not.
#[derive(Clone, Debug, Default)]
struct Ear(Arc<OnceLock<Instant>>);

impl Ear {
    fn is_open(&self) -> bool {
        self.0.get().is_none()
    }

    fn was_open_at(&self, time: Instant) -> bool {
        self.0.get().is_none_or(|end| *end > time)
    }

    fn ends(&self, now: Instant) {
        // Nobody else ends it.
        let _ = self.0.set(now);
    }
}

impl Listeners {
    /// Nobody listens yet.
    pub(super) fn new(hellos: Vec<ClientMessage>) -> Self {
        Self { hellos: hellos.into(), listening: JoinSet::new(), last: Ear::default() }
    }

    /// Each visits the world once, so that what its character brings with it is there before the faults begin.
    pub(super) async fn visit(&self, address: &str) -> Result<()> {
        for hello in &self.hellos {
            connect(address, hello).await?;
        }
        Ok(())
    }

    /// One more stays connected to the server at `address` from now on.
    pub(super) async fn listen_to(&mut self, address: &str, witness: &Witness) -> Result<()> {
        while self.listening.try_join_next().is_some() {}
        let hello = self.hellos.pop_front().context("there are listeners")?;
        self.hellos.push_back(hello.clone());
        let (connection, epoch, first) = connect(address, &hello).await?;
        witness.heard_by_listener(epoch, first.tick);
        let witness = witness.clone();
        self.last = Ear::default();
        let ear = self.last.clone();
        self.listening.spawn(async move {
            listen(connection, epoch, witness).await;
            ear.ends(Instant::now());
        });
        Ok(())
    }

    /// Whether the one that came last is still connected: it hears whatever its server says next.
    pub(super) fn still_listens(&self) -> bool {
        self.last.is_open()
    }

    /// Whether it was at this time. Nobody but its server ends a connection, and one that does says nothing more over it.
    pub(super) fn listened_at(&self, time: Instant) -> bool {
        self.last.was_open_at(time)
    }
}

/// Hears everything, until the connection ends.
async fn listen(mut connection: RawConnection, epoch: Epoch, witness: Witness) {
    loop {
        match connection.hear(SILENCE_WAIT).await {
            Heard::Message(message) => {
                let Some(token) = stamp(*message) else { continue };
                witness.heard_by_listener(epoch, token.tick);
                // Whoever says nothing is taken for dead.
                if connection.send(&ClientMessage::Applied(Applied { tick: token.tick })).await.is_err() {
                    return;
                }
            }
            Heard::Nonsense => {}
            Heard::Closed | Heard::Nothing => return,
        }
    }
}

/// A connection that has been shown the world, under which ownership, and up to where.
async fn connect(address: &str, hello: &ClientMessage) -> Result<(RawConnection, Epoch, TokenStamp)> {
    let mut connection = RawConnection::open(address).await?;
    connection.send(hello).await?;
    let epoch = |message| match message {
        ServerMessage::Welcome(welcome) => Some(welcome.epoch),
        _ => None,
    };
    let epoch = connection.hear_until(FIRST_FRAME_WAIT, epoch).await.context("a listener is let in")?;
    let first = connection.hear_until(FIRST_FRAME_WAIT, stamp).await.context("a listener sees the world")?;
    Ok((connection, epoch, first))
}

fn stamp(message: ServerMessage) -> Option<TokenStamp> {
    match message {
        ServerMessage::Frame(frame) => frame.token,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_whose_connection_ended_before_hears_nothing() {
        let (ear, struck) = (Ear::default(), Instant::now());
        assert!(ear.is_open() && ear.was_open_at(struck));
        ear.ends(struck + Duration::from_secs(1));
        assert!(!ear.is_open() && ear.was_open_at(struck), "it was closed since");
        assert!(!ear.was_open_at(struck + Duration::from_secs(2)), "it had been closed before");
    }
}
