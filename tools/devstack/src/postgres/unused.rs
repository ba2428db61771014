//! Nothing may run on a PostgreSQL's data when one is started on it, or when it is thrown away.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::process;

/// How long what still runs on the data may take to end by itself: a PostgreSQL whose parent was just killed is about
/// to, and so are the children of one that was killed itself.
const END_WAIT: Duration = Duration::from_secs(5);

/// What the kernel calls each of a PostgreSQL's processes. Somebody's shell may stand in the same folder.
const NAME: &str = "postgres";

/// Waits until no PostgreSQL runs in the folder `data`, and kills what stays. Only one owner has the
/// folder, so what runs there is what a killed PostgreSQL or a killed owner left behind.
pub(crate) async fn wait_until_unused(data: &Path) -> Result<()> {
    let deadline = Instant::now() + END_WAIT;
    while !process::working_in(data, NAME).is_empty() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    process::working_in(data, NAME).into_iter().for_each(process::kill_family);
    let pid_file = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&pid_file) else { return Ok(()) };
    let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
    // A number that lives belongs to another program by now, and PostgreSQL would take that for itself. Without a number
    // it would not start at all: that one was killed before it had written it.
    if pid.is_none_or(process::is_alive) {
        fs::remove_file(&pid_file).context("remove what a killed PostgreSQL left behind")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[tokio::test]
    async fn a_program_of_somebody_else_in_the_folder_is_neither_waited_for_nor_killed() {
        let folder = tempfile::tempdir().unwrap();
        let mut theirs = Command::new("sleep").arg("600").current_dir(&folder).spawn().unwrap();
        wait_until_unused(folder.path()).await.unwrap();
        let lives = theirs.try_wait().unwrap().is_none();
        theirs.kill().unwrap();
        theirs.wait().unwrap();
        assert!(lives);
    }

    #[tokio::test]
    async fn a_file_of_one_that_was_killed_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("postmaster.pid");
        let alive = std::process::id().to_string();
        for (text, stays) in [("", false), ("\n", false), (alive.as_str(), false), ("4194305\n", true)] {
            fs::write(&file, text).unwrap();
            wait_until_unused(folder.path()).await.unwrap();
            assert_eq!(file.exists(), stays, "{text:?}");
        }
    }
}
