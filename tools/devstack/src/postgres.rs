//! A PostgreSQL of our own: started in half a second, stopped with us, killed and started again as tests wish.

pub mod cluster;
mod faults;
mod kept;
pub mod roles;
pub(crate) mod unused;

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use holdfast_machine::postgres as binaries;
use rustix::process::Signal;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::sync::OnceCell;

use crate::data_folder::DataFolder;
use crate::folder::Folder;
use crate::{background, process};
use cluster::{Cluster, PORT, SUPERUSER};
use roles::{OWNER, READER, WRITER};

/// How long a start may take; a recovery after a kill is part of it.
const START_DEADLINE: Duration = Duration::from_secs(60);

/// How long a shutdown may take before it becomes a kill.
const STOP_DEADLINE: Duration = Duration::from_secs(10);

/// How much of a log's end is read, in bytes.
const TAIL_BYTES_MAX: u64 = 64 * 1024;

/// What can be chosen.
#[derive(Clone, Debug, Default)]
pub struct PostgresOptions {
    /// Settings of `postgresql.conf` besides ours; the last one of a name wins.
    pub settings: Vec<(String, String)>,
    /// Whether it is left as `initdb` makes it: with a superuser and without the roles of a world.
    pub without_roles: bool,
    /// Where its data is, instead of in a folder of its own: an empty folder, as that of a small disk. It stays.
    pub data: Option<PathBuf>,
    /// Where its log of what is committed is, instead of beside the data: an empty folder. It stays.
    pub wal: Option<PathBuf>,
}

/// A running PostgreSQL. It stops when this is dropped or the process ends; its data goes with it, unless it is kept in
/// a [`DataFolder`].
#[derive(Debug)]
pub struct Postgres {
    server: Option<Child>,
    cluster: Cluster,
    // The last field: the folder goes when nothing runs in it any more.
    folder: Folder,
}

impl Postgres {
    /// Makes a new, empty PostgreSQL and waits until it takes connections.
    ///
    /// # Errors
    /// Where PostgreSQL is missing (one sentence says what to install) or does not start (with the end of its log).
    pub async fn start(options: PostgresOptions) -> Result<Self> {
        let folder = Folder::create()?;
        let binaries = binaries::find()?;
        let cluster = Cluster::create(&binaries, &folder, &options)?;
        let mut postgres = Self { server: None, cluster, folder };
        postgres.start_again().await?;
        if !options.without_roles {
            postgres.make_roles().await?;
        }
        Ok(postgres)
    }

    /// Starts the PostgreSQL whose data is kept in `data`, makes it where there is none yet, and waits until it takes
    /// connections.
    ///
    /// # Errors
    /// Where PostgreSQL is missing or of another version than the data, where something else still runs on the data, or
    /// where it does not start (with the end of its log).
    pub async fn start_kept(data: &DataFolder) -> Result<Self> {
        let binaries = kept::binaries_for(data)?;
        let folder = Folder::create()?;
        let kept = data.postgres();
        if !kept.exists() {
            // What an `initdb` whose parent was killed has started may still be about to end.
            unused::wait_until_unused(&cluster::unfinished(&kept)).await?;
        }
        let cluster = Cluster::keep(&binaries, &kept, &folder, &data.log("postgres")?)?;
        let mut postgres = Self { server: None, cluster, folder };
        postgres.start_again().await?;
        // Data of an earlier version has none.
        postgres.make_roles().await?;
        Ok(postgres)
    }

