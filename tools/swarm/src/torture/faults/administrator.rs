//! F8: what others do in the same database: end a backend, cancel a statement, hold locks.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{Connection as _, Executor as _, PgConnection, Postgres};
use tokio::time::{Instant, sleep};

use crate::torture::recovery::Struck;
use crate::torture::scene::{LOOK_EVERY, RECOVERY_WAIT_MAX, Scene};

/// For how long locks are held once a flush waits, in seconds: from a few ticks to longer than a lease.
const LOCKED_S: (f64, f64) = (0.1, 6.0);

/// The world's row.
const WORLD: &str = "SELECT 1 FROM holdfast.worlds FOR UPDATE";

/// Rows that every action writes, of these characters.
const ROWS: &str = "SELECT 1 FROM holdfast.character_actions WHERE entity = ANY($1) FOR UPDATE";

/// How many characters' rows are held, of those that play.
const HELD_CHARACTERS: usize = 4;

/// Whether the owner's flush waits for a lock.
const WAITS: &str = "SELECT true FROM holdfast.worlds AS w JOIN pg_stat_activity AS a ON a.pid = w.holder_pid
    WHERE a.state = 'active' AND a.wait_event_type = 'Lock'";

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
    // It says no where there is no such process any more: the owner may be on its way to another one.
    let end = "SELECT pg_terminate_backend(holder_pid) FROM holdfast.worlds WHERE holder_pid IS NOT NULL";
    until_yes(scene, &mut connection, end, "the owner has no backend").await?;
    connection.close().await?;
    Ok(Struck::now(scene))
}

/// A flush is cancelled: one that waits for the world's row, so that it does not end before.
pub(super) async fn cancel_backend(scene: &mut Scene<'_>) -> Result<Struck> {
    let (mut holding, mut cancelling) = (scene.database().await?, scene.database().await?);
    let mut lock = holding.begin().await?;
    lock.execute(WORLD).await.context("lock the world's row")?;
    // On a connection of its own: within one transaction nobody is seen to change.
    let cancel = "SELECT pg_cancel_backend(a.pid) FROM holdfast.worlds AS w
        JOIN pg_stat_activity AS a ON a.pid = w.holder_pid
        WHERE a.state = 'active' AND a.wait_event_type = 'Lock'";
    until_yes(scene, &mut cancelling, cancel, "no flush came to wait").await?;
    lock.rollback().await?;
    holding.close().await?;
    cancelling.close().await?;
    Ok(Struck::now(scene))
}

/// Somebody holds the world's row for a while.
pub(super) async fn lock_world(scene: &mut Scene<'_>) -> Result<Struck> {
    lock(scene, sqlx::query(WORLD)).await
}

/// Somebody holds rows of characters for a while: of some that play, or nobody would ever come by.
pub(super) async fn lock_rows(scene: &mut Scene<'_>) -> Result<Struck> {
    let players = scene.pulse.players();
    let held = players.sample(&mut scene.rng, HELD_CHARACTERS);
    let held: Vec<_> = held.map(|character| character.0.cast_signed()).collect();
    lock(scene, sqlx::query(ROWS).bind(held)).await
}

/// Holds rows from before a flush comes to wait for them until as long after that as the lot says.
async fn lock(scene: &mut Scene<'_>, rows: Query<'static, Postgres, PgArguments>) -> Result<Struck> {
    let (shortest, longest) = LOCKED_S;
    let time = Duration::from_secs_f64(scene.rng.random_range(shortest..longest));
    let (mut holding, mut looking) = (scene.database().await?, scene.database().await?);
    let mut lock = holding.begin().await?;
    let locked = rows.execute(&mut *lock).await.context("lock rows")?;
    ensure!(locked.rows_affected() > 0, "there is nothing to lock");
    until_yes(scene, &mut looking, WAITS, "no flush came to wait").await?;
    sleep(time).await;
    lock.rollback().await?;
    holding.close().await?;
    looking.close().await?;
    Ok(Struck::now(scene))
}

/// Asks again and again until the answer is yes. No answer at all is none.
async fn until_yes(
    scene: &Scene<'_>,
    connection: &mut PgConnection,
    question: &'static str,
    otherwise: &str,
) -> Result<()> {
    let deadline = Instant::now() + RECOVERY_WAIT_MAX;
    while sqlx::query_scalar::<_, bool>(question).fetch_optional(&mut *connection).await? != Some(true) {
        ensure!(Instant::now() < deadline, "{otherwise}:\n{}", scene.logs());
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}
