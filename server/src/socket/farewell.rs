//! How a connection ends: the reason as a message, then as a close code, then the socket.

use std::time::Duration;

use futures_util::SinkExt;
use holdfast_front::Conn;
use holdfast_protocol::{Code, ErrorBody, ServerMessage, encode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::telemetry::log_refusal;

/// What a client that may come again at once is asked to wait, in milliseconds.
pub(super) const RETRY_MS: u32 = 1_000;
/// How long saying goodbye may take altogether.
pub(super) const FAREWELL: Duration = Duration::from_secs(2);
/// How much is read and thrown away meanwhile, in bytes. Closing a socket with unread bytes in it resets the
/// connection, and the reset may overtake the reason.
const DRAINED_BYTES_MAX: u64 = 256 * 1024;

/// How a connection ends.
#[derive(Debug)]
pub(super) enum Ending {
    /// The other side has ended it, or is out of reach.
    Gone,
    /// Told why.
    Told(ErrorBody, CloseCode),
    /// Without a word.
    Silent,
    /// At once, with whatever was still to be written: the other side sees a reset.
    Cut,
}

impl Ending {
    /// The ending with an engine's code, to be tried again after `retry_after_ms` where that makes sense.
    pub(super) fn told(code: Code, retry_after_ms: u32) -> Self {
        Self::Told(ErrorBody::new(code, retry_after_ms, rand::random()), close_code(code))
    }

    /// The ending of one who sends more pings than anybody needs.
    pub(super) fn control_flood() -> Self {
        match Self::told(Code::TOO_MANY_MESSAGES, 1_000) {
            Self::Told(body, _) => Self::Told(body, CloseCode::Policy),
            other => other,
        }
    }

    /// Why, in a word: a code's name where the other side is told one.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Told(body, _) => body.code.engine_entry().map_or("unknown", |entry| entry.name),
            Self::Silent => "left",
            Self::Cut => "cut",
        }
    }

    /// What a failed read comes to.
    pub(super) fn of_read(error: &Error) -> Self {
        match error {
            Error::Capacity(_) => Self::told(Code::OVERSIZED, 0),
            Error::Utf8(_) => Self::told(Code::TEXT_FRAME, 0),
            Error::Protocol(problem) if !is_reset(problem) => Self::told(Code::MALFORMED, 0),
            _ => Self::Gone,
        }
    }
}

/// Whether a last word tells of the world, and so only while the owner trusts itself. The others are about the connection.
pub(super) fn tells_of_the_world(code: Code) -> bool {
    matches!(code, Code::REPLACED | Code::NO_SUCH_CHARACTER)
}

fn is_reset(problem: &tokio_tungstenite::tungstenite::error::ProtocolError) -> bool {
    use tokio_tungstenite::tungstenite::error::ProtocolError;
    matches!(problem, ProtocolError::ResetWithoutClosingHandshake | ProtocolError::ReceivedAfterClosing)
}

/// The close code that goes with an error code.
pub(super) fn close_code(code: Code) -> CloseCode {
    CloseCode::from(code.close_code())
}

/// Says goodbye and closes; what the other side is told stands in the log as well. Takes two seconds at most, whatever the other side does.
pub(super) async fn farewell<S>(socket: WebSocketStream<S>, ending: Ending, conn: Option<Conn>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if let Ending::Told(body, _) = &ending {
        log_refusal(body, conn);
    }
    // Past the limit, or where the other side no longer takes anything, the socket is simply dropped.
    let _ = tokio::time::timeout(FAREWELL, say(socket, ending)).await;
}

async fn say<S>(mut socket: WebSocketStream<S>, ending: Ending) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match ending {
        // The other side's close is answered by flushing.
        Ending::Gone => return socket.flush().await,
        Ending::Cut => return Ok(()),
        Ending::Silent => socket.send(close(CloseCode::Normal, "")).await?,
        Ending::Told(body, code) => {
            socket.feed(Message::binary(encode(&ServerMessage::Error(body)))).await?;
            let reason = body.code.engine_entry().map_or("", |entry| entry.name);
            socket.send(close(code, reason)).await?;
        }
    }
    let mut raw = socket.into_inner();
    raw.shutdown().await?;
    tokio::io::copy(&mut raw.take(DRAINED_BYTES_MAX), &mut tokio::io::sink()).await?;
    Ok(())
}

fn close(code: CloseCode, reason: &'static str) -> Message {
    Message::Close(Some(CloseFrame { code, reason: reason.into() }))
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::error::ENGINE_CODES;

    use super::*;

    #[test]
    fn every_code_has_a_close_code_that_may_be_sent() {
        for entry in ENGINE_CODES {
            assert!(close_code(entry.code).is_allowed(), "{}", entry.name);
            assert!(entry.name.len() <= 123, "a close frame's reason is short");
        }
        assert_eq!(u16::from(close_code(Code::UPDATE_REQUIRED)), 4426);
        assert_eq!(u16::from(close_code(Code::MALFORMED)), 1008);
    }
}
