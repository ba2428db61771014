//! Prepares a database for a game.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use super::START_DEADLINE;
use super::binary::binary;
use crate::postgres::tail;
use crate::spawner::{ChildSpec, DeathSignal};

/// Prepares a database for a game: runs its binary's `migrate` to the end.
///
/// # Errors
/// Where the binary is missing or fails; what it said is in the error.
pub async fn migrate(game: &str, database_url: &str, folder: &Path) -> Result<()> {
    migrate_with(game, database_url, folder, &[]).await
}

/// The same with these variables in the binary's environment: where it has a defect, what it makes has it too.
///
/// # Errors
/// As [`migrate`].
pub(crate) async fn migrate_with(
    game: &str,
    database_url: &str,
    folder: &Path,
    environment: &[(String, String)],
) -> Result<()> {
    let log_path = folder.join(format!("migrate-{:08x}.log", rand::random::<u32>()));
    let log = fs::File::create(&log_path)?;
    let mut spec =
        ChildSpec::new(binary(game)?, DeathSignal::Kill).not_inheriting("HOLDFAST_").arg("migrate");
    for (name, value) in environment {
        spec = spec.env(name, value);
    }
    let mut child = spec
        .env("DATABASE_URL", database_url)
        .in_folder(folder)
        .output(log.try_clone()?)
        .errors(log)
        .spawn()
        .with_context(|| format!("start {game} migrate"))?;
    let deadline = Instant::now() + START_DEADLINE;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            bail!("{game} migrate took longer than {START_DEADLINE:?}:\n{}", tail(&log_path));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    ensure!(status.success(), "{game} migrate ended with {status}:\n{}", tail(&log_path));
    Ok(())
}
