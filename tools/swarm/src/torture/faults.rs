//! What each strike does. It returns when it has struck; the driver measures how the world comes back.

pub(super) mod absence;
pub(super) mod administrator;
pub(super) mod commit;
pub(super) mod death;
pub(super) mod failpoint;
pub(super) mod poison;
pub(super) mod postgres;
pub(super) mod sockets;
pub(super) mod window;

use anyhow::Result;
use tokio::time::Instant;

use super::recovery::{Kept, Loss, Struck};
use super::scene::Scene;
use super::strike::Strike;

/// Strikes.
pub(super) async fn strike(scene: &mut Scene<'_>, strike: Strike) -> Result<Struck> {
    match strike {
        Strike::KillServer => death::kill(scene).await,
        Strike::KillOwner => death::kill_and_keep(scene).await,
        Strike::Race => death::race(scene).await,
        Strike::Failpoint(point) => failpoint::die_at(scene, point).await,
        Strike::Window(window) => window::kill_both(scene, window).await,
        Strike::KillPostgres => postgres::kill(scene).await,
        Strike::QuitPostgres => postgres::quit(scene).await,
        Strike::CrashBackend => postgres::crash_backend(scene).await,
        Strike::PostgresSleep => postgres::sleep_for_a_while(scene).await,
        Strike::SlowPostgres => postgres::be_slow(scene).await,
        Strike::CutCommit(cut) => commit::cut(scene, cut).await,
        Strike::StopOwner => absence::stop(scene).await,
        Strike::Partition => absence::part(scene).await,
        Strike::KillBackend => administrator::kill_backend(scene).await,
        Strike::CancelBackend => administrator::cancel_backend(scene).await,
        Strike::LockWorld => administrator::lock_world(scene).await,
        Strike::LockRows => administrator::lock_rows(scene).await,
        Strike::Poison => poison::refuse(scene).await,
        Strike::Panic => poison::panic(scene).await,
        Strike::CutSockets(harm) => sockets::cut(scene, harm).await,
    }
}

/// Gives the world back what it had to do without since then. Whether an owner that wakes is listened to is seen before it does: one
/// that hung cannot have closed anything, and one that was parted may have closed its clients because of that.
pub(super) fn give_back(scene: &mut Scene<'_>, kept: Kept, since: Instant) -> Result<()> {
    let is_listened_to = match kept.what {
        Loss::Life => false,
        Loss::Time => scene.listeners.still_listens(),
        Loss::Store => scene.listeners.listened_at(since),
    };
    if is_listened_to {
        scene.witness.listened();
    }
    match kept.what {
        Loss::Life => scene.start(kept.server)?,
        Loss::Time => scene.stack.server_mut(kept.server)?.thaw(),
        Loss::Store => scene.proxy(kept.server)?.set_blackhole(false),
    }
    Ok(())
}
