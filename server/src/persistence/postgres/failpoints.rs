//! The instants of a flush at which a process can be made to die. Compiled with the feature `sabotage` alone.
//!
//! Beats do not count: nobody has asked for anything in them.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use holdfast_front::failpoint::Failpoint::{self, CommitUnread, FlushSent};
use holdfast_front::failpoint::{hit, is_armed};
use sqlx::postgres::PgConnectOptions;
use tokio::time::sleep;

use super::connection;
use super::ownership::read_mark;
use crate::persistence::rows::Batch;

/// How often it is looked whether a flush is committed.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// The store comes by this point with this batch.
pub(super) fn hit_unless_beat(point: Failpoint, batch: &Batch) {
    if !batch.rows.is_empty() {
        hit(point);
    }
}

/// The reply to a flush, unless a point strikes before it is read. `options` lead to where the flush goes.
pub(super) async fn between_sent_and_read<T>(
    reply: impl Future<Output = T>,
    batch: &Batch,
    options: &PgConnectOptions,
) -> T {
    let mut reply = pin!(reply);
    // The first look writes the statement, and finds no answer yet.
    if let Poll::Ready(reply) = poll_fn(|context| Poll::Ready(reply.as_mut().poll(context))).await {
        return reply;
    }
    hit_unless_beat(FlushSent, batch);
    if is_armed(CommitUnread) && !batch.rows.is_empty() && is_committed(batch, options).await {
        hit(CommitUnread);
    }
    reply.await
}

/// Waits until others see that the batch is committed; false where they cannot be asked.
async fn is_committed(batch: &Batch, options: &PgConnectOptions) -> bool {
    let Ok(mut witness) = connection::open(options).await else { return false };
    loop {
        match read_mark(&mut witness, batch.world).await {
            Ok(Some(mark)) if mark.tick >= batch.to => return true,
            Ok(Some(_)) => sleep(LOOK_EVERY).await,
            Ok(None) | Err(_) => return false,
        }
    }
}
