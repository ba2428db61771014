//! `swarm transfer`: transfers between any two of very many purses, as fast as so many clients get answers; and beside it, on
//! the same PostgreSQL, what one would write without the engine.
//!
//! The loop is closed: a client has so many transfers outstanding and asks for another when one is answered, so throughput
//! and latency are two sides of one figure. An open loop at a given rate is what [`crate::load`] does.
//!
//! In reading order: [`draw`] (between which purses), [`window`] (what counts), [`payer`] (a client), [`pots`], [`book`]
//! (what they must hold in the end), [`ours`] (the world under load), [`baseline`] (the others), [`trials`] and [`turn`] (in
//! which order), [`report`].

mod baseline;
mod book;
mod checkpoint;
mod costs;
mod draw;
mod instruments;
mod ours;
mod payer;
mod pots;
mod report;
mod trials;
mod turn;
mod window;

use std::time::Duration;

use anyhow::{Context as _, Result};

use baseline::Baselines;
use ours::Ours;
use turn::Turn;

pub use costs::Cores;
pub use draw::Shape;
pub use instruments::Ticks;
pub use report::{Contender, Figures, TransferReport};

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
    let tick_rates = trials::tick_rates(options, &mut ours, &mut report, say).await?;
    let mut baselines = None;
    if options.with_baselines {
        ours.stand_aside().await?;
        let postgres = &ours.stack()?.postgres;
        let prepared = Baselines::prepare(postgres, options.purses, ours.processes()).await?;
        trials::pools(options, &prepared, &mut report, say).await?;
        baselines = Some(prepared);
    }
    let turns = turn::all(&tick_rates, options.with_baselines);
    let theirs = || baselines.as_ref().context("the baselines are prepared");
    for repeat in 0..options.repeats {
        for turn in turn::of_round(turns.clone(), repeat) {
            match turn {
                Turn::Ours(tick_hz) => {
                    turn::ours(options, repeat, (&mut ours, tick_hz), &mut report, say).await?;
                }
                Turn::Rival(rival) => {
                    ours.stand_aside().await?;
                    turn::rival(options, repeat, (theirs()?, rival), &mut report, say).await?;
                }
                Turn::Batching => {
                    ours.stand_aside().await?;
                    turn::batching(options, repeat, theirs()?, &mut report, say).await?;
                }
            }
        }
    }
    ours.check().await?;
    if let Some(baselines) = &baselines {
        baselines.check().await?;
    }
    Ok(report)
}

impl TransferOptions {
    /// As many outstanding as was asked for, and one.
    fn pipelines(&self) -> Vec<usize> {
        if self.pipeline == 1 { vec![1] } else { vec![self.pipeline, 1] }
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
