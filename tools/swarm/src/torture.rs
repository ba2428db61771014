//! `swarm torture`: faults while bots play, then the checker's findings.
//!
//! The bots are ordinary clients: they reconnect by themselves, with the tokens that they hold, and send again what has
//! no answer. Nothing here tells them of a fault.
//!
//! Read the modules in this order:
//!
//! 1. [`fault`]: what can be asked for by name; [`strike`], what that consists of, each a row of the report.
//! 2. [`plan`]: which strike comes next. [`driver`]: play, strike, recovery, again and again.
//! 3. [`scene`]: what a strike stands on; [`faults`], what each does.
//! 4. [`bots`] play; [`pulse`] feels whether all of them do; [`witness`] and its [`listener`]s see which server speaks
//!    for the world; [`sampling`], [`epochs`] and [`memory`] look at the database and the process.
//! 5. [`report`]: what came out.

mod bots;
mod driver;
mod epochs;
mod fault;
mod faults;
mod listener;
pub(crate) mod memory;
mod options;
mod plan;
mod progress;
mod pulse;
mod recovery;
mod report;
mod sampling;
mod scene;
mod strike;
mod witness;

use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, bail};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::time::Instant;

use crate::crowd::Crowd;
use crate::stage::Stage;
use crate::{final_state, journal, trial};
use holdfast_checker::{Evidence, Recorder, trace};

use bots::Pace;
use faults::failpoint::Trap;
use listener::{LISTENERS, Listeners};
use pulse::Pulse;
use sampling::Sampling;
use scene::{Scene, Servers};
use witness::Witness;

pub use fault::Fault;
pub use memory::Memory;
pub use options::{Length, TortureOptions, Windows};
pub use progress::Progress;
pub use recovery::Recovery;
pub use report::row::{Row, Times};
pub use report::{Ownerships, TortureReport};
pub use strike::{Point, Strike};

/// Runs it. The server's binary must have been built. `progress` is told of each fault, and once a second in between.
///
/// A report whose findings do not hold is no error: the caller decides what it wanted to see.
///
/// # Errors
/// Where the stack cannot be started, or the world does not come back from a fault (which no promise allows).
pub async fn run(options: &TortureOptions, mut progress: impl FnMut(&Progress)) -> Result<TortureReport> {
    let trap = Trap::lay()?;
    let stage = Stage::start(options.stack(&trap)).await?;
    let (start, began) = (Instant::now(), SystemTime::now());
    let recorder = Recorder::with_clock(move || start.elapsed());
    if let Some(file) = &options.history {
        let trace = trace::Writer::create(file, options.world.game());
        recorder.history().save_to(trace.with_context(|| format!("make {}", file.display()))?);
    }
    let (witness, pulse) = (Witness::default(), Pulse::default());

    // Those who listen come after those who play, so that they have groups of their own.
    let count = options.world.characters_for(options.bots);
    let listener_count = if options.needs_listeners() { LISTENERS } else { 0 };
    let mut crowd = Crowd::gather(&stage, options.world, count + listener_count, options.seed).await?;
    let listeners = Listeners::new(crowd.split_off(count).into_hellos());
    crowd.keep(options.bots, |character| options.world.plays(character));
    let reading = options.world.reading();
    let observer = |_, character| witness.over(pulse.over(character, recorder.observer(character, reading)));
    let bots = crowd.connect(Duration::ZERO, observer).await?;
    let Stage::Own(mut stack) = stage else { bail!("faults need a stack of our own") };
    listeners.visit(&stack.server.ws_url()).await?;

    let beginning = final_state::beginning(options.world, &stack.database_url()).await?;
    let sampling = Sampling::start(options.world, stack.database_url(), beginning.clone());
    let pace = Pace::new(options.bots);
    let playing = bots::play(bots, options, &recorder, &pulse, &pace);

    let mut report = TortureReport::new(options);
    let mut scene = Scene {
        options,
        stack: &mut stack,
        recorder: &recorder,
        witness: &witness,
        pulse: &pulse,
        pace: &pace,
        trap: &trap,
        listeners,
        report: &mut report,
        rng: StdRng::seed_from_u64(options.seed),
        servers: Servers::default(),
    };
    driver::drive(&mut scene, &mut progress).await?;
    recorder.history().faults_are_over();
    trial::everybody_plays_on(&recorder).await;
    let bots = playing.stop().await?;
    report.stuck_bots = trial::last_answers(&bots).await;

    let end = final_state::read(options.world, &stack.database_url()).await?;
    let journal = journal::read(&stack.database_url(), began).await?;
    report.ownerships = epochs::ownerships(&journal, &witness);
    drop(bots);
    let samples = sampling.stop().await?;
    let mut history = recorder.history();
    let trace = history.end_trace();
    let evidence = Evidence {
        commits: Some(&journal.commits),
        samples: Some(&samples),
        ..Evidence::new(&history, &beginning, &end)
    };
    if let Some(trace) = trace {
        trace.close(&evidence).context("save the history")?;
    }
    report.finish(&history, evidence.check(), start.elapsed());
    Ok(report)
}