    /// The one that all tests of this process share: databases of their own keep them apart. It lives as long as the
    /// process; tests that stop or kill theirs start one.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn shared() -> Result<&'static Self> {
        static SHARED: OnceCell<Postgres> = OnceCell::const_new();
        SHARED.get_or_try_init(|| Self::start(PostgresOptions::default())).await
    }

    /// Where a database of it is, as its superuser: for what only that may do. A server would refuse it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        url(self.socket_folder(), database, SUPERUSER)
    }

    /// The `DATABASE_URL` of a game's `migrate`.
    #[must_use]
    pub fn owner_url(&self, database: &str) -> String {
        url(self.socket_folder(), database, OWNER)
    }

    /// The `DATABASE_URL` of a server.
    #[must_use]
    pub fn writer_url(&self, database: &str) -> String {
        url(self.socket_folder(), database, WRITER)
    }

    /// The `DATABASE_URL` of people and tools that only look.
    #[must_use]
    pub fn reader_url(&self, database: &str) -> String {
        url(self.socket_folder(), database, READER)
    }

    /// The folder that its socket is in.
    #[must_use]
    pub fn socket_folder(&self) -> &Path {
        self.cluster.socket_folder()
    }

    /// The path of its socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        socket_in(self.socket_folder())
    }

    /// The folder that it lives in; others may keep their files there.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The number of its first process; none while it is killed.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Child::id)
    }

    /// Makes a database, which belongs to the worlds' owner: empty, or a copy of `template`, to which nobody may be
    /// connected.
    ///
    /// # Errors
    /// Where PostgreSQL says no, as it does where there is one of that name.
    pub async fn create_database(&self, name: &str, template: Option<&str>) -> Result<()> {
        let mut statement = format!("CREATE DATABASE {} OWNER {OWNER}", quoted(name));
        if let Some(template) = template {
            statement.push_str(&format!(" TEMPLATE {}", quoted(template)));
        }
        self.administer("postgres", statement).await.with_context(|| format!("create the database {name}"))
    }

    /// Whether there is a database of this name.
    ///
    /// # Errors
    /// Where PostgreSQL cannot be asked.
    pub async fn has_database(&self, name: &str) -> Result<bool> {
        let mut connection = PgConnection::connect(&self.url("postgres")).await?;
        let question = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
        let has = sqlx::query_scalar(question).bind(name).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(has)
    }

    /// Removes a database, and ends whoever is connected to it.
    ///
    /// # Errors
    /// Where PostgreSQL says no.
    pub async fn drop_database(&self, name: &str) -> Result<()> {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name));
        self.administer("postgres", statement).await.with_context(|| format!("drop the database {name}"))
    }

    /// Removes a database in the background, for where nobody can wait for it. What goes wrong is logged.
    pub fn drop_database_later(&'static self, name: String) {
        if let Ok(runtime) = background::handle() {
            runtime.spawn(async move {
                if let Err(error) = self.drop_database(&name).await {
                    tracing::warn!("{error:#}");
                }
            });
        }
    }

    /// Does something as the superuser.
    async fn administer(&self, database: &str, statement: String) -> Result<()> {
        let mut connection = PgConnection::connect(&self.url(database)).await?;
        connection.execute(AssertSqlSafe(statement)).await?;
        connection.close().await?;
        Ok(())
    }

    /// Starts it again after whatever has ended it, and waits until it has recovered and takes connections. Where it
    /// runs, nothing happens.
    ///
    /// # Errors
    /// Where it does not start; the end of its log is in the error.
    pub async fn start_again(&mut self) -> Result<()> {
        if self.server.is_some() {
            return Ok(());
        }
        unused::wait_until_unused(self.cluster.data()).await?;
        let server = self.cluster.spawn()?;
        let pid = server.id();
        // It is ours from now on: who does not wait for it to the end stops it like one that is ready.
        self.server = Some(server);
        let deadline = Instant::now() + START_DEADLINE;
        while !self.cluster.is_ready(pid) {
            if let Some(status) = self.take_exit()? {
                bail!("PostgreSQL ended with {status} instead of starting:\n{}", self.log_tail());
            }
            if Instant::now() > deadline {
                self.kill_group();
                bail!("PostgreSQL was not ready after {START_DEADLINE:?}:\n{}", self.log_tail());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// How it ended, where it has ended by itself since it was last started.
    ///
    /// # Errors
    /// Where the kernel does not say.
    pub fn take_exit(&mut self) -> Result<Option<ExitStatus>> {
        let status = match &mut self.server {
            Some(server) => server.try_wait()?,
            None => None,
        };
        if status.is_some() {
            self.server = None;
        }
        Ok(status)
    }

    /// Stops it in order: everybody is disconnected, and what is in memory is written, so that the next start has nothing
    /// to recover. One that takes longer than `limit` is stopped as a drop does it, which is as safe.
    ///
    /// # Errors
    /// Where the kernel does not say whether it has ended.
    pub async fn shut_down(&mut self, limit: Duration) -> Result<()> {
        self.end_by(Signal::INT, limit).await
    }

    /// Sends a signal that ends it, and waits until it has ended. One that takes longer than `limit` is stopped as a drop
    /// does it.
    async fn end_by(&mut self, signal: Signal, limit: Duration) -> Result<()> {
        let Some(server) = &self.server else { return Ok(()) };
        process::send(server.id(), signal);
        if self.wait_for_end(limit).await? { Ok(()) } else { self.stop() }
    }

    /// Waits until it has ended, and says whether that was within `limit`.
    async fn wait_for_end(&mut self, limit: Duration) -> Result<bool> {
        let deadline = Instant::now() + limit;
        while self.server.is_some() && self.take_exit()?.is_none() {
            if Instant::now() > deadline {
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(true)
    }

    /// The file that it logs to.
    #[must_use]
    pub fn log(&self) -> &Path {
        self.cluster.log()
    }

    /// The last lines of its log.
    #[must_use]
    pub fn log_tail(&self) -> String {
        tail(self.cluster.log())
    }

    fn stop(&mut self) -> Result<()> {
        let Some(mut server) = self.server.take() else {
            self.cluster.forget_shared_memory();
            return Ok(());
        };
        process::send(server.id(), Signal::CONT);
        process::send(server.id(), Signal::QUIT);
        let deadline = Instant::now() + STOP_DEADLINE;
        while server.try_wait()?.is_none() {
            if Instant::now() > deadline {
                process::kill_family(server.id());
                server.wait()?;
                self.cluster.forget_shared_memory();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            tracing::warn!("stop PostgreSQL: {error:#}");
        }
    }
}

/// The `DATABASE_URL` of a database whose server's socket is in `socket_folder`, for somebody who connects as `role`.
#[must_use]
pub fn url(socket_folder: &Path, database: &str, role: &str) -> String {
    format!("postgres:///{database}?host={}&port={PORT}&user={role}", socket_folder.display())
}

/// The path of the socket in a folder of sockets.
#[must_use]
pub fn socket_in(socket_folder: &Path) -> PathBuf {
    socket_folder.join(format!(".s.PGSQL.{PORT}"))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The last forty lines of a log, for errors: of what its last 64 KiB hold.
pub(crate) fn tail(log: &Path) -> String {
    let text = last_bytes(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// A log grows for as long as people play, and all of it need not have room in memory.
fn last_bytes(log: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(log)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL_BYTES_MAX)))?;
    let mut text = Vec::new();
    file.take(TAIL_BYTES_MAX).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_end_of_a_log_is_its_last_lines_and_no_more_than_fits() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        assert_eq!(tail(&log), "");
        let lines: Vec<String> = (0..50).map(|number| format!("line {number}")).collect();
        fs::write(&log, lines.join("\n")).unwrap();
        assert_eq!(tail(&log), lines[10..].join("\n"));
        fs::write(&log, "x".repeat(200_000) + "\nthe end\n").unwrap();
        assert!(tail(&log).ends_with("\nthe end") && tail(&log).len() < 66_000);
    }
}
