//! `swarm storm`: everybody loses the connection in the same moment, and comes back.
//!
//! A real server, real PostgreSQL, and a crowd that plays lightly. Then every connection of the crowd is cut at once, by
//! this end; or the clients are gone altogether and others come in their place; or the server is killed and started again.
//! A few bots beside the crowd are spared: where the server lives on they take the world's [`pulse`]. [`comeback`] notes
//! who is back, when, and with what.

mod comeback;
mod pulse;
mod report;

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use holdfast_devstack::Stack;
use holdfast_devstack::stack::StackOptions;
use holdfast_protocol::ResyncKind;
use tokio::time::{Instant, sleep};

use crate::crowd::Crowd;
use crate::lateness::Lateness;
use crate::players::{Play, Players};
use crate::stage::Stage;
use crate::times::Percentiles;
use crate::trial::{self, Trial};
use crate::world::World;

use comeback::Comebacks;
use pulse::Pulse;

pub use pulse::Ticks;
pub use report::StormReport;

/// How many bots are spared beside the crowd: in the ledger they are one group.
const SPARED: usize = 8;

/// How often each of the spared acts: together they make nearly every tick one that they hear of.
const SPARED_PACE: Duration = Duration::from_millis(200);

/// How often each of the crowd acts.
const CROWD_PACE: Duration = Duration::from_secs(2);

/// How many of the crowd connect in a second, at first.
const CONNECTS_PER_S: f64 = 200.0;

/// For how long all play before the storm, and again after it.
const CALM: Duration = Duration::from_secs(4);

/// How long it is waited for those who do not come back.
const COMEBACK_WAIT_MAX: Duration = Duration::from_secs(60);

/// Over how long the world's ticks are counted at least: in less there are none to speak of. The report asks for as many
/// ([`report::TICKS_MIN`]).
const COUNTED_MIN: Duration = Duration::from_secs(1);

/// How often it is looked who is back.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How those who were cut off come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comeback {
    /// By themselves, with the session that they had.
    Resumed,
    /// Not at all: fresh clients come in their place, all at once, and know nothing of what was before.
    Cold,
    /// By themselves, to a server that was killed and started again.
    Restarted,
}

impl Comeback {
    /// In a word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Resumed => "resumed",
            Self::Cold => "cold",
            Self::Restarted => "restarted",
        }
    }

    /// What everybody who comes back in this way is brought.
    #[must_use]
    pub fn brings(self) -> ResyncKind {
        match self {
            Self::Resumed | Self::Restarted => ResyncKind::Delta,
            Self::Cold => ResyncKind::SnapshotFresh,
        }
    }
}

/// What is to be run.
#[derive(Clone, Debug)]
pub struct StormOptions {
    /// In which world.
    pub world: World,
    /// How many are cut off.
    pub sessions: usize,
    /// How they come back.
    pub comeback: Comeback,
    /// What makes two runs alike, as far as real processes allow.
    pub seed: u64,
}

/// Runs it. The server's binary must have been built.
///
/// A report whose bounds do not hold is no error.
///
/// # Errors
/// Where the stack does not start, or the crowd does not get in before the storm.
pub async fn run(options: &StormOptions, mut progress: impl FnMut(&str)) -> Result<StormReport> {
    let mut stack_options = StackOptions::new(options.world.game());
    let capacity = (options.sessions + SPARED).max(600);
    stack_options.environment.push(("HOLDFAST_SESSIONS".to_owned(), capacity.to_string()));
    let stage = Stage::start(stack_options).await?;
    let mut spared = Crowd::gather(&stage, options.world, options.sessions + SPARED, options.seed).await?;
    let crowd = spared.split_off(SPARED);
    let Stage::Own(mut stack) = stage else { anyhow::bail!("a storm needs a stack of our own") };
    progress(&format!("{} characters are made", options.sessions + SPARED));

    let trial = Trial::begin(options.world, &stack).await?;
    let (comebacks, pulse) = (Comebacks::default(), Pulse::default());
    let (recorder, reading) = (&trial.recorder, options.world.reading());
    let spared = spared
        .connect(Duration::ZERO, |_, character| pulse.over(recorder.observer(character, reading)))
        .await?;
    let again = crowd.clone();
    let observer = |_, character| comebacks.over(character, recorder.observer(character, reading));
    let spread = Duration::from_secs_f64(f64::from(u32::try_from(options.sessions)?) / CONNECTS_PER_S);
    let crowd = crowd.connect(spread, observer).await?;
    let play = Play::new(options.world, recorder.clone(), options.seed);
    let spared = play.begin(spared, SPARED_PACE);
    let mut crowd = play.begin(crowd, CROWD_PACE);
    sleep(CALM).await;
    progress(&format!("{} play; {} accepted so far", options.sessions, recorder.history().accepted_count()));

    let lateness = Lateness::start();
    let struck = Instant::now();
    comebacks.strike(struck.into_std());
    match options.comeback {
        Comeback::Resumed => cut(&crowd),
        Comeback::Restarted => restart(&mut stack, struck, &mut progress).await?,
        Comeback::Cold => {
            drop(crowd.stop().await);
            let bots = again.connect(Duration::ZERO, observer).await?;
            crowd = play.begin(bots, CROWD_PACE);
        }
    }
    let deadline = struck + COMEBACK_WAIT_MAX;
    let mut told = 0;
    while comebacks.count() < options.sessions && Instant::now() < deadline {
        sleep(LOOK_EVERY).await;
        let seconds = struck.elapsed().as_secs();
        if seconds > told {
            told = seconds;
            progress(&format!("{} of {} are back after {told} s", comebacks.count(), options.sessions));
        }
    }
    sleep(COUNTED_MIN.saturating_sub(struck.elapsed())).await;
    let counted_until = Instant::now();
    let generator_ms = lateness.take();
    sleep(CALM).await;
    // Only now: the first tick after the span closes it. Where the server was away, that was the point: its ticks are
    // nobody's to judge.
    let ticks = (options.comeback != Comeback::Restarted)
        .then(|| pulse.between(struck.into_std(), counted_until.into_std()));
    recorder.history().faults_are_over();
    trial::everybody_plays_on(recorder).await;
    let mut bots = crowd.stop().await;
    bots.extend(spared.stop().await);
    let stuck_bots = trial::last_answers(&bots).await;
    let findings = trial.check().await?;
    ensure!(stack.server.exit_status().is_none(), "the server ended:\n{}", stack.server.log_tail());
    let history = recorder.history();
    Ok(StormReport {
        world: options.world,
        seed: options.seed,
        sessions: options.sessions,
        comeback: options.comeback,
        back_count: comebacks.count(),
        back_ms: Percentiles::of(comebacks.times()),
        resyncs: comebacks.resyncs(),
        refusals: comebacks.refusals(),
        stuck_bots,
        ended_count: history.ended_count,
        divergence_count: history.divergence_count,
        ticks,
        generator_ms,
        findings,
    })
}

/// All at once.
fn cut(crowd: &Players) {
    for bot in &crowd.bots {
        bot.client.cut();
    }
}

async fn restart(stack: &mut Stack, struck: Instant, progress: &mut impl FnMut(&str)) -> Result<()> {
    stack.server.restart().await.context("start the server again")?;
    progress(&format!("the server is ready again after {:.2?}", struck.elapsed()));
    Ok(())
}
