//! What every kind of fault stands on: the stack, the bots' history, and the report that it is all for.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use holdfast_checker::Recorder;
use holdfast_devstack::Stack;
use rand::rngs::StdRng;
use tokio::time::{Instant, sleep};

use super::report::TortureReport;
use super::witness::Witness;
use super::{RECOVERY_WAIT_MAX, TortureOptions};

/// How often it is looked whether what is waited for is there.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A world that is tortured.
pub(super) struct Scene<'a> {
    pub(super) options: &'a TortureOptions,
    pub(super) stack: &'a mut Stack,
    pub(super) recorder: &'a Recorder,
    pub(super) witness: &'a Witness,
    pub(super) report: &'a mut TortureReport,
    pub(super) rng: StdRng,
    pub(super) progress: &'a mut dyn FnMut(&str),
}

impl Scene<'_> {
    pub(super) fn accepted_count(&self) -> usize {
        self.recorder.history().accepted_count()
    }

    /// How many actions have no answer yet.
    pub(super) fn open_count(&self) -> usize {
        self.recorder.history().open_count()
    }

    /// How many actions have their answer.
    pub(super) fn answered_count(&self) -> usize {
        let history = self.recorder.history();
        history.accepted_count() + history.rejected_count()
    }

    /// Waits until so many actions are accepted in all. No server may end by itself meanwhile.
    pub(super) async fn wait_for_accepted(&mut self, wanted: usize) -> Result<()> {
        self.wait_for(wanted, Self::accepted_count).await
    }

    /// The same for those that are answered, be it with a no.
    pub(super) async fn wait_for_answered(&mut self, wanted: usize) -> Result<()> {
        self.wait_for(wanted, Self::answered_count).await
    }

    async fn wait_for(&mut self, wanted: usize, count: fn(&Self) -> usize) -> Result<()> {
        let deadline = Instant::now() + RECOVERY_WAIT_MAX;
        while count(self) < wanted {
            self.servers_still_run()?;
            ensure!(
                Instant::now() < deadline,
                "fewer than {wanted} actions were answered within {RECOVERY_WAIT_MAX:?}; the server's log:\n{}",
                self.stack.server.log_tail()
            );
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// A server that was killed has been started again by the time that this is asked.
    fn servers_still_run(&mut self) -> Result<()> {
        for number in 0..self.stack.servers().count() {
            let server = self.stack.server_mut(number)?;
            if let Some(status) = server.exit_status() {
                bail!("server {number} ended by itself with {status}:\n{}", server.log_tail());
            }
        }
        Ok(())
    }

    /// The number of the server that owns the world, as soon as one does.
    pub(super) async fn wait_for_owner(&self) -> Result<usize> {
        let deadline = Instant::now() + RECOVERY_WAIT_MAX;
        while Instant::now() < deadline {
            if let Some(owner) = self.stack.owner().await {
                return Ok(owner);
            }
            sleep(LOOK_EVERY).await;
        }
        None.context("nobody owns the world")
    }
}
