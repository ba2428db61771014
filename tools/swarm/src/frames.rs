//! `swarm frames`: frames that must have no effect, and get the right answer each.
//!
//! Clients without manners ([`rude`]) play characters of their own in the ledger, over real sockets, beside ordinary bots.
//! They act now and then as anybody does, and everything else that they send was heard before, comes too early, is
//! somebody else's or makes no sense ([`kind`], [`tampering`]). What a world has to answer to each of it follows from what
//! was sent before ([`model`]); whatever else it answers is a failure. What all of that made of accounts and tapes is
//! the checker's to say: in its history the rude have done only what they did honestly.

mod kind;
mod model;
mod report;
mod rude;
mod tally;
mod tampering;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use holdfast_devstack::stack::StackOptions;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::crowd::Crowd;
use crate::players::Play;
use crate::stage::Stage;
use crate::torture::memory::MemoryWatch;
use crate::trial::{self, Trial};
use crate::world::World;

pub use kind::Kind;
pub use report::FramesReport;
pub(crate) use rude::{Company, Rude};
pub use tally::Tally;

/// How often an ordinary bot acts.
const PACE: Duration = Duration::from_millis(500);

/// How often it is told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// How long a rude client may take for its last honest action.
const LAST_VISIT_WAIT: Duration = Duration::from_secs(30);

/// What is to be run.
#[derive(Clone, Debug)]
pub struct FramesOptions {
    /// How many frames that must have no effect are sent in all, of the kinds that count.
    pub count: u64,
    /// How many clients send them. As many ordinary bots play among them.
    pub rude: usize,
    /// The name of the server's binary; another than the ledger's where a defect is to be caught.
    pub binary: String,
    /// Further variables of the server's environment.
    pub environment: Vec<(String, String)>,
    /// What makes two runs alike, as far as real processes allow.
    pub seed: u64,
}

impl FramesOptions {
    /// So many frames, by so many rude clients, against the ledger.
    #[must_use]
    pub fn new(count: u64, rude: usize, seed: u64) -> Self {
        let binary = World::Ledger.game().to_owned();
        Self { count, rude, binary, environment: Vec::new(), seed }
    }
}

/// Runs it. The server's binary must have been built.
///
/// A report of wrong answers is no error.
///
/// # Errors
/// Where the stack does not start, bots do not get in, or the server is no longer there.
pub async fn run(options: &FramesOptions, mut progress: impl FnMut(&str)) -> Result<FramesReport> {
    let mut stack_options = StackOptions::new(&options.binary);
    stack_options.environment.clone_from(&options.environment);
    let sessions = (2 * options.rude).max(600).to_string();
    stack_options.environment.push(("HOLDFAST_SESSIONS".to_owned(), sessions));
    let stage = Stage::start(stack_options).await?;
    let mut crowd = Crowd::gather(&stage, World::Ledger, 2 * options.rude, options.seed).await?;
    let rude = crowd.split_every_other();
    let Stage::Own(mut stack) = stage else { bail!("such frames need a stack of our own") };
    let pid = stack.server.pid();

    let trial = Trial::begin(World::Ledger, &stack).await?;
    let reading = World::Ledger.reading();
    let bots =
        crowd.connect(Duration::ZERO, |_, character| trial.recorder.observer(character, reading)).await?;
    let play = Play::new(World::Ledger, trial.recorder.clone(), options.seed);
    let bots = play.begin(bots, PACE);
    let memory = pid.map(MemoryWatch::start);
    let begun = Instant::now();
    let (company, sent) = (Company::default(), Arc::new(AtomicU64::new(0)));
    let mut visiting = JoinSet::new();
    for hello in rude.into_first_words() {
        let mut rude = Rude::new(hello, stack.server.ws_url(), &play, &company);
        let (sent, count) = (Arc::clone(&sent), options.count);
        visiting.spawn(async move {
            while sent.load(Ordering::Relaxed) < count {
                let before = rude.tally().tampered_count();
                rude.visit().await?;
                sent.fetch_add(rude.tally().tampered_count() - before, Ordering::Relaxed);
            }
            anyhow::Ok(rude)
        });
    }
    let mut guests = Vec::new();
    while guests.len() < options.rude {
        if let Ok(Some(guest)) = timeout(TELL_EVERY, visiting.join_next()).await {
            guests.push(guest??);
        } else {
            let (sent, count) = (sent.load(Ordering::Relaxed), options.count);
            progress(&format!("{sent} of {count} frames after {:.0?}", begun.elapsed()));
            let status = stack.server.exit_status();
            ensure!(status.is_none(), "the server ended with {status:?}:\n{}", stack.server.log_tail());
        }
    }
    let took = begun.elapsed();

    // Whoever was rude plays on as anybody does: its sessions, numbers and copies are as they would be without it.
    trial.recorder.history().faults_are_over();
    let mut tally = Tally::default();
    for guest in &mut guests {
        timeout(LAST_VISIT_WAIT, guest.act_once_more()).await??;
    }
    guests.into_iter().for_each(|guest| tally.add(guest.into_tally()));
    trial::everybody_plays_on(&trial.recorder).await;
    let bots = bots.stop().await;
    let stuck_bots = trial::last_answers(&bots).await;
    let findings = trial.check().await?;
    let ended = stack.server.exit_status().is_some() || stack.server.pid() != pid;
    let history = trial.recorder.history();
    Ok(FramesReport {
        seed: options.seed,
        rude: options.rude,
        wanted: options.count,
        took,
        tally,
        memory: memory.map(|memory| memory.read()).unwrap_or_default(),
        server_ended: ended,
        stuck_bots,
        ended_count: history.ended_count,
        divergence_count: history.divergence_count,
        findings,
    })
}
