//! Bots play, and torture strikes: for what shows anywhere under load.

use anyhow::{Context as _, Result};
use holdfast_checker::Findings;

use super::scene::Setting;
use crate::torture::{self, Progress, TortureOptions, Windows};
use crate::world::World;

/// How many kills a round has: few, so that it is soon known whether something was found.
pub(super) const KILLS_A_ROUND: usize = 3;

/// Server and PostgreSQL are killed together inside such windows of a flush.
pub(super) async fn play(
    windows: Windows,
    setting: &Setting<'_>,
    progress: &mut impl FnMut(&str),
) -> Result<Findings> {
    let options = TortureOptions {
        binary: setting.binary.to_owned(),
        environment: setting.environment(),
        windows,
        ..TortureOptions::new(World::Ledger, KILLS_A_ROUND, setting.seed)
    };
    let tell = |told: &Progress| {
        if told.is_new {
            progress(&format!("  {told}"));
        }
    };
    let report = torture::run(&options, tell).await?;
    report.findings.context("the checker has looked")
}
