//! Faults that take the store from the owner, and give it back: the world stands still meanwhile, and goes on.

use anyhow::{Context as _, Result, bail, ensure};
use holdfast_devstack::Stack;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::time::{Instant, sleep};

use super::memory::MemoryWatch;
use super::scene::Scene;
use super::{ACCEPTED_BETWEEN_FAULTS, Fault};

/// Strikes as often as is asked. The server must outlive each.
pub(super) async fn strike(scene: &mut Scene<'_>) -> Result<()> {
    let accepted = scene.accepted_count();
    scene.wait_for_accepted(accepted + ACCEPTED_BETWEEN_FAULTS).await?;
    let pid = scene.stack.server.pid().context("the server runs")?;
    let memory = MemoryWatch::start(pid);
    let (count, fault) = (scene.options.count, scene.options.fault);
    for number in 1..=count {
        match fault {
            Fault::SleepPostgres => {
                scene.stack.postgres.freeze();
                sleep(scene.options.stopped_for).await;
                scene.stack.postgres.thaw();
            }
            Fault::KillBackend => end_backend(scene.stack).await?,
            other => bail!("{} leaves the owner its store", other.name()),
        }
        // It has recovered when all that waited has its answer.
        let (given_back, wanted) = (Instant::now(), scene.answered_count() + scene.open_count());
        scene.wait_for_answered(wanted).await?;
        let time = given_back.elapsed();
        let accepted = scene.accepted_count();
        scene.report.struck();
        scene.report.recovered_after(time);
        scene.wait_for_accepted(accepted + ACCEPTED_BETWEEN_FAULTS).await?;
        ensure!(
            scene.stack.server.pid() == Some(pid),
            "the server did not outlive {}:\n{}",
            fault.name(),
            scene.stack.server.log_tail()
        );
        scene.report.memory = Some(memory.read());
        let name = fault.name();
        (scene.progress)(&format!("fault {number} of {count}: {name}, recovered after {time:.2?}"));
    }
    Ok(())
}

/// Ends the connection that the owner flushes over, as an administrator does.
async fn end_backend(stack: &Stack) -> Result<()> {
    let mut connection = PgConnection::connect(&stack.database_url()).await.context("reach the database")?;
    let ended = connection
        .execute("SELECT pg_terminate_backend(holder_pid) FROM holdfast.worlds WHERE holder_pid IS NOT NULL")
        .await
        .context("end the owner's backend")?;
    ensure!(ended.rows_affected() == 1, "somebody owns the world");
    connection.close().await?;
    Ok(())
}
