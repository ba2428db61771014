//! A connection without manners: sends whatever it is told and shows what comes, for tests of what a server refuses.

use std::time::Duration;

use holdfast_protocol::{ClientMessage, ServerMessage, decode, encode};
use tokio::time::timeout;

use crate::connection::{Connection, Incoming, SocketError};

/// A connection on which anything can be said.
#[derive(Debug)]
pub struct RawConnection {
    connection: Connection,
}

/// What a raw connection heard.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A message of the protocol.
    Message(Box<ServerMessage>),
    /// Bytes that form none, or text.
    Nonsense,
    /// The connection is over, politely or not.
    Closed,
    /// Nothing in the given time.
    Nothing,
}

impl RawConnection {
    /// Connects to the world at `address`: `host:port`, or a whole address that begins with `ws://`.
    ///
    /// # Errors
    /// As [`Connection::open`].
    pub async fn open(address: &str) -> Result<Self, SocketError> {
        Ok(Self { connection: Connection::open(address).await? })
    }

    /// Sends these bytes as one binary frame.
    ///
    /// # Errors
    /// Where the connection is lost.
    pub async fn send_bytes(&mut self, bytes: Vec<u8>) -> Result<(), SocketError> {
        self.connection.send(bytes).await
    }

    /// Sends this as one text frame.
    ///
    /// # Errors
    /// Where the connection is lost.
    pub async fn send_text(&mut self, text: &str) -> Result<(), SocketError> {
        self.connection.send_text(text.to_owned()).await
    }

    /// Sends a message, in or out of turn.
    ///
    /// # Errors
    /// Where the connection is lost.
    pub async fn send(&mut self, message: &ClientMessage) -> Result<(), SocketError> {
        self.connection.send(encode(message)).await
    }

    /// What comes next, within `wait`.
    pub async fn hear(&mut self, wait: Duration) -> Heard {
        match timeout(wait, self.connection.receive()).await {
            Err(_) => Heard::Nothing,
            Ok(Err(_) | Ok(Incoming::Close)) => Heard::Closed,
            Ok(Ok(Incoming::Text(_))) => Heard::Nonsense,
            Ok(Ok(Incoming::Binary(bytes))) => {
                decode(&bytes).map_or(Heard::Nonsense, |message| Heard::Message(Box::new(message)))
            }
        }
    }

    /// The first message that `wanted` picks, within `wait`; what comes before it is passed over. None where the time
    /// or the connection ends first.
    pub async fn hear_until<T>(
        &mut self,
        wait: Duration,
        mut wanted: impl FnMut(ServerMessage) -> Option<T>,
    ) -> Option<T> {
        let search = async {
            loop {
                match self.hear(wait).await {
                    Heard::Message(message) => {
                        if let Some(found) = wanted(*message) {
                            return Some(found);
                        }
                    }
                    Heard::Nonsense => {}
                    Heard::Closed | Heard::Nothing => return None,
                }
            }
        };
        timeout(wait, search).await.ok().flatten()
    }
}
