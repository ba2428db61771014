//! The first frame: which build is there, and who.
//!
//! Nobody is known yet, so little is given: one frame, small, within seconds. The build is compared before anything
//! else of the frame is looked at.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use holdfast_front::{Bucket, HelloRequest, Moment};
use holdfast_protocol::envelope::hello_build;
use holdfast_protocol::{ClientMessage, Code, HELLO_FRAME_BYTES_MAX, Hello, decode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::Sockets;
use super::farewell::{Ending, RETRY_MS};
use crate::auth::{AccessToken, AuthError, LEEWAY_S};
use crate::clock;

/// What a client is asked to wait when the issuer cannot be reached, in milliseconds.
const ISSUER_RETRY_MS: u32 = 2_000;

/// Somebody who is known now.
pub(super) struct Greeting {
    /// What the front is told.
    pub request: HelloRequest,
    /// When the access token runs out: the connection ends with it.
    pub expires: Moment,
}

/// Waits for Hello and verifies it.
///
/// # Errors
/// How the connection ends, where it does not.
pub(super) async fn receive<S>(socket: &mut WebSocketStream<S>, sockets: &Sockets) -> Result<Greeting, Ending>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let greeting = greet(socket, sockets).await;
    if let Err(Ending::Told(body, _)) = &greeting {
        sockets.meter.turned_away(body.code, body.category);
    }
    greeting
}

async fn greet<S>(socket: &mut WebSocketStream<S>, sockets: &Sockets) -> Result<Greeting, Ending>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let limit = sockets.limits.hello;
    let begun = clock::now();
    let frame = tokio::time::timeout(limit, first_frame(socket, sockets))
        .await
        .map_err(|_| Ending::told(Code::HELLO_TIMEOUT, 0))??;
    let heard = clock::now();
    let hello = read(&frame, sockets)?;
    let token = AccessToken::new(hello.access_token);
    let unix_seconds = clock::unix_seconds();
    let left = limit.saturating_sub(clock::now().since(begun));
    let verified = tokio::time::timeout(left, sockets.auth.verify(&token, clock::now(), unix_seconds))
        .await
        .unwrap_or(Err(AuthError::IssuerUnavailable));
    let claims = verified.map_err(|error| match (error, sockets.entrance.refusal()) {
        // Who cannot be known here may be known at the server that owns the world.
        (AuthError::IssuerUnavailable, Some(code)) => Ending::told(code, RETRY_MS),
        (AuthError::IssuerUnavailable, None) => Ending::told(error.code(), ISSUER_RETRY_MS),
        _ => Ending::told(error.code(), 0),
    })?;

    let lifetime_s = claims.expires_unix().saturating_add(LEEWAY_S).saturating_sub(unix_seconds);
    Ok(Greeting {
        request: HelloRequest {
            account: claims.account().clone(),
            character: hello.character,
            resume: hello.resume,
            held: hello.held,
            oldest_unanswered: hello.oldest_unanswered,
            heard,
        },
        expires: clock::now() + Duration::from_secs(lifetime_s),
    })
}

async fn first_frame<S>(socket: &mut WebSocketStream<S>, sockets: &Sockets) -> Result<Bytes, Ending>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut controls = Bucket::per_second(sockets.limits.controls_per_s, sockets.limits.controls_burst);
    loop {
        match socket.next().await {
            Some(Ok(Message::Binary(frame))) if frame.len() > HELLO_FRAME_BYTES_MAX => {
                return Err(Ending::told(Code::OVERSIZED, 0));
            }
            Some(Ok(Message::Binary(frame))) => return Ok(frame),
            Some(Ok(Message::Text(_))) => return Err(Ending::told(Code::TEXT_FRAME, 0)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) if controls.take(clock::now()).is_ok() => {}
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Err(Ending::control_flood()),
            Some(Ok(Message::Close(_) | Message::Frame(_))) | None => return Err(Ending::Gone),
            Some(Err(error)) => return Err(Ending::of_read(&error)),
        }
    }
}

fn read(frame: &[u8], sockets: &Sockets) -> Result<Hello, Ending> {
    let build = hello_build(frame);
    if let Ok(Some(_)) = build {
        sockets.meter.greeted();
    }
    match build {
        Ok(Some(build)) if build == sockets.build => {}
        Ok(Some(_)) => return Err(Ending::told(Code::UPDATE_REQUIRED, 0)),
        Ok(None) => return Err(Ending::told(Code::HELLO_EXPECTED, 0)),
        Err(_) => return Err(Ending::told(Code::MALFORMED, 0)),
    }
    match decode(frame) {
        Ok(ClientMessage::Hello(hello)) => Ok(hello),
        _ => Err(Ending::told(Code::MALFORMED, 0)),
    }
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::{
        ActionName, Blob, BuildId, ChunkId, EntityId, Epoch, EpochTag, Nonce, Seq, SyncToken, Tick, WorldId,
        encode,
    };

    use super::*;
    use crate::auth::TOKEN_BYTES_MAX;

    #[test]
    fn the_longest_token_fits_into_a_hello_that_says_all_it_can() {
        let hello = Hello {
            build: BuildId([9; 16]),
            access_token: "t".repeat(TOKEN_BYTES_MAX),
            character: EntityId(u64::MAX),
            resume: Some(Blob(vec![0; 512])),
            held: Some(SyncToken {
                world: WorldId(u64::MAX),
                epoch: Epoch(u64::MAX),
                tag: EpochTag(u64::MAX),
                tick: Tick(u64::MAX),
                center: ChunkId(u64::MAX),
            }),
            oldest_unanswered: Some(ActionName { seq: Seq(u64::MAX), nonce: Nonce(u32::MAX) }),
        };
        assert!(encode(&ClientMessage::Hello(hello)).len() <= HELLO_FRAME_BYTES_MAX);
    }
}
