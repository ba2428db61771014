//! F4: a connection is cut with a flush in it, so that its owner cannot know whether it is committed.

use std::time::Duration;

use anyhow::{Context as _, Result};
use holdfast_devstack::proxy::CommitCut;
use rand::RngExt as _;
use tokio::time::timeout;

use crate::torture::recovery::Struck;
use crate::torture::scene::{RECOVERY_WAIT_MAX, Scene};

/// How late a reply is at most: the owner has given up waiting for it.
pub(in crate::torture) const LATE_MAX: Duration = Duration::from_secs(12);

/// How late it is at least: players have been told that the world stands still.
const LATE_MIN: Duration = Duration::from_millis(700);

/// The next flush suffers it.
pub(super) async fn cut(scene: &mut Scene<'_>, cut: CommitCut) -> Result<Struck> {
    let cut = match cut {
        CommitCut::LateReply(most) => {
            let seconds = scene.rng.random_range(LATE_MIN.as_secs_f64()..most.as_secs_f64());
            CommitCut::LateReply(Duration::from_secs_f64(seconds))
        }
        other => other,
    };
    let proxy = scene.proxy(scene.owner().await?)?;
    proxy.cut_next(cut);
    timeout(RECOVERY_WAIT_MAX, proxy.cut_done()).await.context("no flush came by")?;
    Ok(Struck::now(scene))
}
