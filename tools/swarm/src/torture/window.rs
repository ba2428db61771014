//! Faults inside a held flush: where nothing of it is committed yet, and where all of it is and nobody knows.

use anyhow::{Context as _, Result, bail, ensure};
use holdfast_devstack::Stack;
use holdfast_devstack::proxy::{FlushPlan, Hold, Window};
use rand::RngExt as _;
use tokio::time::{Duration, Instant, sleep, timeout};

use super::scene::Scene;
use super::{ACCEPTED_BETWEEN_FAULTS, Fault, RECOVERY_WAIT_MAX, TortureOptions, Windows};

/// For how long a flush is held: long enough to kill everything inside that window.
const HOLD: Duration = Duration::from_millis(500);

/// How long PostgreSQL stays away at least: players are told after 250 ms of standstill.
const AWAY_MIN: Duration = Duration::from_millis(600);

/// Strikes as often as is asked, and lets flushes pass again.
pub(super) async fn strike(scene: &mut Scene<'_>) -> Result<()> {
    set_plan(scene.stack, scene.options)?;
    let count = scene.options.count;
    let mut recovered_from: Option<Instant> = None;
    for number in 1..=count {
        let accepted = scene.accepted_count();
        scene.wait_for_accepted(accepted + 1).await?;
        if let Some(fault) = recovered_from {
            scene.report.recovered_after(fault.elapsed());
        }
        scene.wait_for_accepted(accepted + ACCEPTED_BETWEEN_FAULTS).await?;
        let hold = next_window(scene.stack).await?;
        // Anywhere in the window, but never so late that the kill itself falls behind it.
        sleep(HOLD.mul_f64(scene.rng.random_range(0.05..0.6))).await;
        recovered_from = Some(Instant::now());
        kill(scene.options.fault, scene.stack).await?;
        scene.report.struck_in(hold.window);
        let accepted = scene.accepted_count();
        let window = match hold.window {
            Window::BeforeForward => "before a flush was forwarded",
            Window::BeforeReply => "before the reply to a flush",
        };
        (scene.progress)(&format!("fault {number} of {count}: {window}; {accepted} accepted so far"));
    }
    scene.stack.proxy()?.set_plan(FlushPlan::Pass);
    Ok(())
}

/// Does it, and waits until everything runs again.
async fn kill(fault: Fault, stack: &mut Stack) -> Result<()> {
    match fault {
        Fault::KillBoth => {
            stack.server.kill9();
            stack.postgres.kill_group();
            stack.postgres.start_again().await?;
            stack.server.restart().await
        }
        Fault::KillPostgres => {
            let before = stack.server.pid();
            stack.postgres.kill_group();
            sleep(AWAY_MIN).await;
            stack.postgres.start_again().await?;
            let status = stack.server.exit_status();
            ensure!(
                status.is_none() && stack.server.pid() == before,
                "the server did not outlive PostgreSQL ({status:?}):\n{}",
                stack.server.log_tail()
            );
            Ok(())
        }
        other => bail!("{} does not strike in a window", other.name()),
    }
}

fn set_plan(stack: &Stack, options: &TortureOptions) -> Result<()> {
    stack.proxy()?.set_plan(match options.windows {
        Windows::Both => FlushPlan::Seeded { seed: options.seed, duration: HOLD },
        Windows::BeforeForward => FlushPlan::Hold(Hold { window: Window::BeforeForward, duration: HOLD }),
        Windows::BeforeReply => FlushPlan::Hold(Hold { window: Window::BeforeReply, duration: HOLD }),
    });
    Ok(())
}

async fn next_window(stack: &Stack) -> Result<Hold> {
    timeout(RECOVERY_WAIT_MAX, stack.proxy()?.next_window()).await.context("no flush came by")
}
