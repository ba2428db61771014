//! Connections that stay with a server whatever becomes of it: the only clients that would hear what a server says that
//! has lost its world. Ordinary ones are long gone by then.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context as _, Result};
use holdfast_client::{Heard, RawConnection};
use holdfast_protocol::{Applied, ClientMessage, Epoch, ServerMessage, TokenStamp};
use tokio::task::JoinSet;

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
}

impl Listeners {
    /// Nobody listens yet.
    pub(super) fn new(hellos: Vec<ClientMessage>) -> Self {
        Self { hellos: hellos.into(), listening: JoinSet::new() }
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
        let (mut connection, epoch, first) = connect(address, &hello).await?;
        witness.heard_by_listener(epoch, first.tick);
        let witness = witness.clone();
        self.listening.spawn(async move {
            loop {
                match connection.hear(SILENCE_WAIT).await {
                    Heard::Message(message) => {
                        let Some(token) = stamp(*message) else { continue };
                        witness.heard_by_listener(epoch, token.tick);
                        // Whoever says nothing is taken for dead.
                        if connection
                            .send(&ClientMessage::Applied(Applied { tick: token.tick }))
                            .await
                            .is_err()
                        {
                            return;
                        }
                    }
                    Heard::Nonsense => {}
                    Heard::Closed | Heard::Nothing => return,
                }
            }
        });
        Ok(())
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
