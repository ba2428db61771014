//! `swarm transfer`: transfers between any two of 100,000 purses, as fast as so many clients get answers; and beside it, on
//! the same PostgreSQL, what one would write without the engine.
//!
//! The loop is closed: a client has so many transfers outstanding and asks for another when one is answered, so throughput
//! and latency are two sides of one figure. An open loop at a given rate is what [`crate::load`] does.
//!
//! In reading order: [`draw`] (between which purses), [`window`] (what counts), [`payer`] (a client), [`pots`], [`ours`]
//! (the world under load), [`baseline`] (the others), [`report`].

mod baseline;
mod costs;
mod draw;
mod instruments;
mod ours;
mod payer;
mod pots;
mod report;
mod window;

use std::time::Duration;

use anyhow::{Context as _, Result};

use baseline::{Baselines, POOLS, Rival};
use ours::Ours;
use report::Measurement;

pub use costs::Cores;
pub use draw::Shape;
pub use instruments::Ticks;
pub use report::{Contender, Figures, TransferReport};
pub use window::Latency;

/// For how long each tick rate and each size of pool is tried at most, before the best of them are measured.
const TRIAL_MAX: Duration = Duration::from_secs(3);

/// What is to be run.
#[derive(Clone, Debug)]
pub struct TransferOptions {
    /// How many clients.
    pub clients: usize,
    /// How many transfers each has outstanding. It is measured with one as well.
    pub pipeline: usize,
    /// How long each measurement lasts.
    pub span: Duration,
    /// How transfers are spread over the purses.
    pub shapes: Vec<Shape>,
    /// How many purses there are.
    pub purses: usize,
    /// The tick rates: the first is measured throughout, and beside it the best of all.
    pub tick_rates: Vec<u32>,
    /// How often everything is measured.
    pub repeats: usize,
    /// Whether the others are measured too.
    pub with_baselines: bool,
    /// What makes two runs draw the same purses.
    pub seed: u64,
}

/// What one measurement is about.
#[derive(Clone, Copy, Debug)]
struct Load {
    shape: Shape,
    clients: usize,
    pipeline: usize,
    span: Duration,
    seed: u64,
}

impl Load {
    /// The seed of the client or connection with this number.
    fn seed_of(&self, number: usize) -> u64 {
        self.seed ^ u64::try_from(number).unwrap_or(u64::MAX).rotate_left(32)
    }
}

/// Runs it. The server's binary must have been built.
///
/// # Errors
/// Where something does not start, or where one is not what was answered: then there is nothing to report.
pub async fn run(options: &TransferOptions, say: fn(&str)) -> Result<TransferReport> {
    let base = *options.tick_rates.first().context("there is a tick rate")?;
    let mut ours = Ours::open(options, base, say).await?;
    let mut report = TransferReport::new(options);
    let tick_rates = try_tick_rates(options, &mut ours, &mut report, say).await?;
    let mut baselines = None;
    if options.with_baselines {
        ours.stand_aside().await?;
        let postgres = &ours.stack()?.postgres;
        let prepared = Baselines::prepare(postgres, options.purses, ours.processes()).await?;
        try_pools(options, &prepared, &mut report, say).await?;
        baselines = Some(prepared);
    }
    for repeat in 0..options.repeats {
        for tick_hz in &tick_rates {
            ours.tick_at(*tick_hz).await?;
            for load in options.loads(repeat, &options.pipelines()) {
                let contender = Contender::Ours { tick_hz: *tick_hz, pipeline: load.pipeline };
                report.measured(repeat, &load, contender, ours.measure(&load).await?, say);
            }
        }
        let Some(baselines) = &baselines else { continue };
        ours.stand_aside().await?;
        for load in options.loads(repeat, &[options.pipeline]) {
            for rival in Rival::ALL {
                let pool = report.best_pool(load.shape, rival).context("every pool was tried")?;
                let figures = baselines.measure(rival, pool, &load).await?;
                report.measured(repeat, &load, Contender::Rival { rival, pool }, figures, say);
            }
        }
        for load in options.loads(repeat, &options.pipelines()) {
            let figures = baselines.measure_batching(&load).await?;
            report.measured(repeat, &load, Contender::Batching { pipeline: load.pipeline }, figures, say);
        }
    }
    ours.check().await?;
    if let Some(baselines) = &baselines {
        baselines.check().await?;
    }
    Ok(report)
}

/// Tries every tick rate, and says which are measured: the first, and the best where that is another one.
async fn try_tick_rates(
    options: &TransferOptions,
    ours: &mut Ours,
    report: &mut TransferReport,
    say: fn(&str),
) -> Result<Vec<u32>> {
    let base = options.tick_rates[0];
    let mut best = (base, 0.0);
    if options.tick_rates.len() < 2 {
        return Ok(vec![base]);
    }
    for tick_hz in &options.tick_rates {
        ours.tick_at(*tick_hz).await?;
        let mut per_s = 0.0;
        for load in options.trials() {
            let contender = Contender::Ours { tick_hz: *tick_hz, pipeline: load.pipeline };
            let figures = ours.measure(&load).await?;
            per_s += figures.per_s;
            report.tried(Measurement { repeat: 0, shape: load.shape, contender, figures }, say);
        }
        if per_s > best.1 {
            best = (*tick_hz, per_s);
        }
    }
    Ok(if best.0 == base { vec![base] } else { vec![base, best.0] })
}

async fn try_pools(
    options: &TransferOptions,
    baselines: &Baselines,
    report: &mut TransferReport,
    say: fn(&str),
) -> Result<()> {
    for load in options.trials() {
        for rival in Rival::ALL {
            for pool in POOLS {
                let figures = baselines.measure(rival, pool, &load).await?;
                let contender = Contender::Rival { rival, pool };
                report.tried(Measurement { repeat: 0, shape: load.shape, contender, figures }, say);
            }
        }
    }
    Ok(())
}

impl TransferOptions {
    /// As many outstanding as was asked for, and one.
    fn pipelines(&self) -> Vec<usize> {
        if self.pipeline == 1 { vec![1] } else { vec![self.pipeline, 1] }
    }

    fn trials(&self) -> Vec<Load> {
        let span = self.span.min(TRIAL_MAX);
        self.loads(0, &[self.pipeline]).into_iter().map(|load| Load { span, ..load }).collect()
    }

    fn loads(&self, repeat: usize, pipelines: &[usize]) -> Vec<Load> {
        let seed = self.seed.wrapping_add(u64::try_from(repeat).unwrap_or_default() << 16);
        let of = |shape: &Shape| {
            let (shape, clients, span) = (*shape, self.clients, self.span);
            pipelines.iter().map(move |pipeline| Load { shape, clients, pipeline: *pipeline, span, seed })
        };
        self.shapes.iter().flat_map(of).collect()
    }
}
