//! Tries out, without touching any world, what a server will need of a database: `doctor` does so before anybody
//! depends on it.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection, Row as _};
use tokio::time::sleep;

use super::connection::{Backend, ConnectError, open};
use super::ownership;

/// A lock that nothing else takes. The letters of `DOCTOR__`.
const SCRATCH_LOCK: i64 = 0x444f_4354_4f52_5f5f;

/// How often a backend that was ended is looked for, and how long is waited in between: three seconds in all.
const LOOK_COUNT_MAX: u32 = 150;
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trial {
    /// It does what a world needs.
    Works,
    /// Somebody else is trying just now, so it cannot be said.
    Busy,
    /// It does not.
    Fails,
}

/// Whether an advisory lock keeps others out for as long as its holder has it.
pub(crate) async fn lock(
    options: &PgConnectOptions,
    holder: &mut PgConnection,
) -> Result<Trial, ConnectError> {
    let mut other = open(options).await?;
    if !try_lock(holder).await? {
        return Ok(Trial::Busy);
    }
    let other_got_it = try_lock(&mut other).await?;
    let given_back: bool =
        sqlx::query_scalar("SELECT pg_advisory_unlock($1)").bind(SCRATCH_LOCK).fetch_one(holder).await?;
    let free_again = try_lock(&mut other).await?;
    other.close().await?;
    Ok(if !other_got_it && given_back && free_again { Trial::Works } else { Trial::Fails })
}

async fn try_lock(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(SCRATCH_LOCK).fetch_one(connection).await
}

/// Whether a login can end a backend of its own: a second connection is made for it, and ended.
pub(crate) async fn end_backend(
    options: &PgConnectOptions,
    connection: &mut PgConnection,
) -> Result<Trial, ConnectError> {
    let mut victim = open(options).await?;
    let row = sqlx::query(
        "SELECT pid, backend_start::text FROM pg_stat_activity
         WHERE pid = pg_backend_pid() AND backend_start IS NOT NULL",
    )
    .fetch_one(&mut victim)
    .await?;
    let backend = Backend { pid: row.try_get(0)?, started: row.try_get(1)? };
    for _ in 0..LOOK_COUNT_MAX {
        if ownership::end_backend(connection, &backend).await? {
            // Gone from the list, and for its own client as well.
            let answer = sqlx::query("SELECT 1").fetch_one(&mut victim).await;
            return Ok(if answer.is_err() { Trial::Works } else { Trial::Fails });
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(Trial::Fails)
}

/// One commit that waits for the disk (and for a synchronous replica) as a flush does, and changes nothing: a message
/// in the write-ahead log, which only who decodes that log would ever see. It returns when the commit has.
pub(crate) async fn commit(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_logical_emit_message(true, 'holdfast doctor', '')").execute(connection).await?;
    Ok(())
}

/// PostgreSQL's clock, since 1970.
pub(crate) async fn clock(connection: &mut PgConnection) -> Result<Duration, sqlx::Error> {
    let microseconds: i64 =
        sqlx::query_scalar("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
            .fetch_one(connection)
            .await?;
    Ok(Duration::from_micros(u64::try_from(microseconds).unwrap_or_default()))
}
