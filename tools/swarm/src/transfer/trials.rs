//! Short measurements first: which tick rate and which sizes of pools are worth a longer one.
//!
//! Everything is tried twice, the second time in the opposite order, and the sum decides: what comes late finds larger tables
//! and warmer caches than what comes early.

use anyhow::Result;

use super::baseline::{Baselines, POOLS, Rival};
use super::ours::Ours;
use super::report::{Contender, Measurement, TransferReport};
use super::{Load, TransferOptions};

/// Tries every tick rate, and says which are measured: the first, and the best where that is another one.
pub(super) async fn tick_rates(
    options: &TransferOptions,
    ours: &mut Ours,
    report: &mut TransferReport,
    say: fn(&str),
) -> Result<Vec<u32>> {
    if options.tick_rates.len() > 1 {
        for (pass, tick_hz) in there_and_back(&options.tick_rates) {
            ours.tick_at(tick_hz).await?;
            for load in loads(options) {
                let contender = Contender::Ours { tick_hz, pipeline: load.pipeline };
                let figures = ours.measure(&load).await?;
                report.tried(Measurement { repeat: pass, shape: load.shape, contender, figures }, say);
            }
        }
    }
    let base = options.tick_rates[0];
    let best = report.best_tick_rate().unwrap_or(base);
    Ok(if best == base { vec![base] } else { vec![base, best] })
}

/// Tries every size of pool.
pub(super) async fn pools(
    options: &TransferOptions,
    baselines: &Baselines,
    report: &mut TransferReport,
    say: fn(&str),
) -> Result<()> {
    let tried: Vec<_> = Rival::POOLED.iter().flat_map(|rival| POOLS.map(|pool| (*rival, pool))).collect();
    for load in loads(options) {
        for (pass, (rival, pool)) in there_and_back(&tried) {
            let figures = baselines.measure(rival, pool, &load).await?;
            let contender = Contender::Rival { rival, pool };
            report.tried(Measurement { repeat: pass, shape: load.shape, contender, figures }, say);
        }
    }
    Ok(())
}

fn loads(options: &TransferOptions) -> Vec<Load> {
    let span = options.span.min(super::TRIAL_MAX);
    options.loads(0, &[options.pipeline]).into_iter().map(|load| Load { span, ..load }).collect()
}

/// Everything once in this order and once in the opposite one, each with the number of its pass.
fn there_and_back<T: Copy>(all: &[T]) -> impl Iterator<Item = (usize, T)> {
    let there = all.iter().map(|one| (0, *one));
    there.chain(all.iter().rev().map(|one| (1, *one)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_pass_goes_in_the_opposite_order() {
        let passes: Vec<_> = there_and_back(&[8, 16]).collect();
        assert_eq!(passes, [(0, 8), (0, 16), (1, 16), (1, 8)]);
    }
}
