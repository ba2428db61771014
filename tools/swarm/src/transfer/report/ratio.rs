//! How the world compares with the others, round by round, so that what disturbed a whole round disturbs no ratio.

use serde::Serialize;

use super::{Contender, Measurement, TransferReport};
use crate::transfer::baseline::Rival;
use crate::transfer::draw::Shape;

/// The world's transfers a second over somebody else's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Ratio {
    pub(super) shape: Shape,
    pub(super) tick_hz: u32,
    pub(super) pipeline: usize,
    /// Over whose.
    pub(super) over: Other,
    pub(super) median: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

/// Whom the world is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Other {
    /// Transfers by themselves: a transaction or a procedure each, whichever was faster in that round.
    OneByOne,
    /// The service that writes batches, with as many outstanding.
    Batching,
}

impl TransferReport {
    /// Every ratio that can be formed.
    pub(super) fn ratios(&self) -> Vec<Ratio> {
        let mut ratios = Vec::new();
        for shape in &self.shapes {
            for contender in self.contenders(*shape) {
                let Contender::Ours { tick_hz, pipeline } = contender else { continue };
                for over in [Other::OneByOne, Other::Batching] {
                    let rounds = sorted(self.by_rounds(*shape, contender, over, pipeline));
                    let Some(median) = median(&rounds) else { continue };
                    let (min, max) = (rounds[0], rounds[rounds.len() - 1]);
                    ratios.push(Ratio { shape: *shape, tick_hz, pipeline, over, median, min, max });
                }
            }
        }
        ratios
    }

    /// How our pool compares with pgbench at the same procedure and as many connections: the median over the rounds. None
    /// where they were not both measured.
    pub(super) fn share_of_pgbench(&self, shape: Shape) -> Option<f64> {
        let of = |repeat, wanted| {
            let is_it = |one: &&Measurement| {
                let Contender::Rival { rival, .. } = one.contender else { return false };
                rival == wanted && one.repeat == repeat && one.shape == shape
            };
            Some(self.measurements.iter().find(is_it)?.figures.per_s)
        };
        let repeats = self.measurements.iter().map(|one| one.repeat + 1).max()?;
        let share = |repeat| Some(of(repeat, Rival::Procedure)? / of(repeat, Rival::Pgbench)?);
        median(&sorted((0..repeats).filter_map(share).collect()))
    }

    fn by_rounds(&self, shape: Shape, ours: Contender, over: Other, pipeline: usize) -> Vec<f64> {
        let is_other = |contender| match (over, contender) {
            (Other::OneByOne, Contender::Rival { rival, .. }) => rival != Rival::Pgbench,
            (Other::Batching, Contender::Batching { pipeline: theirs }) => theirs == pipeline,
            _ => false,
        };
        let rounds = self.rounds(shape, ours);
        let ratio = |repeat: usize, per_s: f64| {
            let of_round =
                self.measurements.iter().filter(|other| other.repeat == repeat && other.shape == shape);
            let others = of_round.filter(|other| is_other(other.contender)).map(|other| other.figures.per_s);
            others.max_by(f64::total_cmp).filter(|best| *best > 0.0).map(|best| per_s / best)
        };
        rounds.into_iter().filter_map(|round| ratio(round.repeat, round.figures.per_s)).collect()
    }
}

fn sorted(mut rounds: Vec<f64>) -> Vec<f64> {
    rounds.sort_by(f64::total_cmp);
    rounds
}

/// The one in the middle; of two, the lower one.
fn median(sorted: &[f64]) -> Option<f64> {
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}
