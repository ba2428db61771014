//! F5 and F7: the owner loses the world without noticing, since it hangs, or since it does not reach PostgreSQL. A
//! listener stays with it, to hear whether it still speaks for the world afterwards.

use anyhow::Result;
use tokio::time::Instant;

use crate::torture::recovery::{Kept, Loss, Struck};
use crate::torture::scene::Scene;

/// The owner hangs (SIGSTOP).
pub(super) async fn stop(scene: &mut Scene<'_>) -> Result<Struck> {
    let owner = owner_that_is_listened_to(scene).await?;
    scene.stack.server_mut(owner)?.freeze();
    Ok(deprived(scene, owner, Loss::Time))
}

/// Nothing passes any more between the owner and PostgreSQL.
pub(super) async fn part(scene: &mut Scene<'_>) -> Result<Struck> {
    let owner = owner_that_is_listened_to(scene).await?;
    scene.proxy(owner)?.set_blackhole(true);
    Ok(deprived(scene, owner, Loss::Store))
}

fn deprived(scene: &Scene<'_>, server: usize, what: Loss) -> Struck {
    let until = Instant::now() + scene.options.stopped_for;
    Struck::now(scene).away().keeping(Kept { server, what, until })
}

async fn owner_that_is_listened_to(scene: &mut Scene<'_>) -> Result<usize> {
    let owner = scene.owner().await?;
    let address = scene.stack.server_mut(owner)?.ws_url();
    scene.listeners.listen_to(&address, scene.witness).await?;
    // It has just heard of a commit.
    scene.wait_a_moment().await;
    Ok(owner)
}
