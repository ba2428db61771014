//! F9: what can never be written or decided. The same process loads its world anew, finds the action that is to blame,
//! and goes on without it.

use anyhow::{Context as _, Result, ensure};
use holdfast::poison::RELOADS_MAX;
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tokio::time::{Instant, sleep};

use super::failpoint::TICK_PANIC;
use crate::torture::recovery::{self, Struck};
use crate::torture::scene::{LOOK_EVERY, RECOVERY_WAIT_MAX, Scene};
use crate::torture::strike::Strike;

/// What PostgreSQL says, by lot: a value that is there already, one that is not allowed, a number that does not fit.
const SQLSTATES: [&str; 3] = ["23505", "23514", "22003"];

/// A trigger refuses the next flush that carries an action of a character, by lot. Where it refuses the second one as
/// well, that action is guilty; where it does not, none is.
pub(super) async fn refuse(scene: &mut Scene<'_>) -> Result<Struck> {
    make_room_for_reloads(scene, Strike::Poison).await?;
    let character = *scene.pulse.players().choose(&mut scene.rng).context("somebody plays")?;
    let sqlstate = *SQLSTATES.choose(&mut scene.rng).context("there is a choice")?;
    let times = scene.rng.random_range(1..=Strike::Poison.reloads());
    let mut connection = scene.database().await?;
    // The sequence counts also what is rolled back. Only an action moves `last_seq`: a flush that is refused without one
    // would halt the server, as it should.
    connection
        .execute(AssertSqlSafe(format!(
            "CREATE SEQUENCE IF NOT EXISTS torture_refusals;
             ALTER SEQUENCE torture_refusals RESTART;
             GRANT USAGE ON SEQUENCE torture_refusals TO PUBLIC;
             CREATE OR REPLACE FUNCTION torture_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 IF nextval('public.torture_refusals') <= {times} THEN
                     RAISE EXCEPTION 'refused by a torture' USING ERRCODE = '{sqlstate}';
                 END IF;
                 RETURN NEW;
             END $$;
             CREATE OR REPLACE TRIGGER torture BEFORE UPDATE ON holdfast.character_actions FOR EACH ROW
                 WHEN (NEW.entity = {} AND NEW.last_seq > OLD.last_seq) EXECUTE FUNCTION torture_refuse()",
            character.0
        )))
        .await
        .context("make a trigger that refuses")?;
    let has_refused = "SELECT 1 FROM torture_refusals WHERE is_called";
    let deadline = Instant::now() + RECOVERY_WAIT_MAX;
    while connection.execute(has_refused).await?.rows_affected() == 0 {
        ensure!(Instant::now() < deadline, "nothing was refused:\n{}", scene.logs());
        sleep(LOOK_EVERY).await;
    }
    connection.close().await?;
    Ok(Struck::now(scene))
}

/// A tick panics as it applies an action.
pub(super) async fn panic(scene: &mut Scene<'_>) -> Result<Struck> {
    make_room_for_reloads(scene, Strike::Panic).await?;
    let number = scene.rng.random_range(1..=10);
    scene.trap.arm(&format!("{TICK_PANIC} {number}"))?;
    let deadline = Instant::now() + RECOVERY_WAIT_MAX;
    while !scene.trap.is_sprung() {
        ensure!(Instant::now() < deadline, "no tick has panicked:\n{}", scene.logs());
        sleep(LOOK_EVERY).await;
    }
    Ok(Struck::now(scene))
}

/// A process may load its world anew only so often in ten minutes, and then halts, as it should: one that would do so
/// because of this strike is killed and started again before.
pub(super) async fn make_room_for_reloads(scene: &mut Scene<'_>, strike: Strike) -> Result<()> {
    let owner = scene.owner().await?;
    let pid = scene.stack.server_mut(owner)?.pid().context("the owner runs")?;
    let reloads = scene.servers.reloads.get(&pid).copied().unwrap_or(0);
    if reloads + strike.reloads() > RELOADS_MAX {
        let struck = super::death::kill(scene).await?;
        recovery::measure(scene, &struck).await?;
        scene.restore().await?;
    }
    let owner = scene.owner().await?;
    let pid = scene.stack.server_mut(owner)?.pid().context("the owner runs")?;
    *scene.servers.reloads.entry(pid).or_default() += strike.reloads();
    Ok(())
}
