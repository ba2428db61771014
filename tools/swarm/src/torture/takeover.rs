//! Faults that take the world from its owner while another server stands by: who takes over, how soon, and whether the
//! old owner is heard of again.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use holdfast_devstack::server::role_at;
use holdfast_devstack::{Role, Server};
use rand::RngExt as _;
use tokio::time::{Instant, sleep};

use super::listener::Listeners;
use super::scene::Scene;
use super::{ACCEPTED_BETWEEN_FAULTS, Fault, RECOVERY_WAIT_MAX};

/// A fault strikes within so many milliseconds of its turn, so that it hits any moment of a tick and of a lease.
const MOMENT_MS_MAX: u64 = 1_000;

/// How often it is looked whether what is waited for is there.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Strikes as often as is asked. Each time the old owner is a standby again before the next.
pub(super) async fn strike(scene: &mut Scene<'_>, mut listeners: Listeners) -> Result<()> {
    let count = scene.options.count;
    for number in 1..=count {
        let accepted = scene.accepted_count();
        scene.wait_for_accepted(accepted + ACCEPTED_BETWEEN_FAULTS).await?;
        let owner = scene.wait_for_owner().await?;
        let address = scene.stack.server_mut(owner)?.ws_url();
        listeners.listen_to(&address, scene.witness).await?;
        sleep(Duration::from_millis(scene.rng.random_range(0..MOMENT_MS_MAX))).await;

        let before = scene.witness.newest();
        let struck = Instant::now();
        let server = scene.stack.server_mut(owner)?;
        match scene.options.fault {
            Fault::KillOwner => server.kill9(),
            Fault::StopOwner => server.freeze(),
            other => bail!("{} takes the world from nobody", other.name()),
        }
        let accepted = loop {
            if let Some(accepted) = scene.witness.accepted_after(before) {
                break accepted;
            }
            ensure!(
                struck.elapsed() < RECOVERY_WAIT_MAX,
                "nobody has taken over within {RECOVERY_WAIT_MAX:?}; the servers' logs:\n{}",
                scene.stack.servers().map(Server::log_tail).collect::<Vec<_>>().join("\n--\n")
            );
            sleep(LOOK_EVERY).await;
        };
        scene.report.struck();
        let time = accepted.duration_since(struck.into_std());
        scene.report.recovered_after(time);
        if scene.options.fault == Fault::StopOwner {
            sleep(scene.options.stopped_for.saturating_sub(struck.elapsed())).await;
            scene.stack.server_mut(owner)?.thaw();
        }
        stand_by_again(scene, owner).await?;
        let accepted = scene.accepted_count();
        let name = scene.options.fault.name();
        (scene.progress)(&format!(
            "fault {number} of {count}: {name} at server {owner}, taken over after {time:.2?}; {accepted} accepted so far"
        ));
    }
    Ok(())
}

/// A server that has lost its world ends, and is started again; or it stands by of its own accord.
async fn stand_by_again(scene: &mut Scene<'_>, number: usize) -> Result<()> {
    let deadline = Instant::now() + RECOVERY_WAIT_MAX;
    loop {
        let server = scene.stack.server_mut(number)?;
        if server.exit_status().is_some() {
            return scene.stack.start_again(number).await;
        }
        if role_at(&server.url()).await == Some(Role::Standby) {
            return Ok(());
        }
        let log = server.log_tail();
        ensure!(Instant::now() < deadline, "server {number} has lost its world and does not notice:\n{log}");
        sleep(LOOK_EVERY).await;
    }
}
