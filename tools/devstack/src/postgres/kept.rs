//! What has to be so before a PostgreSQL is started on data that was kept: its version, and that nothing runs there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use holdfast_machine::postgres::{find, installed_major, major};

use crate::data_folder::DataFolder;
use crate::process;

/// How long what still runs on the data may take to end by itself: a PostgreSQL whose parent was just killed is about
/// to.
const END_WAIT: Duration = Duration::from_secs(5);

/// The programs that can read the data: of the version that made it, or the newest where there is none yet.
pub(super) fn binaries_for(data: &DataFolder) -> Result<PathBuf> {
    let Some(made_by) = data.postgres_major()? else { return find() };
    if let Some(folder) = installed_major(made_by) {
        return Ok(folder);
    }
    let here = major(&find()?)?;
    bail!(
        "The world in {} was made by PostgreSQL {made_by}, and here is PostgreSQL {here}, which cannot read it: install \
         PostgreSQL {made_by} as well, or name another folder with --data-dir, or begin a new world with --fresh.",
        data.path().display()
    )
}

/// Waits until no process runs in the folder `data`, and kills what stays. Whoever calls this holds the folder's lock,
/// so what runs there is what a killed owner left behind.
pub(super) async fn wait_until_unused(data: &Path) -> Result<()> {
    let deadline = Instant::now() + END_WAIT;
    while !process::working_in(data).is_empty() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    process::working_in(data).into_iter().for_each(process::kill_family);
    let pid_file = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&pid_file) else { return Ok(()) };
    let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
    if pid.is_some_and(process::is_alive) {
        // The number belongs to another program by now, and PostgreSQL would take that for itself.
        fs::remove_file(&pid_file).context("remove what a killed PostgreSQL left behind")?;
    }
    Ok(())
}
