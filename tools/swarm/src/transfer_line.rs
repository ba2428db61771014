//! The command line of `swarm transfer`, and its run.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use holdfast_swarm::stage::build_server;
use holdfast_swarm::transfer::{self, Shape, TransferOptions};
use holdfast_swarm::world::World;

use crate::{conclude, say};

#[derive(clap::Args)]
pub(crate) struct TransferLine {
    /// How many clients.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    clients: u32,
    /// How many transfers each has outstanding; it is measured with one as well (sequential).
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=64))]
    pipeline: u32,
    /// How long each measurement lasts, in seconds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// How transfers are spread over the purses: `uniform`, or the exponent of Zipf's law; a list with commas.
    #[arg(long, value_delimiter = ',', value_name = "uniform|EXPONENT", default_value = "uniform,1.5")]
    zipf: Vec<Shape>,
    /// How many purses there are.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    purses: u32,
    /// Ticks a second: the first is measured throughout, and beside it the best of all; a list with commas.
    #[arg(long, value_delimiter = ',', default_value = "20,30,40,60",
        value_parser = clap::value_parser!(u32).range(10..=60))]
    tick_hz: Vec<u32>,
    /// How often everything is measured: medians and ranges are of so many.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    repeat: u32,
    /// What is left out.
    #[arg(long, value_enum)]
    skip: Option<Skip>,
    /// What makes two runs draw the same purses.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the figures here, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Skip {
    /// Everything but the world itself: transactions, procedures, pgbench, and the service that batches.
    Baselines,
}

impl TransferLine {
    /// Runs it, tells, and says whether everything held.
    pub(crate) async fn run(self) -> Result<bool> {
        build_server(World::Ledger.game())?;
        let options = TransferOptions {
            clients: usize::try_from(self.clients)?,
            pipeline: usize::try_from(self.pipeline)?,
            span: Duration::from_secs(self.seconds),
            shapes: once_each(self.zipf),
            purses: usize::try_from(self.purses)?,
            tick_rates: once_each(self.tick_hz),
            repeats: usize::try_from(self.repeat)?,
            with_baselines: self.skip != Some(Skip::Baselines),
            seed: self.seed,
        };
        let report = transfer::run(&options, say).await?;
        if let Some(refusal) = report.refusal() {
            say(&refusal);
            return Ok(false);
        }
        conclude(&report.to_string(), &report.to_json(), &report.failures(), self.json)
    }
}

/// The same list, without what it says again.
fn once_each<T: PartialEq>(list: Vec<T>) -> Vec<T> {
    list.into_iter().fold(Vec::new(), |mut once, one| {
        if !once.contains(&one) {
            once.push(one);
        }
        once
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_twice_is_measured_once() {
        assert_eq!(once_each(vec![20, 60, 20, 30, 60]), [20, 60, 30]);
    }
}
