//! What came out: every measurement, what is made of them, and whether they may be reported at all.

mod ratio;
mod table;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::baseline::Rival;
use super::costs::Cores;
use super::draw::Shape;
use super::instruments::Ticks;
use super::window::{Tally, Window};
use super::{Load, TransferOptions};
use crate::times::Percentiles;

/// How close a pool of ours must come to pgbench with the same procedure: below, it is our driver that is slow, and a ratio
/// to it would say nothing.
const PGBENCH_SHARE_MIN: f64 = 0.8;

/// Who makes the transfers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Contender {
    /// The world.
    Ours {
        /// Its ticks a second.
        tick_hz: u32,
        /// How many transfers each client has outstanding.
        pipeline: usize,
    },
    /// Each transfer by itself.
    Rival {
        /// How.
        rival: Rival,
        /// Over how many connections.
        pool: usize,
    },
    /// The service that writes batches.
    Batching {
        /// How many transfers each client has outstanding.
        pipeline: usize,
    },
}

/// One measurement's figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Durable transfers a second.
    pub per_s: f64,
    /// From a transfer asked for to its answer; pgbench is not asked.
    pub latency_ms: Option<Percentiles>,
    /// How many a rule refused.
    pub rejected: u64,
    /// What it cost; of pgbench it is not known.
    pub cores: Option<Cores>,
    /// The world's ticks.
    pub ticks: Option<Ticks>,
}

impl Figures {
    /// What clients or connections have counted together.
    pub(super) fn of(total: &Tally, window: &Window, cores: Cores) -> Self {
        Self {
            per_s: total.per_s(window),
            latency_ms: Some(total.latency.percentiles()),
            rejected: total.rejected,
            cores: Some(cores),
            ticks: None,
        }
    }
}

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Measurement {
    pub(super) repeat: usize,
    pub(super) shape: Shape,
    pub(super) contender: Contender,
    #[serde(flatten)]
    pub(super) figures: Figures,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct TransferReport {
    clients: usize,
    pipeline: usize,
    purses: usize,
    seconds: f64,
    shapes: Vec<Shape>,
    /// Short ones, by which the best tick rate and the best pools were found.
    trials: Vec<Measurement>,
    measurements: Vec<Measurement>,
}

impl TransferReport {
    /// Nothing is measured yet.
    pub(super) fn new(options: &TransferOptions) -> Self {
        Self {
            clients: options.clients,
            pipeline: options.pipeline,
            purses: options.purses,
            seconds: options.span.as_secs_f64(),
            shapes: options.shapes.clone(),
            trials: Vec::new(),
            measurements: Vec::new(),
        }
    }

    /// Takes in a trial.
    pub(super) fn tried(&mut self, trial: Measurement, say: fn(&str)) {
        say(&format!("trial    {}", trial.in_words()));
        self.trials.push(trial);
    }

    /// Takes in a measurement.
    pub(super) fn measured(
        &mut self,
        repeat: usize,
        load: &Load,
        contender: Contender,
        figures: Figures,
        say: fn(&str),
    ) {
        let measurement = Measurement { repeat, shape: load.shape, contender, figures };
        say(&format!("round {:<2} {}", repeat + 1, measurement.in_words()));
        self.measurements.push(measurement);
    }

    /// The size of pool with which somebody was fastest when it was tried.
    pub(super) fn best_pool(&self, shape: Shape, wanted: Rival) -> Option<usize> {
        self.best_trial(|trial| match trial.contender {
            Contender::Rival { rival, pool } if rival == wanted && trial.shape == shape => Some(pool),
            _ => None,
        })
    }

    /// The tick rate with which the world was fastest when it was tried, over all spreads.
    pub(super) fn best_tick_rate(&self) -> Option<u32> {
        self.best_trial(|trial| match trial.contender {
            Contender::Ours { tick_hz, .. } => Some(tick_hz),
            _ => None,
        })
    }

    /// Of what trials are about (none: not about it), that with the most transfers in all of its trials; of equals, the last.
    fn best_trial<T: Ord>(&self, about: impl Fn(&Measurement) -> Option<T>) -> Option<T> {
        let mut sums = BTreeMap::<T, f64>::new();
        for trial in &self.trials {
            if let Some(key) = about(trial) {
                *sums.entry(key).or_default() += trial.figures.per_s;
            }
        }
        sums.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(key, _)| key)
    }

    /// Why these figures say nothing, where they say nothing.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        self.shapes.iter().find_map(|shape| {
            let share = self.share_of_pgbench(*shape)?;
            (share < PGBENCH_SHARE_MIN).then(|| {
                format!(
                    "No report: {shape}, our pool makes only {share:.2} times as many calls of the procedure as pgbench \
                     with the same number of connections, so that ours measures itself."
                )
            })
        })
    }

    /// One sentence for each thing that should not have happened.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let all = self.trials.iter().chain(&self.measurements);
        let rejected: u64 = all.map(|measurement| measurement.figures.rejected).sum();
        let mut failures = Vec::new();
        if rejected > 0 {
            failures.push(format!(
                "{rejected} transfers were refused; every purse holds enough for all of them."
            ));
        }
        if self.measurements.iter().any(|measurement| measurement.figures.per_s <= 0.0) {
            failures.push("Something was measured in which nothing was transferred.".to_owned());
        }
        failures
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "clients": self.clients, "pipeline": self.pipeline, "purses": self.purses, "seconds": self.seconds,
            "trials": self.trials, "measurements": self.measurements, "ratios": self.ratios(),
            "failures": self.failures(),
        })
    }

    /// Everybody who was measured with this spread, in the order of the first round.
    fn contenders(&self, shape: Shape) -> Vec<Contender> {
        let first = self.measurements.iter().filter(|measurement| measurement.repeat == 0);
        first
            .filter(|measurement| measurement.shape == shape)
            .map(|measurement| measurement.contender)
            .collect()
    }

    /// All rounds of somebody, the slowest first.
    fn rounds(&self, shape: Shape, contender: Contender) -> Vec<&Measurement> {
        let is_it =
            |measurement: &&Measurement| measurement.shape == shape && measurement.contender == contender;
        let mut rounds: Vec<_> = self.measurements.iter().filter(is_it).collect();
        rounds.sort_by(|a, b| a.figures.per_s.total_cmp(&b.figures.per_s));
        rounds
    }

    /// The round in the middle; of two, the slower one.
    fn median(&self, shape: Shape, contender: Contender) -> Option<&Measurement> {
        let rounds = self.rounds(shape, contender);
        rounds.get(rounds.len().saturating_sub(1) / 2).copied()
    }
}

#[cfg(test)]
mod tests;
