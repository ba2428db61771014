//! Who owns the world: the advisory lock, the row, and the end of those who owned it before.
//!
//! Lock and lease only decide who may try; what keeps an old owner from writing is the fence in each flush.

use std::time::Duration;

use holdfast_protocol::{Epoch, EpochTag, Tick, WorldId};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use tokio::time::sleep;

use super::connection::Backend;
use super::vigil::{Lease, Sight};
use crate::persistence::store::WorldMark;

/// How often an owner that comes back tries to get its lock, and how long it waits in between: 180 ms in all.
const LOCK_TRY_COUNT: u32 = 10;
const LOCK_TRY_EVERY: Duration = Duration::from_millis(20);

/// The worlds' advisory locks are this number plus the world's; the letters of `HOLDFAST`.
const WORLD_LOCK: i64 = 0x484f_4c44_4641_5354;

/// What a new ownership begins with.
#[derive(Debug)]
pub(super) struct Ownership {
    pub(super) epoch: Epoch,
    pub(super) tick: Tick,
    pub(super) next_id: u64,
    pub(super) resume_key: Vec<u8>,
}

/// Tries to get the world's advisory lock for this connection.
pub(super) async fn try_lock(connection: &mut PgConnection, world: WorldId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(lock_of(world)).fetch_one(connection).await
}

fn lock_of(world: WorldId) -> i64 {
    WORLD_LOCK.wrapping_add(world.0.cast_signed())
}

/// The same for an owner that comes back over a new connection: a server that waits may be looking whether the lock is
/// free, and holds it for that instant. Nobody takes it within this time who has not seen it free for much longer.
pub(super) async fn try_lock_again(
    connection: &mut PgConnection,
    world: WorldId,
) -> Result<bool, sqlx::Error> {
    for _ in 1..LOCK_TRY_COUNT {
        if try_lock(connection, world).await? {
            return Ok(true);
        }
        sleep(LOCK_TRY_EVERY).await;
    }
    try_lock(connection, world).await
}

/// Looks at the world without taking anything: the lock is tried for no longer than this one statement takes.
pub(super) async fn look(connection: &mut PgConnection, world: WorldId) -> Result<Sight, sqlx::Error> {
    let row = sqlx::query(
        "SELECT epoch, epoch_tag, lease_expires > clock_timestamp(), pg_try_advisory_xact_lock($2)
         FROM holdfast.worlds WHERE id = $1",
    )
    .bind(world.0.cast_signed())
    .bind(lock_of(world))
    .fetch_one(connection)
    .await?;
    let number = |place: usize| row.try_get::<i64, _>(place).map(i64::cast_unsigned);
    Ok(Sight {
        ownership: (Epoch(number(0)?), EpochTag(number(1)?)),
        lease: match row.try_get(2)? {
            None => Lease::None,
            Some(true) => Lease::Runs,
            Some(false) => Lease::Past,
        },
        lock_is_free: row.try_get(3)?,
    })
}

/// Ends the backend of an owner whose lease has run out, and says whether there was one.
pub(super) async fn end_expired(connection: &mut PgConnection, world: WorldId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT holdfast.end_expired_holder($1)")
        .bind(world.0.cast_signed())
        .fetch_one(connection)
        .await
}

/// Gives the lease back, where it is still this ownership's: the next owner need not wait for it to run out.
pub(super) async fn release(
    connection: &mut PgConnection,
    world: WorldId,
    epoch: Epoch,
    tag: EpochTag,
) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT holdfast.release_world($1, $2, $3)")
        .bind(world.0.cast_signed())
        .bind(epoch.0.cast_signed())
        .bind(tag.0.cast_signed())
        .execute(connection)
        .await?;
    Ok(())
}

/// The world of that name, made where there is none.
pub(super) async fn declare(
    connection: &mut PgConnection,
    name: &str,
    resume_key: &[u8; 32],
) -> Result<WorldId, sqlx::Error> {
    let id: i64 = sqlx::query_scalar("SELECT holdfast.declare_world($1, $2)")
        .bind(name)
        .bind(resume_key.as_slice())
        .fetch_one(connection)
        .await?;
    Ok(WorldId(id.cast_unsigned()))
}

/// Begins a new ownership. Committed when this returns.
pub(super) async fn take(
    connection: &mut PgConnection,
    world: WorldId,
    holder: &str,
    tag: EpochTag,
) -> Result<Ownership, sqlx::Error> {
    let row = sqlx::query("SELECT epoch, tick, next_id, resume_key FROM holdfast.take_world($1, $2, $3)")
        .bind(world.0.cast_signed())
        .bind(holder)
        .bind(tag.0.cast_signed())
        .fetch_one(connection)
        .await?;
    let number = |place: usize| row.try_get::<i64, _>(place).map(i64::cast_unsigned);
    Ok(Ownership {
        epoch: Epoch(number(0)?),
        tick: Tick(number(1)?),
        next_id: number(2)?,
        resume_key: row.try_get(3)?,
    })
}

/// What the world's row says, read under its lock; none where there is no such world.
pub(super) async fn lock_world(
    connection: &mut PgConnection,
    world: WorldId,
    epoch: Epoch,
    tag: EpochTag,
) -> Result<Option<WorldMark>, sqlx::Error> {
    let row = sqlx::query("SELECT epoch, epoch_tag, tick FROM holdfast.lock_world($1, $2, $3)")
        .bind(world.0.cast_signed())
        .bind(epoch.0.cast_signed())
        .bind(tag.0.cast_signed())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(mark).transpose()
}

/// What the world's row says, without waiting for anybody; none where there is no such world.
pub(super) async fn read_mark(
    connection: &mut PgConnection,
    world: WorldId,
) -> Result<Option<WorldMark>, sqlx::Error> {
    let row = sqlx::query("SELECT epoch, epoch_tag, tick FROM holdfast.worlds WHERE id = $1")
        .bind(world.0.cast_signed())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(mark).transpose()
}

fn mark(row: &PgRow) -> Result<WorldMark, sqlx::Error> {
    let number = |place: usize| row.try_get::<i64, _>(place).map(i64::cast_unsigned);
    Ok(WorldMark { epoch: Epoch(number(0)?), tag: EpochTag(number(1)?), tick: Tick(number(2)?) })
}

/// Ends a backend, and says whether it is gone.
pub(super) async fn end_backend(
    connection: &mut PgConnection,
    backend: &Backend,
) -> Result<bool, sqlx::Error> {
    let there: Option<bool> = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE pid = $1 AND backend_start = $2::text::timestamptz AND pid <> pg_backend_pid()",
    )
    .bind(backend.pid)
    .bind(&backend.started)
    .fetch_optional(connection)
    .await?;
    Ok(there.is_none())
}
