//! Nothing may run on a PostgreSQL's data when one is started on it.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::process;

/// How long what still runs on the data may take to end by itself: a PostgreSQL whose parent was just killed is about
/// to, and so are the children of one that was killed itself.
const END_WAIT: Duration = Duration::from_secs(5);

/// Waits until no process runs in the folder `data`, and kills what stays. Only one owner has the
/// folder, so what runs there is what a killed PostgreSQL or a killed owner left behind.
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
