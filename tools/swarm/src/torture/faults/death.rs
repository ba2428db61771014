//! F1 and F7: servers are killed (SIGKILL), and started again.

use anyhow::Result;
use tokio::time::Instant;

use crate::torture::recovery::{Kept, Loss, Struck};
use crate::torture::scene::Scene;

/// The owner is killed, and started again at once. Where another one stands by, whoever is quicker has the world.
pub(super) async fn kill(scene: &mut Scene<'_>) -> Result<Struck> {
    let owner = scene.owner().await?;
    scene.kill(owner)?;
    let struck = Struck::now(scene).away();
    scene.start(owner)?;
    Ok(struck)
}

/// The owner is killed, and the one that stands by is on its own.
pub(super) async fn kill_and_keep(scene: &mut Scene<'_>) -> Result<Struck> {
    let owner = scene.owner().await?;
    scene.kill(owner)?;
    let kept = Kept { server: owner, what: Loss::Life, until: Instant::now() };
    Ok(Struck::now(scene).away().keeping(kept))
}

/// All servers of the world are killed, and all start at the same instant. That one owns it then and the others stand
/// by is seen when the world has recovered.
pub(super) async fn race(scene: &mut Scene<'_>) -> Result<Struck> {
    let count = scene.stack.servers().count();
    for number in 0..count {
        scene.kill(number)?;
    }
    let struck = Struck::now(scene).away();
    for number in 0..count {
        scene.start(number)?;
    }
    Ok(struck)
}
