//! Clients that are driven by hand: the state of an ordinary one, over a connection that says only what it is told to.
//!
//! What it holds, what it has no answer to and how it comes back is [`ClientCore`]'s, as in every client. What is said,
//! when, and whether anybody reads is the driver's.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use holdfast_client::{ClientCore, ClientEvent, Connection, Incoming};
use holdfast_protocol::{ClientMessage, Hello, ServerMessage, decode, encode};
use tokio::time::{Instant, timeout};

/// A client without a will of its own.
pub(crate) struct ByHand {
    pub(crate) core: ClientCore,
    token: String,
    connection: Option<Connection>,
    start: Instant,
}

/// What was heard.
pub(crate) enum Heard {
    /// A message, and what an ordinary client makes of it: of an error, nothing.
    Message(Box<ServerMessage>, Vec<ClientEvent>),
    /// The connection is over.
    Over,
    /// Nothing in the given time.
    Nothing,
}

impl ByHand {
    /// A client whose first word is to be this.
    pub(crate) fn new(hello: Hello) -> Self {
        let core = ClientCore::new(hello.build, hello.character);
        Self { core, token: hello.access_token, connection: None, start: Instant::now() }
    }

    /// Over this connection from now on.
    pub(crate) fn take(&mut self, connection: Connection) {
        self.hang_up();
        self.connection = Some(connection);
    }

    /// What an ordinary client says first. From here on it waits for its welcome.
    pub(crate) fn hello(&mut self) -> Result<Hello> {
        let bytes = self.core.hello(self.start.elapsed(), self.token.clone());
        match decode(&bytes) {
            Ok(ClientMessage::Hello(hello)) => Ok(hello),
            _ => bail!("a client begins with hello"),
        }
    }

    /// The next message that an ordinary client would send by itself.
    pub(crate) fn next_own(&mut self) -> Option<Vec<u8>> {
        self.core.next_send(self.start.elapsed())
    }

    /// Says this. False where the connection is over.
    pub(crate) async fn say(&mut self, message: &ClientMessage) -> bool {
        self.say_bytes(encode(message)).await
    }

    /// Says these bytes. False where the connection is over.
    pub(crate) async fn say_bytes(&mut self, bytes: Vec<u8>) -> bool {
        match &mut self.connection {
            Some(connection) => connection.send(bytes).await.is_ok(),
            None => false,
        }
    }

    /// What comes next, within `wait`.
    pub(crate) async fn hear(&mut self, wait: Duration) -> Result<Heard> {
        let Some(connection) = &mut self.connection else { return Ok(Heard::Over) };
        let bytes = match timeout(wait, connection.receive()).await {
            Err(_) => return Ok(Heard::Nothing),
            Ok(Err(_) | Ok(Incoming::Close)) => return Ok(Heard::Over),
            Ok(Ok(Incoming::Text(_))) => bail!("a server says no text"),
            Ok(Ok(Incoming::Binary(bytes))) => bytes,
        };
        let message: ServerMessage = decode(&bytes).context("read what a server says")?;
        let events = match message {
            ServerMessage::Error(_) => Vec::new(),
            _ => self.core.receive(self.start.elapsed(), &bytes),
        };
        Ok(Heard::Message(Box::new(message), events))
    }

    /// Drops the connection without a word. What had come and waited for the rest of its frame is told.
    pub(crate) fn hang_up(&mut self) -> Vec<ClientEvent> {
        self.connection = None;
        self.core.disconnected()
    }
}
