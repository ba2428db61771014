//! Play, strike, recovery, again and again.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::time::{Instant, sleep};

use super::faults;
use super::plan::Plan;
use super::progress::Progress;
use super::recovery::{self, Recovery};
use super::scene::{LOOK_EVERY, RECOVERY_WAIT_MAX, Scene};
use super::strike::Strike;

/// How often it is told how far it has come, while nothing strikes.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Strikes until the plan is at its end, and lets bots play once more.
pub(super) async fn drive(scene: &mut Scene<'_>, progress: &mut dyn FnMut(&Progress)) -> Result<()> {
    let mut plan = Plan::new(scene.options, &mut scene.rng);
    let mut teller = Teller { began: Instant::now(), told: Instant::now(), struck: 0, last: None, progress };
    while let Some(turn) = plan.next(&mut scene.rng) {
        play(scene, &plan, turn.play, &mut teller).await?;
        scene.wait_a_moment().await;
        let recovery = undergo(scene, turn.strike).await.with_context(|| turn.strike.label())?;
        teller.struck += 1;
        teller.last = Some((turn.strike, recovery));
        teller.tell(scene, &plan, true);
    }
    let last = scene.options.played_between;
    play(scene, &plan, last, &mut teller).await
}

/// One strike, from its beginning until everything is as it was before.
async fn undergo(scene: &mut Scene<'_>, strike: Strike) -> Result<Recovery> {
    let struck = faults::strike(scene, strike).await?;
    let recovery = recovery::measure(scene, &struck).await?;
    scene.restore().await?;
    scene.report.struck(strike, recovery, struck.sockets);
    if let Some(memory) = struck.memory {
        scene.report.saw_memory(memory.read());
    }
    Ok(recovery)
}

/// Lets bots play for so long, and until enough is accepted that the next fault hits something.
async fn play(scene: &mut Scene<'_>, plan: &Plan<'_>, time: Duration, teller: &mut Teller<'_>) -> Result<()> {
    let (began, wanted) = (Instant::now(), scene.accepted_count() + scene.options.accepted_between);
    while began.elapsed() < time || scene.accepted_count() < wanted {
        scene.notice_ends()?;
        scene.pace.set_share_done(plan.share_done());
        if teller.told.elapsed() >= TELL_EVERY {
            teller.tell(scene, plan, false);
        }
        ensure!(
            began.elapsed() < time + RECOVERY_WAIT_MAX,
            "fewer than {} actions were accepted within {RECOVERY_WAIT_MAX:?}; the servers' logs:\n{}",
            scene.options.accepted_between,
            scene.logs()
        );
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// Tells how far it has come.
struct Teller<'a> {
    began: Instant,
    told: Instant,
    struck: usize,
    last: Option<(Strike, Recovery)>,
    progress: &'a mut dyn FnMut(&Progress),
}

impl Teller<'_> {
    fn tell(&mut self, scene: &Scene<'_>, plan: &Plan<'_>, is_new: bool) {
        self.told = Instant::now();
        (self.progress)(&Progress {
            elapsed: self.began.elapsed(),
            struck: self.struck,
            planned: plan.planned(),
            accepted: scene.accepted_count(),
            last: self.last,
            is_new,
        });
    }
}
