//! The command line of `swarm torture`, and its run.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use holdfast_swarm::stage::{build_sabotaged, build_server};
use holdfast_swarm::torture::{self, Fault, Length, Point, TortureOptions, Windows};
use holdfast_swarm::world::World;

use crate::live::LiveLine;
use crate::{say, write_json};

#[derive(clap::Args)]
pub(crate) struct TortureLine {
    /// The world.
    #[arg(long, value_enum, default_value = "ledger")]
    world: World,
    /// What is done to it, one after the other in an order by lot: a list with commas.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "window")]
    faults: Vec<Fault>,
    /// In which window flushes are held, where a fault strikes in one.
    #[arg(long, value_enum, default_value = "both")]
    windows: Windows,
    /// At which points a server dies, where it dies at points: a list with commas; all of them if none is said.
    #[arg(long, value_enum, value_delimiter = ',')]
    points: Vec<Point>,
    /// How often each fault strikes, and where it has several kinds, each of these; a mixture so often in all.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: u32,
    /// Instead, for how many minutes they do.
    #[arg(long, conflicts_with = "count", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    minutes: Option<u64>,
    /// How many further servers of the world stand by; where a fault needs one, there is one in any case.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=7))]
    standbys: u8,
    /// For how long the owner hangs or is parted from PostgreSQL, and at most how long PostgreSQL hangs, in seconds.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=110))]
    seconds: u64,
    /// Another server of the same world, built before: one with a defect, that is to be caught.
    #[arg(long)]
    binary: Option<String>,
    /// How many bots play.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=500))]
    bots: u32,
    /// What makes two runs alike, as far as real processes allow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Fail also where, in 95 of 100 cases in which a server dies, the next one is not ready within 2 s, or not every bot
    /// plays within 5 s.
    #[arg(long)]
    assert_times: bool,
    /// Write the findings here, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Save here what the bots did and saw, for `swarm check`.
    #[arg(long)]
    history: Option<PathBuf>,
}

impl TortureLine {
    /// Runs it, tells, and says whether everything held.
    pub(crate) async fn run(self) -> Result<bool> {
        let options = self.options()?;
        build_server(self.world.game())?;
        if options.server_binary().ends_with("-sabotaged") {
            build_sabotaged()?;
        }
        let mut live = LiveLine::new();
        let report = torture::run(&options, |progress| live.show(progress)).await;
        live.end();
        let report = report?;
        say(&report.to_string());
        write_json(self.json, &report.to_json())?;
        let mut failures = report.failures();
        if self.assert_times {
            failures.extend(report.late_recoveries());
        }
        failures.iter().for_each(|failure| say(failure));
        Ok(failures.is_empty())
    }

    fn options(&self) -> Result<TortureOptions> {
        let mut options = TortureOptions::new(self.world, usize::try_from(self.count)?, self.seed);
        options.faults.clone_from(&self.faults);
        options.windows = self.windows;
        if !self.points.is_empty() {
            options.points.clone_from(&self.points);
        }
        if let Some(minutes) = self.minutes {
            options.length = Length::Time(Duration::from_secs(minutes * 60));
        }
        options.standbys = usize::from(self.standbys);
        options.stopped_for = Duration::from_secs(self.seconds);
        if let Some(binary) = &self.binary {
            options.binary.clone_from(binary);
        }
        options.bots = usize::try_from(self.bots)?;
        options.history.clone_from(&self.history);
        Ok(options)
    }
}
