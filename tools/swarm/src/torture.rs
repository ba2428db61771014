//! `swarm torture`: faults while bots play, then the checker's findings.
//!
//! The bots are ordinary clients: they reconnect by themselves, with the tokens that they hold, and send again what has
//! no answer. Nothing here tells them of a fault.
//!
//! A run is a [`scene`], on which the faults of one kind strike: [`window`], [`takeover`] or [`store`]. Beside the
//! checker's findings it reports what a [`witness`] and its [`listener`]s saw of ownerships, what the database says of
//! them ([`epochs`]), and how much [`memory`] the server took.

mod bots;
mod epochs;
mod fault;
mod listener;
pub(crate) mod memory;
mod report;
mod sampling;
mod scene;
mod store;
mod takeover;
mod window;
mod witness;

use std::time::{Duration, SystemTime};

use anyhow::{Result, bail, ensure};
use holdfast_devstack::stack::StackOptions;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::time::{Instant, sleep};

use crate::crowd::Crowd;
use crate::final_state;
use crate::stage::Stage;
use crate::world::World;
use holdfast_checker::{Evidence, Recorder};

use fault::Kind;
use listener::Listeners;
use sampling::Sampling;
use scene::Scene;
use witness::Witness;

pub use fault::Fault;
pub use memory::Memory;
pub use report::{FaultCount, Ownerships, TortureReport};

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
    /// In which window, where it strikes in one.
    pub windows: Windows,
    /// How many further servers of the world stand by; at least as many as the fault needs.
    pub standbys: usize,
    /// For how long whatever the fault stops stays stopped.
    pub stopped_for: Duration,
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
            standbys: 0,
            stopped_for: Duration::from_secs(8),
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
    let kind = options.fault.kind();
    let needed = options.fault.standbys_needed();
    ensure!(options.standbys >= needed, "{} needs a standby", options.fault.name());
    let mut stack_options = StackOptions::new(&options.binary).standbys(options.standbys);
    stack_options.proxied = kind == Kind::Window;
    stack_options.environment.clone_from(&options.environment);
    let stage = Stage::start(stack_options).await?;
    let (start, began) = (Instant::now(), SystemTime::now());
    let recorder = Recorder::with_clock(move || start.elapsed());
    let witness = Witness::default();
    let listener_count = if kind == Kind::Takeover { options.count } else { 0 };
    let mut crowd = Crowd::gather(&stage, options.world, options.bots + listener_count, options.seed).await?;
    let listeners = Listeners::new(crowd.split_off(options.bots).into_hellos());
    let reading = options.world.reading();
    let bots = crowd
        .connect(Duration::ZERO, |_, character| witness.over(recorder.observer(character, reading)))
        .await?;
    let Stage::Own(mut stack) = stage else { bail!("faults need a stack of our own") };
    listeners.visit(&stack.server.ws_url()).await?;
    let beginning = final_state::beginning(options.world, &stack.database_url()).await?;
    let sampling = Sampling::start(options.world, stack.database_url(), beginning.clone());
    let playing = bots::play(bots, options.world, &recorder, options.seed);

    let mut report = TortureReport::new(options);
    let mut scene = Scene {
        options,
        stack: &mut stack,
        recorder: &recorder,
        witness: &witness,
        report: &mut report,
        rng: StdRng::seed_from_u64(options.seed),
        progress: &mut progress,
    };
    match kind {
        Kind::Window => window::strike(&mut scene).await?,
        Kind::Takeover => takeover::strike(&mut scene, listeners).await?,
        Kind::Store => store::strike(&mut scene).await?,
    }
    let accepted = scene.accepted_count();
    scene.wait_for_accepted(accepted + ACCEPTED_BETWEEN_FAULTS).await?;
    recorder.history().faults_are_over();
    let deadline = Instant::now() + LAST_ANSWERS_WAIT;
    while recorder.history().waiting_count() > 0 && Instant::now() < deadline {
        sleep(Duration::from_millis(20)).await;
    }
    let bots = playing.stop().await?;
    report.stuck_bots = bots::last_answers(&bots, LAST_ANSWERS_WAIT).await;
    let end = final_state::read(options.world, &stack.database_url()).await?;
    if kind == Kind::Takeover {
        let (count, late_writes) = epochs::late_writes(&stack.database_url(), &witness.last_ticks()).await?;
        let (late_frames, listened) = (witness.late_frame_count(), witness.listened_count());
        report.ownerships = Some(Ownerships { count, late_writes, late_frames, listened });
    }
    drop(bots);
    let samples = sampling.stop().await?;
    let commits = final_state::commits(&stack.database_url(), began).await?;
    let history = recorder.history();
    let evidence = Evidence {
        commits: Some(&commits),
        samples: Some(&samples),
        ..Evidence::new(&history, &beginning, &end)
    };
    report.finish(&history, evidence.check());
    Ok(report)
}
