//! What every strike stands on: the stack, the bots' history, and the report that it is all for.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use holdfast_checker::Recorder;
use holdfast_devstack::server::role_at;
use holdfast_devstack::{Proxy, Role, Server, Stack};
use rand::RngExt as _;
use rand::rngs::StdRng;
use rustix::process::Signal;
use sqlx::{Connection as _, PgConnection};
use tokio::time::{Instant, sleep};

use super::TortureOptions;
use super::bots::Pace;
use super::faults::failpoint::Trap;
use super::listener::Listeners;
use super::pulse::Pulse;
use super::report::TortureReport;
use super::witness::Witness;

/// How long the world may take to come back from a fault. Longer counts as a world that did not recover.
pub(super) const RECOVERY_WAIT_MAX: Duration = Duration::from_secs(60);

/// How often it is looked whether what is waited for is there.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A moment is so many milliseconds at most: a few ticks.
const MOMENT_MS_MAX: u64 = 200;

/// With what a server ends whose world is another one's by now.
const EXIT_WORLD_LOST: i32 = 75;

/// A world that is tortured.
pub(super) struct Scene<'a> {
    pub(super) options: &'a TortureOptions,
    pub(super) stack: &'a mut Stack,
    pub(super) recorder: &'a Recorder,
    pub(super) witness: &'a Witness,
    pub(super) pulse: &'a Pulse,
    pub(super) pace: &'a Pace,
    pub(super) trap: &'a Trap,
    pub(super) listeners: Listeners,
    pub(super) report: &'a mut TortureReport,
    pub(super) rng: StdRng,
    pub(super) servers: Servers,
}

/// What is known of the servers' processes.
#[derive(Debug, Default)]
pub(super) struct Servers {
    /// Those that do not run, and are not meant to at the moment.
    down: BTreeSet<usize>,
    /// How often the world was loaded anew in the process with this number.
    pub(super) reloads: BTreeMap<u32, usize>,
}

impl Scene<'_> {
    pub(super) fn accepted_count(&self) -> usize {
        self.recorder.history().accepted_count()
    }

    /// Lets a moment pass by lot, so that what follows hits a tick anywhere.
    pub(super) async fn wait_a_moment(&mut self) {
        sleep(Duration::from_millis(self.rng.random_range(0..MOMENT_MS_MAX))).await;
    }

    /// The number of the server that owns the world, as soon as one does.
    pub(super) async fn owner(&self) -> Result<usize> {
        let deadline = Instant::now() + RECOVERY_WAIT_MAX;
        while Instant::now() < deadline {
            if let Some(owner) = self.stack.owner().await {
                return Ok(owner);
            }
            sleep(LOOK_EVERY).await;
        }
        bail!("nobody owns the world:\n{}", self.logs())
    }

    /// What is between a server and the database.
    pub(super) fn proxy(&self, number: usize) -> Result<&Proxy> {
        self.stack.proxies.get(number).context("each server has a proxy")
    }

    /// The database, past every server and as its superuser.
    pub(super) async fn database(&self) -> Result<PgConnection> {
        PgConnection::connect(&self.stack.database_url()).await.context("reach the world's database")
    }

    /// Kills a server.
    pub(super) fn kill(&mut self, number: usize) -> Result<()> {
        self.stack.server_mut(number)?.kill9();
        self.servers.down.insert(number);
        Ok(())
    }

    /// Starts one again, and waits for nothing.
    pub(super) fn start(&mut self, number: usize) -> Result<()> {
        self.stack.server_mut(number)?.spawn()?;
        self.servers.down.remove(&number);
        Ok(())
    }

    /// Waits until a server has killed itself (SIGKILL), as it was told to: of any other death it is guilty itself. Returns
    /// its number.
    pub(super) async fn wait_for_death(&mut self) -> Result<usize> {
        let deadline = Instant::now() + RECOVERY_WAIT_MAX;
        while Instant::now() < deadline {
            for number in self.up() {
                let status = self.stack.server_mut(number)?.exit_status();
                if status.is_some_and(|status| status.signal() == Some(Signal::KILL.as_raw())) {
                    // A point takes its order away before it strikes.
                    ensure!(self.trap.is_sprung(), "server {number} was killed by somebody else");
                    self.servers.down.insert(number);
                    return Ok(number);
                }
            }
            self.notice_ends()?;
            sleep(LOOK_EVERY).await;
        }
        bail!("no server has died as it was told to:\n{}", self.logs())
    }

    /// No server may end by itself, unless another one owns its world by now.
    pub(super) fn notice_ends(&mut self) -> Result<()> {
        for number in self.up() {
            let server = self.stack.server_mut(number)?;
            let Some(status) = server.exit_status() else { continue };
            let log = server.log_tail();
            let has_company = !self.stack.standbys.is_empty();
            ensure!(
                has_company && status.code() == Some(EXIT_WORLD_LOST),
                "server {number} ended by itself with {status}:\n{log}"
            );
            self.report.worlds_lost += 1;
            self.servers.down.insert(number);
        }
        Ok(())
    }

    /// Starts whoever does not run, and waits until one server owns the world and all others stand by.
    pub(super) async fn restore(&mut self) -> Result<()> {
        let deadline = Instant::now() + RECOVERY_WAIT_MAX;
        loop {
            self.notice_ends()?;
            while let Some(number) = self.servers.down.pop_first() {
                self.stack.server_mut(number)?.spawn()?;
            }
            let mut roles = Vec::new();
            for server in self.stack.servers() {
                roles.push(role_at(&server.url()).await);
            }
            let count = |role| roles.iter().filter(|other| **other == Some(role)).count();
            if count(Role::Owner) == 1 && count(Role::Standby) == roles.len() - 1 {
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "one server is to own the world, and the others to stand by: {roles:?}\n{}",
                self.logs()
            );
            sleep(LOOK_EVERY).await;
        }
    }

    /// The ends of all servers' logs.
    pub(super) fn logs(&self) -> String {
        self.stack.servers().map(Server::log_tail).collect::<Vec<_>>().join("\n--\n")
    }

    /// The servers that run, or ought to.
    fn up(&self) -> Vec<usize> {
        let all = 0..self.stack.servers().count();
        all.filter(|number| !self.servers.down.contains(number)).collect()
    }
}
