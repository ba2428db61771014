//! A world's server, as a child: the production binary, which knows nothing of us.

pub mod binary;
mod migrate;
mod ports;
mod role;

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;

use crate::issuer::AUDIENCE;
use crate::postgres::tail;
use crate::process;
use crate::spawner::{ChildSpec, DeathSignal};
use binary::{binary, written};

pub use migrate::migrate;
pub(crate) use migrate::migrate_with;
pub use ports::{free_port, free_ports, loopback_origins};
pub use role::{Role, role_at};

/// Where the operators' page is that was built with a game's page: beside it.
#[must_use]
pub fn staff_page_of(page: &Path) -> PathBuf {
    let mut path = page.as_os_str().to_owned();
    path.push("-staff");
    path.into()
}

/// The variables by which a server serves the page in this folder, and the operators' page beside it where there is one.
#[must_use]
pub fn page_variables(page: &Path) -> Vec<(String, String)> {
    let staff = staff_page_of(page);
    let mut variables = vec![("HOLDFAST_PAGE".to_owned(), page.display().to_string())];
    if staff.is_dir() {
        variables.push(("HOLDFAST_STAFF_PAGE".to_owned(), staff.display().to_string()));
    }
    variables
}

/// How long `migrate` and a start may take.
const START_DEADLINE: Duration = Duration::from_secs(60);

/// The name of the world that is served where nobody says another.
pub const WORLD: &str = "main";

/// What a server is started with.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The game: the name of its binary, as `village` or `ledger` ([`binary()`] finds it), or the binary's path.
    pub game: String,
    /// The world's name.
    pub world: String,
    /// Where its database is.
    pub database_url: String,
    /// Who vouches for players.
    pub issuer_url: String,
    /// Further variables of its environment; they win over those that follow from the rest.
    pub environment: Vec<(String, String)>,
    /// Where its log goes: `server.log`, appended to.
    pub folder: PathBuf,
}

/// A server. It is killed when this is dropped or the process ends.
#[derive(Debug)]
pub struct Server {
    options: ServerOptions,
    binary: PathBuf,
    binary_written: Option<SystemTime>,
    listen: SocketAddr,
    staff: SocketAddr,
    log: PathBuf,
    child: Option<Child>,
    status: Option<ExitStatus>,
}

impl Server {
    /// Starts a server whose database has been migrated, at any free port, and waits until it is ready.
    ///
    /// # Errors
    /// Where its binary is missing (one sentence says how to build it), or it does not become ready (with the end of
    /// its log).
    pub async fn start(options: ServerOptions) -> Result<Self> {
        Self::start_at(free_port()?, options).await
    }

