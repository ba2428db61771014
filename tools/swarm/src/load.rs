//! `swarm load`: bots that act on a schedule, and what their players would have felt.
//!
//! The loop is open: every action has its intended time, and is measured from then, whether or not the world keeps up.
//! A world that is slow is not spared the actions that were due meanwhile.

mod bot;
mod judge;
mod measure;
mod report;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use holdfast_client::{ClientCore, WorldCopy};
use holdfast_devstack::stack::StackOptions;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::crowd::{Bot, Crowd};
use crate::stage::{Stage, build_server};
use crate::usage;
use crate::world::World;

pub use judge::failures;
use measure::Measure;
pub use report::{LoadReport, Percentiles};

/// Over how long the bots' connections are spread.
const CONNECT_SPREAD: Duration = Duration::from_secs(2);

/// How long bots wait for their last answers.
const LAST_ANSWERS_WAIT: Duration = Duration::from_secs(5);

/// How many bots look for what their neighbours do; more would measure the generator.
const WATCHERS: usize = 16;

/// What is to be run.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// In which world.
    pub world: World,
    /// How many bots.
    pub sessions: usize,
    /// How many actions each does a second.
    pub rate: f64,
    /// For how long.
    pub duration: Duration,
    /// What makes two runs alike.
    pub seed: u64,
    /// A world that runs already, and an access token for it; none for a stack of our own.
    pub foreign: Option<(String, String)>,
}

/// Runs it.
///
/// # Errors
/// Where the world cannot be started, or bots do not get in.
pub async fn run(options: LoadOptions) -> Result<LoadReport> {
    let stage = match options.foreign.clone() {
        Some((url, token)) => Stage::Foreign { url, token },
        None => {
            build_server(options.world.game())?;
            let mut stack = StackOptions::new(options.world.game());
            stack.environment.push(("HOLDFAST_SESSIONS".to_owned(), options.sessions.max(600).to_string()));
            Stage::start(stack).await?
        }
    };
    let measure = Arc::new(Measure::new()?);
    let crowd = Crowd::gather(&stage, options.world, options.sessions, options.seed).await?;
    let stride = options.sessions.div_ceil(WATCHERS).max(1);
    let bots = crowd
        .connect(CONNECT_SPREAD, |number, character| {
            measure.observer(options.world, character, number % stride == 0)
        })
        .await?;

    let (pids, before) = ([stage.server_pid(), stage.postgres_pid()], Instant::now());
    let read = || (pids.map(|pid| pid.and_then(usage::read_family)), usage::read_self());
    let usage_before = read();
    let bytes_before: u64 = bots.iter().map(|bot| bot.client.bytes_received()).sum();
    let bots = play(bots, &options, &measure).await?;
    let span = before.elapsed();
    let usage_after = read();
    let bytes: u64 = bots.iter().map(|bot| bot.client.bytes_received()).sum();
    let mut in_view: Vec<_> = bots.iter().map(|bot| bot.client.view(WorldCopy::entity_count)).collect();
    in_view.sort_unstable();

    let deadline = Instant::now() + LAST_ANSWERS_WAIT;
    for bot in &bots {
        bot.client.wait_settled(deadline.saturating_duration_since(Instant::now())).await;
    }
    let server = usage_before.0[0].zip(usage_after.0[0]);
    let postgres = usage_before.0[1].zip(usage_after.0[1]);
    Ok(measure.report(&report::Circumstances {
        world: options.world,
        sessions: bots.len(),
        span,
        bytes_received: bytes.saturating_sub(bytes_before),
        entities_in_view: in_view.get(in_view.len() / 2).copied().unwrap_or_default(),
        divergences: bots.iter().map(|bot| bot.client.core(ClientCore::divergence_count)).sum(),
        reconnects: bots.iter().map(|bot| bot.client.welcome_count().saturating_sub(1)).sum(),
        server: server.map(|(before, after)| usage::between(before, after, span)),
        postgres: postgres.map(|(before, after)| usage::between(before, after, span)),
        generator: usage::between(usage_before.1, usage_after.1, span),
    }))
}

/// Lets all bots play for as long as was asked for.
async fn play(bots: Vec<Bot>, options: &LoadOptions, measure: &Arc<Measure>) -> Result<Vec<Bot>> {
    let start = Instant::now();
    let mut playing = JoinSet::new();
    for bot in bots {
        let mut rng = StdRng::seed_from_u64(options.seed.wrapping_add(bot.character.0));
        let schedule = bot::Schedule {
            interval: Duration::from_secs_f64(1.0 / options.rate),
            first: start + Duration::from_secs_f64(rng.random_range(0.0..1.0) / options.rate),
            end: start + options.duration,
        };
        playing.spawn(bot::play(bot, options.world, schedule, Arc::clone(measure), rng));
    }
    let mut bots = Vec::new();
    while let Some(bot) = playing.join_next().await {
        bots.push(bot?);
    }
    Ok(bots)
}
