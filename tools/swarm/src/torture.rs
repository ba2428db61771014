//! `swarm torture`: faults while bots play, then the checker's findings.
//!
//! The bots are ordinary clients: they reconnect by themselves, with the tokens that they hold, and send again what has
//! no answer. Nothing here tells them of a fault.

mod bots;
mod fault;
mod report;
mod sampling;

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use holdfast_devstack::Stack;
use holdfast_devstack::proxy::{FlushPlan, Hold, Window};
use holdfast_devstack::stack::StackOptions;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::{Instant, sleep, timeout};

use crate::crowd::Crowd;
use crate::final_state;
use crate::stage::Stage;
use crate::world::World;
use holdfast_checker::{Evidence, Recorder};

pub use fault::Fault;
pub use report::{FaultCount, TortureReport};
use sampling::Sampling;

/// For how long a flush is held: long enough to kill everything inside that window.
const HOLD: Duration = Duration::from_millis(500);

/// How many actions must be accepted between two faults: a fault that hits nothing proves nothing.
const ACCEPTED_BETWEEN_FAULTS: usize = 8;

/// How long that may take, the recovery from the fault before included. Longer counts as a world that did not recover.
const RECOVERY_WAIT_MAX: Duration = Duration::from_secs(60);

/// How long bots may take for their last answers when the faults are over.
const LAST_ANSWERS_WAIT: Duration = Duration::from_secs(30);

/// Which flushes are held, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Windows {
    /// Each in one of the two, by lot of the seed.
    Both,
    /// Before it is forwarded: nothing of it is committed.
    BeforeForward,
    /// Before its reply is returned: all of it is committed, and only the server does not know.
    BeforeReply,
}

/// What is to be run.
#[derive(Clone, Debug)]
pub struct TortureOptions {
    /// In which world.
    pub world: World,
    /// The name of the server's binary; another than the world's where a defect is to be caught.
    pub binary: String,
    /// Further variables of the server's environment.
    pub environment: Vec<(String, String)>,
    /// What is done to the world, again and again.
    pub fault: Fault,
    /// In which window.
    pub windows: Windows,
    /// How often.
    pub count: usize,
    /// How many bots play.
    pub bots: usize,
    /// What makes two runs alike, as far as real processes allow.
    pub seed: u64,
}

impl TortureOptions {
    /// Kills in the window, so often, while 16 bots play in `world`.
    #[must_use]
    pub fn new(world: World, count: usize, seed: u64) -> Self {
        Self {
            world,
            binary: world.game().to_owned(),
            environment: Vec::new(),
            fault: Fault::KillBoth,
            windows: Windows::Both,
            count,
            bots: 16,
            seed,
        }
    }
}

/// Runs it. The server's binary must have been built.
///
/// A report whose findings do not hold is no error: the caller decides what it wanted to see.
///
/// # Errors
/// Where the stack cannot be started, or the world does not come back from a fault (which no promise allows).
pub async fn run(options: &TortureOptions, mut progress: impl FnMut(&str)) -> Result<TortureReport> {
    let mut stack_options = StackOptions::new(&options.binary).proxied();
    stack_options.environment.clone_from(&options.environment);
    let stage = Stage::start(stack_options).await?;
    let start = Instant::now();
    let recorder = Recorder::with_clock(move || start.elapsed());
    let crowd = Crowd::gather(&stage, options.world, options.bots, options.seed).await?;
    let reading = options.world.reading();
    let bots = crowd.connect(Duration::ZERO, |_, character| recorder.observer(character, reading)).await?;
    let Stage::Own(mut stack) = stage else { bail!("faults need a stack of our own") };
    let beginning = final_state::beginning(options.world, &stack.database_url()).await?;
    let sampling = Sampling::start(options.world, stack.database_url(), beginning.clone());
    let playing = bots::play(bots, options.world, &recorder, options.seed);

    set_plan(&stack, options)?;
    let mut rng = StdRng::seed_from_u64(options.seed);
    let mut report = TortureReport::new(options);
    let mut recovered_from: Option<Instant> = None;
    for number in 1..=options.count {
        let accepted = recorder.history().accepted_count();
        wait_for_accepted(&recorder, accepted + 1, &mut stack).await?;
        if let Some(fault) = recovered_from {
            report.recovered_after(fault.elapsed());
        }
        wait_for_accepted(&recorder, accepted + ACCEPTED_BETWEEN_FAULTS, &mut stack).await?;
        let hold = next_window(&stack).await?;
        // Anywhere in the window, but never so late that the kill itself falls behind it.
        sleep(HOLD.mul_f64(rng.random_range(0.05..0.6))).await;
        recovered_from = Some(Instant::now());
        options.fault.strike(&mut stack).await?;
        report.struck(hold.window);
        let accepted = recorder.history().accepted_count();
        let window = match hold.window {
            Window::BeforeForward => "before a flush was forwarded",
            Window::BeforeReply => "before the reply to a flush",
        };
        progress(&format!("fault {number} of {}: {window}; {accepted} accepted so far", options.count));
    }
    proxy(&stack)?.set_plan(FlushPlan::Pass);
    let accepted = recorder.history().accepted_count();
    wait_for_accepted(&recorder, accepted + ACCEPTED_BETWEEN_FAULTS, &mut stack).await?;
    recorder.history().faults_are_over();
    let deadline = Instant::now() + LAST_ANSWERS_WAIT;
    while recorder.history().waiting_count() > 0 && Instant::now() < deadline {
        sleep(Duration::from_millis(20)).await;
    }
    let bots = playing.stop().await?;
    report.stuck_bots = bots::last_answers(&bots, LAST_ANSWERS_WAIT).await;
    let end = final_state::read(options.world, &stack.database_url()).await?;
    drop(bots);
    let samples = sampling.stop().await?;
    let history = recorder.history();
    let evidence = Evidence { samples: Some(&samples), ..Evidence::new(&history, &beginning, &end) };
    report.finish(&history, evidence.check());
    Ok(report)
}

fn set_plan(stack: &Stack, options: &TortureOptions) -> Result<()> {
    proxy(stack)?.set_plan(match options.windows {
        Windows::Both => FlushPlan::Seeded { seed: options.seed, duration: HOLD },
        Windows::BeforeForward => FlushPlan::Hold(Hold { window: Window::BeforeForward, duration: HOLD }),
        Windows::BeforeReply => FlushPlan::Hold(Hold { window: Window::BeforeReply, duration: HOLD }),
    });
    Ok(())
}

fn proxy(stack: &Stack) -> Result<&holdfast_devstack::Proxy> {
    stack.proxy.as_ref().context("the stack has a proxy")
}

async fn next_window(stack: &Stack) -> Result<Hold> {
    timeout(RECOVERY_WAIT_MAX, proxy(stack)?.next_window()).await.context("no flush came by")
}

async fn wait_for_accepted(recorder: &Recorder, wanted: usize, stack: &mut Stack) -> Result<()> {
    let deadline = Instant::now() + RECOVERY_WAIT_MAX;
    while recorder.history().accepted_count() < wanted {
        if let Some(status) = stack.server.exit_status() {
            bail!("the server ended by itself with {status}:\n{}", stack.server.log_tail());
        }
        ensure!(
            Instant::now() < deadline,
            "fewer than {wanted} actions were accepted within {RECOVERY_WAIT_MAX:?}; the server's log:\n{}",
            stack.server.log_tail()
        );
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
