//! `swarm load`: bots that act on a schedule, and what their players would have felt.
//!
//! The loop is open: every action has its intended time, and is measured from then, whether or not the world keeps up.
//! A world that is slow is not spared the actions that were due meanwhile. Most bots are light: they do to the server what
//! any client does, and keep no copy. A few keep one, and see what their neighbours do.
//!
//! The command prepares the world and the [`plan`], and starts [`generators`]: processes that play the bots
//! ([`generator`]), and whose figures it adds up.

mod behaviour;
mod figures;
mod generator;
mod generators;
mod ground;
mod judge;
mod light;
mod measure;
mod places;
mod plan;
mod player;
mod report;
mod schedule;
mod slow;
mod spoiled;
mod watcher;

use std::time::Duration;

use anyhow::Result;
use holdfast_devstack::stack::{DATABASE, StackOptions};
use holdfast_protocol::Hello;
use tokio::time::{Instant, sleep, sleep_until};
use village::tile::Tile;

use crate::crowd::Crowd;
use crate::staff::{Histograms, Measured};
use crate::stage::{Stage, build_server};
use crate::usage::{self, Reading};
use crate::world::World;

pub use behaviour::Behaviour;
pub use generator::run as generate;
pub use generators::GENERATOR;
use generators::Generators;
use ground::Ground;
pub use ground::MapSize;
pub use judge::{failures, unmet_bounds};
use report::Circumstances;
pub use report::LoadReport;
use schedule::START_WAIT;
pub use spoiled::{Spoiled, spoiled};

/// How many characters a server is told to expect at least.
const SESSIONS_MIN: usize = 600;

/// What is to be run.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// In which world.
    pub world: World,
    /// How many bots act on the schedule.
    pub sessions: usize,
    /// How many more wait for each answer before they act again; in the village alone.
    pub closed_beside: usize,
    /// How many more do nothing but read slowly.
    pub slow_readers: usize,
    /// How many of the sessions have a whole copy, and see what their neighbours do; in the ledger, all have.
    pub watchers: usize,
    /// How many connections of the others are cut each minute.
    pub reconnects: u32,
    /// In how many processes bots are played.
    pub generators: usize,
    /// How many actions each does a second.
    pub rate: f64,
    /// Where they stand and go, where there is ground.
    pub behaviour: Behaviour,
    /// Over how long their connections are spread.
    pub ramp: Duration,
    /// For how long they act before it counts.
    pub warmup: Duration,
    /// For how long it counts.
    pub duration: Duration,
    /// How many ticks the world runs a second; as many as it does by itself, where nothing is said.
    pub tick_hz: Option<u32>,
    /// How much later each answer of the database comes: a database that is so far away.
    pub database_delay: Duration,
    /// For how long the server stands still, once, in the middle of what is measured.
    pub stall: Duration,
    /// What makes two runs alike.
    pub seed: u64,
    /// A world that runs already, and an access token for it; none for a stack of our own.
    pub foreign: Option<(String, String)>,
}

impl LoadOptions {
    /// How many bots there are in all.
    #[must_use]
    pub fn bots(&self) -> usize {
        self.sessions + self.closed_beside + self.slow_readers
    }
}

