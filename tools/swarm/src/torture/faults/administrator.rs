//! F8: what others do in the same database: end a backend, cancel a statement, hold locks.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rand::RngExt as _;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::time::{Instant, sleep};

use crate::torture::recovery::Struck;
use crate::torture::scene::{LOOK_EVERY, RECOVERY_WAIT_MAX, Scene};

/// For how long locks are held, in seconds: from a few ticks to longer than a lease.
const LOCKED_S: (f64, f64) = (0.1, 6.0);

/// The world's row.
const WORLD: &str = "SELECT 1 FROM holdfast.worlds FOR UPDATE";

/// Rows that every action writes, of some characters.
const ROWS: &str = "SELECT 1 FROM holdfast.character_actions ORDER BY random() LIMIT 4 FOR UPDATE";

/// The process of PostgreSQL that the owner writes over.
pub(super) async fn holder_pid(scene: &Scene<'_>) -> Result<u32> {
    let mut connection = scene.database().await?;
    let pid: i32 =
        sqlx::query_scalar("SELECT holder_pid FROM holdfast.worlds").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(u32::try_from(pid)?)
}

/// The connection that the owner flushes over is ended.
pub(super) async fn kill_backend(scene: &mut Scene<'_>) -> Result<Struck> {
    let mut connection = scene.database().await?;
    let ended = connection
        .execute("SELECT pg_terminate_backend(holder_pid) FROM holdfast.worlds WHERE holder_pid IS NOT NULL")
        .await
        .context("end the owner's backend")?;
    ensure!(ended.rows_affected() == 1, "nobody owns the world");
    connection.close().await?;
    Ok(Struck::now(scene))
}

/// A flush is cancelled: one that waits for the world's row, so that it does not end before.
pub(super) async fn cancel_backend(scene: &mut Scene<'_>) -> Result<Struck> {
    let mut connection = scene.database().await?;
    let mut lock = connection.begin().await?;
    lock.execute(WORLD).await.context("lock the world's row")?;
    let cancel = "SELECT pg_cancel_backend(a.pid) FROM holdfast.worlds AS w
        JOIN pg_stat_activity AS a ON a.pid = w.holder_pid
        WHERE a.state = 'active' AND a.wait_event_type = 'Lock'";
    let deadline = Instant::now() + RECOVERY_WAIT_MAX;
    while lock.execute(cancel).await.context("cancel a flush")?.rows_affected() == 0 {
        ensure!(Instant::now() < deadline, "no flush came to wait:\n{}", scene.logs());
        sleep(LOOK_EVERY).await;
    }
    lock.rollback().await?;
    connection.close().await?;
    Ok(Struck::now(scene))
}

/// Somebody holds the world's row for a while.
pub(super) async fn lock_world(scene: &mut Scene<'_>) -> Result<Struck> {
    lock(scene, WORLD).await
}

/// Somebody holds rows of characters for a while.
pub(super) async fn lock_rows(scene: &mut Scene<'_>) -> Result<Struck> {
    lock(scene, ROWS).await
}

async fn lock(scene: &mut Scene<'_>, rows: &'static str) -> Result<Struck> {
    let (shortest, longest) = LOCKED_S;
    let time = Duration::from_secs_f64(scene.rng.random_range(shortest..longest));
    let mut connection: PgConnection = scene.database().await?;
    let mut lock = connection.begin().await?;
    lock.execute(rows).await.context("lock rows")?;
    sleep(time).await;
    lock.rollback().await?;
    connection.close().await?;
    Ok(Struck::now(scene))
}
