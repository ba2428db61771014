//! F2: server and PostgreSQL die together while a flush is held: where nothing of it is committed yet, or where all of
//! it is and nobody knows.

use anyhow::{Context as _, Result, bail};
use holdfast_devstack::proxy::{FlushPlan, Hold, Window};
use rand::RngExt as _;
use tokio::time::{Duration, sleep, timeout};

use crate::torture::recovery::{self, Struck};
use crate::torture::scene::{RECOVERY_WAIT_MAX, Scene};

/// For how long a flush is held: long enough to kill everything inside that window.
const HOLD: Duration = Duration::from_millis(500);

/// How often it is tried to kill both before the hold ends: a machine may be slow for once, not again and again.
const TRIES: u32 = 5;

/// Both are killed, and started again. Where the hold had ended by itself before both were dead, that proves nothing of
/// a window: the world recovers, and it is done again.
pub(super) async fn kill_both(scene: &mut Scene<'_>, window: Window) -> Result<Struck> {
    for _ in 0..TRIES {
        let (struck, is_inside) = try_to_kill_both(scene, window).await?;
        if is_inside {
            return Ok(struck);
        }
        recovery::measure(scene, &struck).await?;
        scene.restore().await?;
    }
    bail!("{TRIES} times the flush had gone on before server and PostgreSQL were dead")
}

/// Says as well whether the flush was held until both were dead.
async fn try_to_kill_both(scene: &mut Scene<'_>, window: Window) -> Result<(Struck, bool)> {
    let owner = scene.owner().await?;
    let proxy = scene.proxy(owner)?;
    let expired_count = proxy.expired_count();
    proxy.set_plan(FlushPlan::Hold(Hold { window, duration: HOLD }));
    timeout(RECOVERY_WAIT_MAX, proxy.next_window()).await.context("no flush came by")?;
    // Anywhere in the window, but seldom so late that the kill itself falls behind it.
    sleep(HOLD.mul_f64(scene.rng.random_range(0.05..0.6))).await;
    scene.kill(owner)?;
    scene.stack.postgres.kill_group();
    let is_inside = scene.proxy(owner)?.expired_count() == expired_count;
    let struck = Struck::now(scene).away();
    scene.proxy(owner)?.set_plan(FlushPlan::Pass);
    scene.stack.postgres.start_again().await?;
    scene.start(owner)?;
    Ok((struck, is_inside))
}