    /// The same at a given address.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_at(listen: SocketAddr, options: ServerOptions) -> Result<Self> {
        let mut server = Self::unstarted(listen, options)?;
        server.restart().await?;
        Ok(server)
    }

    /// The same for a world that another server owns: waits until this one stands by.
    ///
    /// # Errors
    /// As [`Self::start`], where it does not come to stand by.
    pub async fn start_standby_at(listen: SocketAddr, options: ServerOptions) -> Result<Self> {
        let mut server = Self::unstarted(listen, options)?;
        server.spawn()?;
        server.wait_until(Role::Standby).await?;
        Ok(server)
    }

    fn unstarted(listen: SocketAddr, options: ServerOptions) -> Result<Self> {
        let binary = binary(&options.game)?;
        let log = options.folder.join("server.log");
        let binary_written = written(&binary);
        let staff = free_port()?;
        Ok(Self { options, binary, binary_written, listen, staff, log, child: None, status: None })
    }

    /// Where players find it: `http://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// Its WebSocket.
    #[must_use]
    pub fn ws_url(&self) -> String {
        format!("ws://{}/ws", self.listen)
    }

    /// Where operators read what it measures: `http://127.0.0.1:…`.
    #[must_use]
    pub fn staff_url(&self) -> String {
        format!("http://{}", self.staff)
    }

    /// Its process number; none where it does not run.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// The file that it logs to.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// From its next start on it is this game's binary (its name or its path), with these variables beside those that it
    /// has: another build is deployed like this.
    ///
    /// # Errors
    /// Where the binary is missing; nothing has changed then.
    pub fn replace(&mut self, game: &str, variables: Vec<(String, String)>) -> Result<()> {
        self.binary = binary(game)?;
        self.binary_written = written(&self.binary);
        game.clone_into(&mut self.options.game);
        self.options.environment.retain(|(name, _)| variables.iter().all(|(new, _)| new != name));
        self.options.environment.extend(variables);
        Ok(())
    }

    /// Whether its binary was built anew since it was first started, so that the next start is that of another build.
    #[must_use]
    pub fn was_built_anew(&self) -> bool {
        written(&self.binary) != self.binary_written
    }

    /// Starts it again, at the same addresses, and waits until it is ready. Where it still runs it is killed first.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn restart(&mut self) -> Result<()> {
        self.kill9();
        self.spawn()?;
        self.wait_until_ready().await
    }

    /// Starts it again without waiting for anything. Where it still runs it is killed first.
    ///
    /// # Errors
    /// Where its process cannot be started.
    pub fn spawn(&mut self) -> Result<()> {
        self.kill9();
        let mut spec = ChildSpec::new(&self.binary, DeathSignal::Kill)
            .not_inheriting("HOLDFAST_")
            .arg("serve")
            .in_folder(&self.options.folder);
        for (name, value) in self.environment() {
            spec = spec.env(name, value);
        }
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        self.status = None;
        self.child = Some(spec.output(log.try_clone()?).errors(log).spawn().context("start the server")?);
        Ok(())
    }

    fn environment(&self) -> Vec<(&str, String)> {
        let mut variables = vec![
            ("DATABASE_URL", self.options.database_url.clone()),
            ("HOLDFAST_LISTEN", self.listen.to_string()),
            ("HOLDFAST_STAFF_LISTEN", self.staff.to_string()),
            ("HOLDFAST_WORLD", self.options.world.clone()),
            ("HOLDFAST_ISSUER", self.options.issuer_url.clone()),
            ("HOLDFAST_AUDIENCE", AUDIENCE.to_owned()),
        ];
        variables.extend(self.options.environment.iter().map(|(name, value)| (name.as_str(), value.clone())));
        variables
    }

    /// A further server of the same world, at another port, which stands by until it may take over.
    ///
    /// # Errors
    /// As [`Self::start`]; also where it does not say that it stands by.
    pub async fn start_standby(&self) -> Result<Self> {
        let listen = free_port()?;
        let mut standby = Self {
            options: self.options.clone(),
            binary: self.binary.clone(),
            binary_written: self.binary_written,
            listen,
            staff: free_port()?,
            log: self.options.folder.join(format!("server-{}.log", listen.port())),
            child: None,
            status: None,
        };
        standby.spawn()?;
        standby.wait_until(Role::Standby).await?;
        Ok(standby)
    }

    /// Waits until it can be played.
    ///
    /// # Errors
    /// Where it ends instead, or takes longer than a minute; the end of its log is in the error.
    pub async fn wait_until_ready(&mut self) -> Result<()> {
        self.wait_until(Role::Owner).await
    }

    /// Waits until it is this.
    ///
    /// # Errors
    /// Where it ends instead, or takes longer than a minute; the end of its log is in the error.
    pub async fn wait_until(&mut self, wanted: Role) -> Result<()> {
        let (url, deadline) = (self.url(), Instant::now() + START_DEADLINE);
        loop {
            if let Some(status) = self.exit_status() {
                bail!(
                    "{} ended with {status} instead of becoming {}:\n{}",
                    self.options.game,
                    words(wanted),
                    self.log_tail()
                );
            }
            if role_at(&url).await == Some(wanted) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!(
                    "{} was not {} after {START_DEADLINE:?}:\n{}",
                    self.options.game,
                    words(wanted),
                    self.log_tail()
                );
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Kills it where it stands, as a fault.
    pub fn kill9(&mut self) {
        if let Some(mut child) = self.child.take() {
            process::send(child.id(), Signal::KILL);
            self.status = child.wait().ok();
        }
    }

    /// Asks it to stop, as an operator would (SIGTERM). It takes the time it needs: see [`Self::wait_for_exit`].
    pub fn signal_stop(&self) {
        self.signal(Signal::TERM);
    }

    /// Stops it where it stands, as a hang: its sockets stay open.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid() {
            process::send(pid, signal);
        }
    }

    /// How it ended; none while it runs.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok()?) {
            self.child = None;
            self.status = Some(status);
        }
        self.status
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// Where it still runs after `limit`.
    pub async fn wait_for_exit(&mut self, limit: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.exit_status() {
                return Ok(status);
            }
            ensure!(Instant::now() < deadline, "{} still runs after {limit:?}", self.options.game);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The last lines of its log.
    #[must_use]
    pub fn log_tail(&self) -> String {
        tail(&self.log)
    }
}

fn words(role: Role) -> &'static str {
    match role {
        Role::Owner => "ready",
        Role::Standby => "a standby",
        Role::Reloading => "about to load its world anew",
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill9();
    }
}
