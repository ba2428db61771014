//! `swarm deaf`: half of a crowd stops reading, and the other half is not to feel it.
//!
//! All stand in the village, near each other; half of them walk and talk. The deaf have connections whose buffers in the
//! kernel are as small as it lets them be. They read until they are in the world, and then no more ([`listener`]); what
//! the others do fills the buffers within seconds, and from then on the server has nowhere to write to. Half of the deaf read
//! again before the server's patience is over, the others long after it. [`latency`] is what the others feel, until the last
//! of the deaf has been cut off.
//!
//! That the deaf were really blocked shows in what they hear when they read again: a world that can write says something
//! at least once a second, so a frame that spans more than that was not written for so long.

mod latency;
mod listener;
mod report;

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use holdfast_devstack::stack::StackOptions;
use holdfast_protocol::Hello;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::crowd::Crowd;
use crate::lateness::Lateness;
use crate::stage::Stage;
use crate::torture::memory::MemoryWatch;
use crate::world::World;

use latency::Latency;
use listener::Listener;

pub use listener::Heard;
pub use report::DeafReport;

/// For how long all read and play before some stop.
const BEFORE: Duration = Duration::from_secs(8);

/// After how long half of the deaf read again: before the server's patience is over, which is after 10 s.
const SHORT: Duration = Duration::from_secs(8);

/// After how long the other half does: long after it.
const LONG: Duration = Duration::from_secs(16);

/// How long those who play may take for their last verdicts.
const LAST_VERDICTS_WAIT: Duration = Duration::from_secs(15);

/// How often one that plays acts.
const PACE: Duration = Duration::from_millis(500);

/// What is to be run.
#[derive(Clone, Debug)]
pub struct DeafOptions {
    /// How many there are in all; half of them stop reading.
    pub sessions: usize,
    /// What makes two runs alike, as far as real processes allow.
    pub seed: u64,
}

/// Runs it. The server's binary must have been built.
///
/// A report whose bounds do not hold is no error.
///
/// # Errors
/// Where the stack does not start, somebody does not get in, or the server is no longer there.
pub async fn run(options: &DeafOptions, mut progress: impl FnMut(&str)) -> Result<DeafReport> {
    let mut stack_options = StackOptions::new(World::Village.game());
    stack_options.environment.push(("HOLDFAST_SESSIONS".to_owned(), options.sessions.max(600).to_string()));
    let stage = Stage::start(stack_options).await?;
    let mut crowd = Crowd::gather(&stage, World::Village, options.sessions, options.seed).await?;
    let deaf = crowd.split_every_other();
    let Stage::Own(mut stack) = stage else { bail!("the deaf need a stack of our own") };
    let pid = stack.server.pid().context("the server runs")?;

    let latency = Latency::default();
    let bots = crowd.connect(Duration::ZERO, |_, character| latency.observer(character)).await?;
    let address = stack.server.ws_url();
    let mut listeners = Vec::new();
    for hello in deaf.into_first_words() {
        listeners.push(enter(hello, &address).await?);
    }
    let deaf_count = listeners.len();
    let playing = latency::play(bots, &latency, options.seed);

    // Until now all read. The deaf do so once more before they stop, so that what they are owed begins then. What measures
    // costs something as well: it runs before as it does after, and counts anew from then on.
    let (lateness, memory) = (Lateness::start(), MemoryWatch::start(pid));
    let reading = listen_until(listeners, Instant::now() + BEFORE).await?;
    let before = latency.take();
    lateness.take();
    drop(memory);
    let memory = MemoryWatch::start(pid);
    let stopped = Instant::now();
    progress(&format!("{deaf_count} stop reading"));
    let mut waking = JoinSet::new();
    for (number, mut listener) in reading.into_iter().enumerate() {
        let is_long = number % 2 == 1;
        waking.spawn(async move {
            sleep_until(stopped + if is_long { LONG } else { SHORT }).await;
            anyhow::Ok((is_long, listener.wake().await?))
        });
    }
    sleep_until(stopped + SHORT).await;
    let during = latency.take();
    progress(&format!("half of them read again after {SHORT:?}"));
    // In this span the server gives up those who still do not.
    sleep_until(stopped + LONG).await;
    let cutting = latency.take();
    let (mut short, mut long) = (Vec::new(), Vec::new());
    while let Some(woken) = waking.join_next().await {
        let (is_long, heard) = woken??;
        if is_long { &mut long } else { &mut short }.push(heard);
    }
    progress("all read again");
    let memory = memory.read();
    let generator_ms = lateness.take();
    let bots = playing.stop().await?;
    let unanswered_count = latency.last_verdicts(LAST_VERDICTS_WAIT).await;
    let divergence_count =
        bots.iter().map(|bot| bot.client.core(holdfast_client::ClientCore::divergence_count)).sum();
    let reconnect_count = bots.iter().map(|bot| bot.client.welcome_count().saturating_sub(1)).sum();
    ensure!(stack.server.exit_status().is_none(), "the server ended:\n{}", stack.server.log_tail());
    Ok(DeafReport {
        seed: options.seed,
        sessions: options.sessions,
        deaf: deaf_count,
        memory,
        before_ms: before,
        during_ms: during,
        cutting_ms: cutting,
        short,
        long,
        unanswered_count,
        divergence_count,
        reconnect_count,
        generator_ms,
    })
}

async fn enter(hello: Hello, address: &str) -> Result<Listener> {
    let mut listener = Listener::new(hello, address.to_owned());
    listener.enter().await?;
    Ok(listener)
}

/// Lets all of them read as anybody does.
async fn listen_until(listeners: Vec<Listener>, until: Instant) -> Result<Vec<Listener>> {
    let mut reading = JoinSet::new();
    for mut listener in listeners {
        reading.spawn(async move {
            listener.listen_until(until).await?;
            anyhow::Ok(listener)
        });
    }
    let mut all = Vec::new();
    while let Some(listener) = reading.join_next().await {
        all.push(listener??);
    }
    Ok(all)
}
