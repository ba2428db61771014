//! What a WebSocket has become: bytes, in both directions, as fast as the slower end takes them. Who has been silent
//! for too long is the world's server's to decide.

use std::sync::Arc;
use std::time::Duration;

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, split};
use tokio::sync::watch;
use tokio::time::sleep;

use super::listener::Place;

/// How long one direction goes on when the other has ended: long enough for a last frame and a close.
const LAST_WORDS_TIME: Duration = Duration::from_secs(5);

/// Carries bytes until either end has left, or the front stops. The connection's place is taken until then.
pub(super) async fn run(
    phone: OnUpgrade,
    world: OnUpgrade,
    mut stop: watch::Receiver<()>,
    place: Arc<Place>,
) {
    tokio::select! {
        () = carry(phone, world) => {}
        _ = stop.changed() => {}
    }
    drop(place);
}

async fn carry(phone: OnUpgrade, world: OnUpgrade) {
    // Somebody who goes away in between leaves nothing behind.
    let Ok((phone, world)) = tokio::try_join!(phone, world) else { return };
    let join = |upgraded: Upgraded| split(TokioIo::new(upgraded));
    let ((mut from_phone, mut to_phone), (mut from_world, mut to_world)) = (join(phone), join(world));
    let mut upward = std::pin::pin!(copy(&mut from_phone, &mut to_world));
    let mut downward = std::pin::pin!(copy(&mut from_world, &mut to_phone));
    tokio::select! {
        () = &mut upward => tokio::select! { () = downward => {} () = sleep(LAST_WORDS_TIME) => {} },
        () = &mut downward => tokio::select! { () = upward => {} () = sleep(LAST_WORDS_TIME) => {} },
    }
}

/// Carries one direction to its end, and says that it has ended. That a connection broke is an end like any other.
async fn copy(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) {
    let _ = tokio::io::copy(from, to).await;
    let _ = to.shutdown().await;
}
