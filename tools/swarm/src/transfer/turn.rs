//! Who is measured when. Every round begins with somebody else, so that nobody always comes first, when tables are small and
//! the disk is at rest.

use anyhow::{Context as _, Result};

use super::TransferOptions;
use super::baseline::{Baselines, Rival};
use super::ours::Ours;
use super::report::{Contender, TransferReport};

/// Somebody who is measured with every load before the next one's turn comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The world at so many ticks a second.
    Ours(u32),
    /// Transfers by themselves.
    Rival(Rival),
    /// The service that writes batches.
    Batching,
}

/// The turns of the first round.
pub(super) fn all(tick_rates: &[u32], with_baselines: bool) -> Vec<Turn> {
    let mut turns: Vec<_> = tick_rates.iter().map(|tick_hz| Turn::Ours(*tick_hz)).collect();
    if with_baselines {
        turns.extend(Rival::ALL.map(Turn::Rival));
        turns.push(Turn::Batching);
    }
    turns
}

/// The same turns in the order of a later round.
pub(super) fn of_round(mut turns: Vec<Turn>, repeat: usize) -> Vec<Turn> {
    let first = repeat % turns.len().max(1);
    turns.rotate_left(first);
    turns
}

/// Takes a turn of the world.
pub(super) async fn ours(
    options: &TransferOptions,
    repeat: usize,
    (ours, tick_hz): (&mut Ours, u32),
    report: &mut TransferReport,
    say: fn(&str),
) -> Result<()> {
    ours.tick_at(tick_hz).await?;
    for load in options.loads(repeat, &options.pipelines()) {
        let contender = Contender::Ours { tick_hz, pipeline: load.pipeline };
        report.measured(repeat, &load, contender, ours.measure(&load).await?, say);
    }
    Ok(())
}

/// Takes a turn of transfers by themselves.
pub(super) async fn rival(
    options: &TransferOptions,
    repeat: usize,
    (baselines, rival): (&Baselines, Rival),
    report: &mut TransferReport,
    say: fn(&str),
) -> Result<()> {
    for load in options.loads(repeat, &[options.pipeline]) {
        let pool = report.best_pool(load.shape, rival.pooled_as()).context("every pool was tried")?;
        let figures = baselines.measure(rival, pool, &load).await?;
        report.measured(repeat, &load, Contender::Rival { rival, pool }, figures, say);
    }
    Ok(())
}

/// Takes a turn of the service that writes batches.
pub(super) async fn batching(
    options: &TransferOptions,
    repeat: usize,
    baselines: &Baselines,
    report: &mut TransferReport,
    say: fn(&str),
) -> Result<()> {
    for load in options.loads(repeat, &options.pipelines()) {
        let figures = baselines.measure_batching(&load).await?;
        report.measured(repeat, &load, Contender::Batching { pipeline: load.pipeline }, figures, say);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_begins_with_somebody_else_and_leaves_nobody_out() {
        let turns = all(&[20, 60], true);
        let rounds: Vec<_> = (0..turns.len()).map(|repeat| of_round(turns.clone(), repeat)).collect();
        assert_eq!(rounds[0], turns);
        for (repeat, round) in rounds.iter().enumerate() {
            assert_eq!(round[0], turns[repeat]);
            assert!(turns.iter().all(|turn| round.contains(turn)));
        }
        assert_eq!(all(&[20], false), [Turn::Ours(20)]);
    }
}