/// Runs it; `show` is told how far it is.
///
/// # Errors
/// Where the world cannot be started, bots do not get in, or a generator fails.
pub async fn run(options: &LoadOptions, mut show: impl FnMut(&str)) -> Result<LoadReport> {
    let ground = options.world.terrain().map(Ground::of);
    let patches = match &ground {
        Some(ground) => options.behaviour.patches(ground, options.bots())?,
        None => Vec::new(),
    };
    let stage = start_stage(options).await?;
    show(&format!("making {} characters", options.bots()));
    let crowd = Crowd::gather(&stage, options.world, options.bots(), options.seed).await?;
    let hellos = crowd.into_first_words();
    put_in_places(&stage, &hellos, &patches).await?;
    let jobs = plan::jobs(options, &stage.address()?, hellos, &patches);
    let mut generators = Generators::start(jobs).await?;
    generators.ready(&mut show).await?;

    generators.go().await?;
    generators.show_until(Instant::now() + START_WAIT + options.warmup, &mut show).await?;
    let staff_url = stage.staff_url();
    let (begun, before) = (Instant::now(), read_usage(&stage, &generators));
    let server_before = Histograms::read(staff_url.as_deref()).await?;
    // Meanwhile generators are listened to: one whose pipe is full would stand still itself.
    let (shown, ()) = tokio::join!(
        generators.show_until(begun + options.duration, &mut show),
        stand_still(&stage, begun + options.duration / 2, options.stall)
    );
    shown?;
    let (span, after) = (begun.elapsed(), read_usage(&stage, &generators));
    let server_after = Histograms::read(staff_url.as_deref()).await?;
    let figures = generators.figures().await?;

    let between = |place: usize| {
        let (before, after): (Option<Reading>, Option<Reading>) = (before[place], after[place]);
        before.zip(after).map(|(before, after)| usage::between(before, after, span))
    };
    let server_ms = server_before
        .zip(server_after)
        .map(|(before, after)| after.since(&before))
        .transpose()?
        .map(Measured::times);
    let circumstances = Circumstances {
        world: options.world,
        sessions: options.sessions,
        span: options.duration,
        behaviours: plan::behaviours(options),
        map: ground.as_ref().map(Ground::size),
        server_ms,
        server: between(0),
        postgres: between(1),
        generator: between(2).unwrap_or_default(),
        processes: options.generators,
    };
    Ok(LoadReport::new(figures, circumstances, options.slow_readers))
}

async fn start_stage(options: &LoadOptions) -> Result<Stage> {
    if let Some((url, token)) = options.foreign.clone() {
        return Ok(Stage::Foreign { url, token });
    }
    build_server(options.world.game())?;
    let mut stack = StackOptions::new(options.world.game());
    let sessions = options.bots().max(SESSIONS_MIN).to_string();
    stack.environment.push(("HOLDFAST_SESSIONS".to_owned(), sessions));
    stack.environment.extend(options.tick_hz.map(|hz| ("HOLDFAST_TICK_HZ".to_owned(), hz.to_string())));
    stack.proxied = !options.database_delay.is_zero();
    let stage = Stage::start(stack).await?;
    if let Stage::Own(stack) = &stage {
        stack.proxies.iter().for_each(|proxy| proxy.set_latency(options.database_delay));
    }
    Ok(stage)
}

/// At some moment the server's process is stopped, as a machine does that has no time for it, and goes on.
async fn stand_still(stage: &Stage, at: Instant, duration: Duration) {
    let Stage::Own(stack) = stage else { return };
    if duration.is_zero() {
        return;
    }
    sleep_until(at).await;
    stack.server.freeze();
    sleep(duration).await;
    stack.server.thaw();
}

/// Everybody begins where the plan says. In a world that is not ours, they walk there themselves.
async fn put_in_places(stage: &Stage, hellos: &[Hello], patches: &[Vec<Tile>]) -> Result<()> {
    let Stage::Own(stack) = stage else { return Ok(()) };
    let firsts = patches.iter().filter_map(|patch| patch.first().copied());
    let places: Vec<_> = hellos.iter().map(|hello| hello.character).zip(firsts).collect();
    if places.is_empty() { Ok(()) } else { places::put(&stack.postgres.owner_url(DATABASE), &places).await }
}

/// What the server, PostgreSQL and all generators have used so far.
fn read_usage(stage: &Stage, generators: &Generators) -> [Option<Reading>; 3] {
    let family = |pid: Option<u32>| pid.and_then(usage::read_family);
    let mut own = usage::read_self();
    for reading in generators.pids().into_iter().filter_map(usage::read) {
        own.cpu += reading.cpu;
        own.rss_bytes += reading.rss_bytes;
    }
    [family(stage.server_pid()), family(stage.postgres_pid()), Some(own)]
}
