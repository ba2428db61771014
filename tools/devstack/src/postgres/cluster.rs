//! The files of one PostgreSQL: who owns them, how they are made, and what they say of the running server.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::folder::Folder;
use crate::spawner::{ChildSpec, DeathSignal, Identity};

/// The role that everything is done as.
pub const ROLE: &str = "holdfast";

/// The port, which only names the socket: nothing listens on the network.
pub const PORT: u16 = 5432;

/// Commits are as safe as in production. Nothing that players say is logged, and nothing is kept in shared memory
/// that a killed server would leave behind. A crash of one backend ends the whole server, so that faults are plain.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0777"),
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("full_page_writes", "on"),
    ("shared_buffers", "64MB"),
    ("dynamic_shared_memory_type", "mmap"),
    ("max_connections", "200"),
    ("max_wal_size", "512MB"),
    ("min_wal_size", "80MB"),
    ("restart_after_crash", "off"),
    ("log_parameter_max_length", "0"),
    ("log_parameter_max_length_on_error", "0"),
    ("autovacuum_vacuum_scale_factor", "0.01"),
    ("autovacuum_naptime", "10s"),
];

/// Where one PostgreSQL lives.
#[derive(Debug)]
pub struct Cluster {
    binaries: PathBuf,
    data: PathBuf,
    socket_folder: PathBuf,
    log: PathBuf,
    identity: Option<Identity>,
}

impl Cluster {
    /// Makes a new cluster in `folder`. PostgreSQL refuses root, so as root its files belong to nobody, and so does
    /// its process.
    ///
    /// # Errors
    /// Where `initdb` fails; its last words are in the error.
    pub fn create(binaries: &Path, folder: &Folder, settings: &[(String, String)]) -> Result<Self> {
        let identity = if rustix::process::geteuid().is_root() { Some(nobody()?) } else { None };
        let cluster = Self {
            binaries: binaries.to_owned(),
            data: folder.subfolder("data")?,
            socket_folder: folder.subfolder("pg")?,
            log: folder.path().join("postgres.log"),
            identity,
        };
        File::create(&cluster.log)?;
        if let Some(Identity { uid, gid }) = identity {
            for path in [&cluster.data, &cluster.socket_folder, &cluster.log] {
                chown(path, Some(uid), Some(gid)).context("give PostgreSQL's files to nobody")?;
            }
        }
        fs::set_permissions(&cluster.data, fs::Permissions::from_mode(0o700))?;
        cluster.initialise()?;
        cluster.configure(settings)?;
        Ok(cluster)
    }

    fn initialise(&self) -> Result<()> {
        let output = ChildSpec::new(self.binaries.join("initdb"), DeathSignal::Kill)
            .arg("--pgdata")
            .arg(&self.data)
            .arg(format!("--username={ROLE}"))
            .arg("--auth=trust")
            .arg("--encoding=UTF8")
            .arg("--locale=C")
            .arg("--no-sync")
            .arg("--no-instructions")
            .identity(self.identity)
            .in_folder(&self.data)
            .output(Stdio::piped())
            .errors(Stdio::piped())
            .spawn()
            .and_then(Child::wait_with_output)
            .context("run initdb")?;
        ensure!(output.status.success(), "initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(())
    }

    fn configure(&self, settings: &[(String, String)]) -> Result<()> {
        let mut file = OpenOptions::new().append(true).open(self.data.join("postgresql.conf"))?;
        let socket_folder = self.socket_folder.display();
        writeln!(file, "\nunix_socket_directories = '{socket_folder}'\nport = {PORT}")?;
        for (name, value) in SETTINGS {
            writeln!(file, "{name} = '{value}'")?;
        }
        for (name, value) in settings {
            writeln!(file, "{name} = '{}'", value.replace('\'', "''"))?;
        }
        Ok(())
    }

    /// Starts the server's process; it is not ready yet.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn spawn(&self) -> Result<Child> {
        let log = OpenOptions::new().append(true).open(&self.log)?;
        ChildSpec::new(self.binaries.join("postgres"), DeathSignal::Quit)
            .arg("-D")
            .arg(&self.data)
            .identity(self.identity)
            .in_folder(&self.data)
            .output(log.try_clone()?)
            .errors(log)
            .spawn()
            .context("start postgres")
    }

    /// Whether the server with this process number says that it takes connections.
    #[must_use]
    pub fn is_ready(&self, pid: u32) -> bool {
        let lines = self.pid_file();
        let says_pid = lines.first().and_then(|line| line.trim().parse().ok());
        says_pid == Some(pid) && lines.get(7).is_some_and(|status| status.trim() == "ready")
    }

    /// Removes the shared memory by which a server guards its data, which one that was killed leaves behind. Only
    /// for a cluster that is never started again: the next start would do it itself.
    pub fn forget_shared_memory(&self) {
        let lines = self.pid_file();
        if let Some(id) = lines.get(6).and_then(|line| line.split_whitespace().nth(1)) {
            // Best effort: 56 bytes would stay until the machine is started anew.
            let _ =
                Command::new("ipcrm").args(["-m", id]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        }
    }

    fn pid_file(&self) -> Vec<String> {
        let text = fs::read_to_string(self.data.join("postmaster.pid")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The folder that its socket is in.
    #[must_use]
    pub fn socket_folder(&self) -> &Path {
        &self.socket_folder
    }

    /// Its log.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }
}

fn nobody() -> Result<Identity> {
    let users = fs::read_to_string("/etc/passwd").context("read /etc/passwd")?;
    let line = users.lines().find(|line| line.starts_with("nobody:")).context("there is no user `nobody`")?;
    let number = |field| line.split(':').nth(field).and_then(|text| text.parse().ok());
    let (uid, gid) = number(2).zip(number(3)).context("read the numbers of the user `nobody`")?;
    Ok(Identity { uid, gid })
}
