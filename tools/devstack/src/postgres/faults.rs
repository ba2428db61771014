//! What is done to a PostgreSQL as a fault. After each of these ends [`Postgres::start_again`] brings it back.

use anyhow::{Result, ensure};
use rustix::process::Signal;

use super::{Postgres, STOP_DEADLINE};
use crate::process;

impl Postgres {
    /// Kills all of its processes, as a fault: clients see their connections end, memory is lost, files stay.
    pub fn kill_group(&mut self) {
        if let Some(mut server) = self.server.take() {
            process::kill_family(server.id());
            // It was killed, so it can be waited for.
            let _ = server.wait();
        }
    }

    /// Ends it at once, as an operator in a hurry would (SIGQUIT): clients are told, and nothing is written that was not
    /// written already, so that the next start recovers. Returns when it has ended.
    ///
    /// # Errors
    /// Where the kernel does not say whether it has ended.
    pub async fn quit_immediately(&mut self) -> Result<()> {
        self.end_by(Signal::QUIT, STOP_DEADLINE).await
    }

    /// Kills the one of its processes that serves a certain connection (its `pg_backend_pid()`). What that one may have
    /// done to the shared memory nobody knows, so all of it ends, and `restart_after_crash` being off it stays down.
    /// Returns when it has ended.
    ///
    /// # Errors
    /// Where it has no such process, or does not end.
    pub async fn kill_one_backend(&mut self, pid: u32) -> Result<()> {
        let is_ours = self.pid().is_some_and(|server| process::children_of(server).contains(&pid));
        ensure!(is_ours, "PostgreSQL has no process {pid}");
        process::send(pid, Signal::KILL);
        let has_ended = self.wait_for_end(STOP_DEADLINE).await?;
        ensure!(has_ended, "PostgreSQL outlived its process {pid}:\n{}", self.log_tail());
        Ok(())
    }

    /// Stops all of its processes where they stand, as a hang. Connections stay open and nothing answers.
    pub fn freeze(&self) {
        if let Some(pid) = self.pid() {
            process::freeze_family(pid);
        }
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        if let Some(pid) = self.pid() {
            // The children first: the parent might otherwise take a stopped one for a dead one.
            process::children_of(pid)
                .into_iter()
                .chain([pid])
                .for_each(|pid| process::send(pid, Signal::CONT));
        }
    }
}
