//! The command line of `swarm load`, and its run.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use holdfast_swarm::load::{self, Behaviour, LoadOptions};
use holdfast_swarm::world::World;

use crate::{say, write_json};

/// How many characters an account may have: all bots of a world that runs already are of one account.
const ACCOUNT_CHARACTERS_MAX: u32 = 10;

#[derive(clap::Args)]
pub(crate) struct LoadLine {
    /// The world.
    #[arg(long, value_enum, default_value = "meadow")]
    world: World,
    /// How many bots; each plays a character of its own.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    sessions: u32,
    /// How many actions each bot does a second.
    #[arg(long, default_value_t = 2.0, value_parser = rate)]
    rate: f64,
    /// For how long it is measured, in seconds; a day at most.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// For how long bots play before that, in seconds.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=3_600))]
    warmup: u64,
    /// Over how long their connections are spread, in seconds.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=3_600))]
    ramp: u64,
    /// What they do with the village's ground: wander spread evenly over the map, crowd within one view, or walk between
    /// places.
    #[arg(long, value_enum, default_value = "spread")]
    behaviour: Behaviour,
    /// How many of them keep a whole copy, and see what their neighbours do; in the ledger, all do.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    watchers: u32,
    /// So many more bots that wait for each answer before they act again, measured from when they do: a line of the table
    /// in which a stall hides.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    closed_beside: u32,
    /// How many connections are cut each minute; their bots come back by themselves.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=60_000))]
    reconnects: u32,
    /// So many more bots that read a kilobyte a second, or nothing for seconds. They are in none of the bots' times, but in
    /// the server's: its staleness is theirs as well.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    slow_readers: u32,
    /// How many ticks the world runs a second; 20 where nothing is said.
    #[arg(long, value_parser = clap::value_parser!(u32).range(10..=60), conflicts_with = "url")]
    tick_hz: Option<u32>,
    /// So many milliseconds later comes each answer of the database, as of one that is far away.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=1_000), conflicts_with = "url")]
    database_delay: u64,
    /// For so many milliseconds the server stands still, once, in the middle of what is measured.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=60_000), conflicts_with = "url")]
    stall: u64,
    /// In how many processes bots are played, where one processor is not enough.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    generators: u32,
    /// What makes two runs alike.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Fail unless, in 95 of 100 cases, the verdict comes within 120 ms and the neighbour's delta within 150 ms of the
    /// action's intended time, no action is without an answer, no copy went wrong, and what the server says of an action's
    /// latency is within 5 % and 2 ms of what clients measured, and the sum of its stages. Fails without it where less than
    /// 90 % of the intended actions were accepted, where of 1,500 bots or more the median watcher has fewer than 100 people
    /// in view, or where bots of one generator came more than 10 ms too late to 1 of 100 actions, so that the figures say
    /// nothing.
    #[arg(long)]
    assert: bool,
    /// Write the figures here, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// A world that runs already (`http://host:port`); at most ten bots, as many as an account has characters.
    #[arg(long, requires = "token")]
    url: Option<String>,
    /// An access token for that world.
    #[arg(long, env = "HOLDFAST_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl LoadLine {
    /// Runs it, tells, and says whether everything held.
    pub(crate) async fn run(mut self) -> Result<bool> {
        let (is_held_to_bounds, json) = (self.assert, self.json.take());
        let report = load::run(&self.options()?, say).await?;
        if let Some(spoiled) = load::spoiled(&report) {
            write_json(json, &serde_json::to_value(&spoiled)?)?;
            say(&spoiled.reason);
            return Ok(false);
        }
        write_json(json, &serde_json::to_value(&report)?)?;
        say(&report.to_string());
        let mut failures = load::failures(&report);
        if is_held_to_bounds {
            failures.extend(load::unmet_bounds(&report));
        }
        failures.iter().for_each(|failure| say(failure));
        Ok(failures.is_empty())
    }

    fn options(self) -> Result<LoadOptions> {
        let count = |number: u32| usize::try_from(number);
        let options = LoadOptions {
            world: self.world,
            sessions: count(self.sessions)?,
            closed_beside: count(self.closed_beside)?,
            slow_readers: count(self.slow_readers)?,
            watchers: count(self.watchers)?,
            reconnects: self.reconnects,
            generators: count(self.generators)?,
            rate: self.rate,
            behaviour: self.behaviour,
            ramp: Duration::from_secs(self.ramp),
            warmup: Duration::from_secs(self.warmup),
            duration: Duration::from_secs(self.seconds),
            tick_hz: self.tick_hz,
            database_delay: Duration::from_millis(self.database_delay),
            stall: Duration::from_millis(self.stall),
            seed: self.seed,
            foreign: self.url.zip(self.token),
        };
        ensure!(
            options.world != World::Ledger || options.closed_beside + options.slow_readers == 0,
            "--closed-beside and --slow-readers are for the village and the meadow, whose bots need no whole copy"
        );
        ensure!(
            options.reconnects == 0 || options.world != World::Ledger && options.sessions > options.watchers,
            "--reconnects cuts the connections of bots that do not watch: in the village or the meadow, with more --sessions \
             than --watchers"
        );
        ensure!(
            options.foreign.is_none() || options.bots() <= count(ACCOUNT_CHARACTERS_MAX)?,
            "a world that runs already takes at most {ACCOUNT_CHARACTERS_MAX} bots: say --sessions {ACCOUNT_CHARACTERS_MAX}"
        );
        Ok(options)
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= 100.0 => Ok(rate),
        _ => Err("a rate is above 0 and at most 100".to_owned()),
    }
}
