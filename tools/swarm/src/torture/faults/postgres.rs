//! F3 and F6: PostgreSQL ends and is started again, hangs, or is slow. The server must outlive it.

use std::time::Duration;

use anyhow::{Context as _, Result};
use rand::RngExt as _;
use tokio::time::sleep;

use super::administrator::holder_pid;
use crate::torture::memory::MemoryWatch;
use crate::torture::recovery::Struck;
use crate::torture::scene::Scene;

/// How long PostgreSQL stays away at most, beside the time that it takes to start.
const AWAY_MAX_S: f64 = 1.0;

/// The least that it hangs.
const ASLEEP_MIN: Duration = Duration::from_millis(100);

/// How late its answers are where it is slow, in milliseconds.
const LATE_MS: (u64, u64) = (5, 500);

/// For how long it is slow, in seconds.
const SLOW_S: (f64, f64) = (1.0, 5.0);

/// All of its processes are killed.
pub(super) async fn kill(scene: &mut Scene<'_>) -> Result<Struck> {
    scene.stack.postgres.kill_group();
    come_back(scene).await
}

/// It ends at once, in its own way.
pub(super) async fn quit(scene: &mut Scene<'_>) -> Result<Struck> {
    scene.stack.postgres.quit_immediately().await?;
    come_back(scene).await
}

/// The process that the owner writes over is killed, and the others end because of it.
pub(super) async fn crash_backend(scene: &mut Scene<'_>) -> Result<Struck> {
    let pid = holder_pid(scene).await?;
    scene.stack.postgres.kill_one_backend(pid).await?;
    come_back(scene).await
}

async fn come_back(scene: &mut Scene<'_>) -> Result<Struck> {
    sleep(Duration::from_secs_f64(scene.rng.random_range(0.0..AWAY_MAX_S))).await;
    scene.stack.postgres.start_again().await?;
    Ok(Struck::now(scene))
}

/// All of its processes hang, for as long as the lot says.
pub(super) async fn sleep_for_a_while(scene: &mut Scene<'_>) -> Result<Struck> {
    let owner = scene.owner().await?;
    let memory = MemoryWatch::start(scene.stack.server_mut(owner)?.pid().context("the owner runs")?);
    let longest = scene.options.stopped_for.max(ASLEEP_MIN * 2);
    let time =
        Duration::from_secs_f64(scene.rng.random_range(ASLEEP_MIN.as_secs_f64()..longest.as_secs_f64()));
    scene.stack.postgres.freeze();
    sleep(time).await;
    scene.stack.postgres.thaw();
    Ok(Struck::now(scene).watched(memory))
}

/// Each of its answers comes late, for some seconds.
pub(super) async fn be_slow(scene: &mut Scene<'_>) -> Result<Struck> {
    let (least, most) = LATE_MS;
    let latency = Duration::from_millis(scene.rng.random_range(least..=most));
    let (shortest, longest) = SLOW_S;
    let time = Duration::from_secs_f64(scene.rng.random_range(shortest..longest));
    scene.stack.proxies.iter().for_each(|proxy| proxy.set_latency(latency));
    sleep(time).await;
    scene.stack.proxies.iter().for_each(|proxy| proxy.set_latency(Duration::ZERO));
    Ok(Struck::now(scene))
}
