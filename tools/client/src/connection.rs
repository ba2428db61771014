//! One WebSocket to a world: the only place of this crate that opens a socket.
//!
//! Buffers are small (thousands of bots share one process) and sizes are bounded. A socket does no more than carry
//! frames; what they mean is [`crate::core`]'s.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use holdfast_protocol::SERVER_MESSAGE_BYTES_MAX;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// How long opening a connection may take, the upgrade included.
pub const OPEN_WAIT_MAX: Duration = Duration::from_secs(5);

/// How long a write may take: a server that reads nothing for so long is not one to wait for.
const WRITE_WAIT_MAX: Duration = Duration::from_secs(5);

/// What a server's socket may bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A binary frame: a message of the protocol.
    Binary(Bytes),
    /// A text frame, which no server of ours sends.
    Text(String),
    /// The server closes the connection.
    Close,
}

/// An open connection.
#[derive(Debug)]
pub struct Connection {
    socket: WebSocketStream<TcpStream>,
}

impl Connection {
    /// Connects to the world at `address`: `host:port`, or a whole address that begins with `ws://`.
    ///
    /// # Errors
    /// Where there is nothing, or nothing that speaks WebSocket, or not in time.
    pub async fn open(address: &str) -> Result<Self, SocketError> {
        Self::open_within(OPEN_WAIT_MAX, address).await
    }

    /// The same, where it does not take longer than `wait`.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_within(wait: Duration, address: &str) -> Result<Self, SocketError> {
        timeout(wait, Self::open_now(address)).await.map_err(|_| SocketError::Slow)?
    }

    async fn open_now(address: &str) -> Result<Self, SocketError> {
        let (host, _) = host_and_url(address);
        let stream = TcpStream::connect(host).await.map_err(|error| SocketError::broken(error.into()))?;
        Self::upgrade(stream, address).await
    }

    /// Asks for a WebSocket over a stream that leads to the world at `address` already: for whoever has wishes of its own
    /// about the stream.
    ///
    /// # Errors
    /// Where the other end speaks no WebSocket.
    pub async fn upgrade(stream: TcpStream, address: &str) -> Result<Self, SocketError> {
        let (_, url) = host_and_url(address);
        // An action must not wait for the acknowledgement of the one before it.
        stream.set_nodelay(true).map_err(|error| SocketError::broken(error.into()))?;
        let config = WebSocketConfig::default()
            .read_buffer_size(8 * 1024)
            .write_buffer_size(0)
            .max_write_buffer_size(256 * 1024)
            .max_message_size(Some(SERVER_MESSAGE_BYTES_MAX))
            .max_frame_size(Some(SERVER_MESSAGE_BYTES_MAX));
        let (socket, _) =
            client_async_with_config(url, stream, Some(config)).await.map_err(SocketError::broken)?;
        Ok(Self { socket })
    }

    /// Sends a message of the protocol.
    ///
    /// # Errors
    /// Where the connection is lost, or the server does not read.
    pub async fn send(&mut self, bytes: Vec<u8>) -> Result<(), SocketError> {
        self.write(Message::Binary(bytes.into())).await
    }

    /// Sends a text frame: what a server must refuse.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_text(&mut self, text: String) -> Result<(), SocketError> {
        self.write(Message::Text(text.into())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), SocketError> {
        match timeout(WRITE_WAIT_MAX, self.socket.send(message)).await {
            Ok(sent) => sent.map_err(SocketError::broken),
            Err(_) => Err(SocketError::Slow),
        }
    }

    /// The next frame that says something. Loses nothing where the future is dropped before it is ready.
    ///
    /// # Errors
    /// Where the connection is lost without a closing frame.
    pub async fn receive(&mut self) -> Result<Incoming, SocketError> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Binary(bytes))) => return Ok(Incoming::Binary(bytes)),
                Some(Ok(Message::Text(text))) => return Ok(Incoming::Text(text.as_str().to_owned())),
                Some(Ok(Message::Close(_))) | None => return Ok(Incoming::Close),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(SocketError::broken(error)),
            }
        }
    }

    /// Closes the connection politely; the other end may stay silent.
    pub async fn close(mut self) {
        // Who does not answer a closing frame within a second is closed all the same, by the drop.
        let _ = timeout(Duration::from_secs(1), self.socket.close(None)).await;
    }
}

/// Where TCP connects to, and what is asked for there.
fn host_and_url(address: &str) -> (String, String) {
    let Some(rest) = address.strip_prefix("ws://") else {
        return (address.to_owned(), format!("ws://{address}/ws"));
    };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let has_port =
        host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let port = if has_port { "" } else { ":80" };
    (format!("{host}{port}"), address.to_owned())
}

/// Why a socket is of no use.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// It could not be opened, or broke.
    #[error("the socket is broken")]
    Broken(#[source] Box<Error>),
    /// The other end did not go on in time.
    #[error("the other end did not answer in time")]
    Slow,
}

impl SocketError {
    fn broken(error: Error) -> Self {
        Self::Broken(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_and_what_for() {
        for (address, host, url) in [
            ("127.0.0.1:8080", "127.0.0.1:8080", "ws://127.0.0.1:8080/ws"),
            ("ws://a.example:81/worlds/main?x=1", "a.example:81", "ws://a.example:81/worlds/main?x=1"),
            ("ws://a.example/ws", "a.example:80", "ws://a.example/ws"),
            ("ws://[::1]/ws", "[::1]:80", "ws://[::1]/ws"),
            ("ws://[::1]:81/ws", "[::1]:81", "ws://[::1]:81/ws"),
        ] {
            assert_eq!(host_and_url(address), (host.to_owned(), url.to_owned()), "{address}");
        }
    }
}
