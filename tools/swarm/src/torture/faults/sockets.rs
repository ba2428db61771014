//! F12: connections of players end, or as good as.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use holdfast_devstack::link::Harm;
use rand::RngExt as _;

use crate::torture::recovery::Struck;
use crate::torture::scene::Scene;

/// For how long a connection dribbles.
pub(in crate::torture) const DRIBBLE: Duration = Duration::from_secs(2);

/// For how long one stalls: longer than a client waits for a word.
pub(in crate::torture) const STALL: Duration = Duration::from_secs(5);

/// Up to half of the players' connections suffer it.
pub(super) async fn cut(scene: &mut Scene<'_>, harm: Harm) -> Result<Struck> {
    let owner = scene.owner().await?;
    let count = scene.rng.random_range(1..=scene.options.bots.div_ceil(2));
    let sockets = strike(scene, owner, harm, count)?;
    Ok(Struck::now(scene).at_sockets(sockets))
}

/// So many connections to a server suffer it, by lot. Returns how many did.
pub(super) fn strike(scene: &mut Scene<'_>, server: usize, harm: Harm, count: usize) -> Result<usize> {
    let lot = scene.rng.random();
    let link = scene.stack.links.get(server).context("each server has a link")?;
    let struck = link.strike(harm, count, lot);
    ensure!(struck > 0, "nobody is connected to server {server}");
    Ok(struck)
}
