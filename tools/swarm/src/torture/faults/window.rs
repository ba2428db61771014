//! F2: server and PostgreSQL die together while a flush is held: where nothing of it is committed yet, or where all of
//! it is and nobody knows.

use anyhow::{Context as _, Result};
use holdfast_devstack::proxy::{FlushPlan, Hold, Window};
use rand::RngExt as _;
use tokio::time::{Duration, sleep, timeout};

use crate::torture::recovery::Struck;
use crate::torture::scene::{RECOVERY_WAIT_MAX, Scene};

/// For how long a flush is held: long enough to kill everything inside that window.
const HOLD: Duration = Duration::from_millis(500);

/// Both are killed, and started again.
pub(super) async fn kill_both(scene: &mut Scene<'_>, window: Window) -> Result<Struck> {
    let owner = scene.owner().await?;
    let proxy = scene.proxy(owner)?;
    proxy.set_plan(FlushPlan::Hold(Hold { window, duration: HOLD }));
    timeout(RECOVERY_WAIT_MAX, proxy.next_window()).await.context("no flush came by")?;
    // Anywhere in the window, but never so late that the kill itself falls behind it.
    sleep(HOLD.mul_f64(scene.rng.random_range(0.05..0.6))).await;
    scene.kill(owner)?;
    scene.stack.postgres.kill_group();
    let struck = Struck::now(scene).away();
    scene.proxy(owner)?.set_plan(FlushPlan::Pass);
    scene.stack.postgres.start_again().await?;
    scene.start(owner)?;
    Ok(struck)
}
