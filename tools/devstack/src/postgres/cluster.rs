//! The files of one PostgreSQL: who owns them, how they are made, and what they say of the running server.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use holdfast_machine::user;

use super::PostgresOptions;
use crate::durable;
use crate::folder::Folder;
use crate::spawner::{ChildSpec, DeathSignal, Identity};

/// The superuser that `initdb` makes. Nothing of a world is done as it; what a world needs is made by [`super::roles`].
pub const SUPERUSER: &str = "holdfast";

/// The port, which only names the socket: nothing listens on the network.
pub const PORT: u16 = 5432;

/// Commits are as safe as in production. Only its own user (and root) may connect, since whoever does is its superuser.
/// Nothing that players say is logged, and nothing is kept in shared memory that a killed server would leave behind.
/// What nobody waits for stays in memory for as long as PostgreSQL can keep it there, so that whoever does not wait
/// loses it in a crash. A crash of one backend ends the whole server, so that faults are plain.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0700"),
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("full_page_writes", "on"),
    ("wal_writer_delay", "10s"),
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
    care: Care,
    socket_folder: PathBuf,
    log: PathBuf,
    identity: Option<Identity>,
    settings: Vec<(String, String)>,
}

/// Whether what a cluster holds must outlive this machine's next power failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    /// It goes with us.
    Temporary,
    /// It is kept.
    Kept,
}

/// Where kept data is made, until it is whole.
pub(super) fn unfinished(data: &Path) -> PathBuf {
    data.with_extension("new")
}

impl Cluster {
    /// Makes a new cluster in `folder`, which goes with it.
    ///
    /// # Errors
    /// Where `initdb` fails; its last words are in the error.
    pub fn create(binaries: &Path, folder: &Folder, options: &PostgresOptions) -> Result<Self> {
        let log = folder.path().join("postgres.log");
        let data = match &options.data {
            Some(data) => data.clone(),
            None => folder.subfolder("data")?,
        };
        let cluster = Self::at(binaries, data, Care::Temporary, folder, log, &options.settings)?;
        cluster.initialise(&cluster.data, options.wal.as_deref())?;
        Ok(cluster)
    }

    /// The cluster whose files are in `data`, made there where there are none yet. Its socket is in `folder`, since the
    /// path of a socket must be short.
    ///
    /// # Errors
    /// Where `initdb` fails; its last words are in the error.
    pub fn keep(binaries: &Path, data: &Path, folder: &Folder, log: &Path) -> Result<Self> {
        let cluster = Self::at(binaries, data.to_owned(), Care::Kept, folder, log.to_owned(), &[])?;
        if !data.exists() {
            // It gets its name when it is whole, so that a kill in between leaves nothing that looks like a world.
            let unfinished = unfinished(data);
            if unfinished.exists() {
                fs::remove_dir_all(&unfinished)?;
            }
            fs::create_dir(&unfinished)?;
            cluster.initialise(&unfinished, None)?;
            durable::rename(&unfinished, data).context("give the new world's folder its name")?;
        }
        Ok(cluster)
    }

    /// PostgreSQL refuses root, so as root its files belong to nobody, and so does its process.
    fn at(
        binaries: &Path,
        data: PathBuf,
        care: Care,
        folder: &Folder,
        log: PathBuf,
        settings: &[(String, String)],
    ) -> Result<Self> {
        let identity = user::of_postgres()?.map(|user| Identity { uid: user.uid, gid: user.gid });
        let cluster = Self {
            binaries: binaries.to_owned(),
            data,
            care,
            socket_folder: folder.subfolder("pg")?,
            log,
            identity,
            settings: settings.to_vec(),
        };
        File::create(&cluster.log).with_context(|| format!("write {}", cluster.log.display()))?;
        cluster.own(&cluster.socket_folder)?;
        cluster.own(&cluster.log)?;
        Ok(cluster)
    }

    fn own(&self, path: &Path) -> Result<()> {
        if let Some(Identity { uid, gid }) = self.identity {
            chown(path, Some(uid), Some(gid)).context("give PostgreSQL's files to nobody")?;
        }
        Ok(())
    }

    fn initialise(&self, data: &Path, wal: Option<&Path>) -> Result<()> {
        for folder in [Some(data), wal].into_iter().flatten() {
            self.own(folder)?;
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        }
        let mut initdb = ChildSpec::new(self.binaries.join("initdb"), DeathSignal::Kill)
            .arg("--pgdata")
            .arg(data)
            .arg(format!("--username={SUPERUSER}"))
            .arg("--auth=trust")
            .arg("--encoding=UTF8")
            .arg("--locale=C")
            .arg("--no-instructions");
        if self.care == Care::Temporary {
            initdb = initdb.arg("--no-sync");
        }
        if let Some(wal) = wal {
            initdb = initdb.arg("--waldir").arg(wal);
        }
        let output = initdb
            .identity(self.identity)
            .in_folder(data)
            .output(Stdio::piped())
            .errors(Stdio::piped())
            .spawn()
            .and_then(Child::wait_with_output)
            .context("run initdb")?;
        ensure!(output.status.success(), "initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(())
    }

    /// All settings, the last one of a name winning. They stand on the command line and not in the data's own file, so
    /// that data which is kept gets those of the version that starts it.
    fn settings(&self) -> impl Iterator<Item = String> {
        let socket_folder = self.socket_folder.display();
        let ours = SETTINGS.iter().map(|(name, value)| format!("{name}={value}"));
        let theirs = self.settings.iter().map(|(name, value)| format!("{name}={value}"));
        [format!("unix_socket_directories={socket_folder}"), format!("port={PORT}")]
            .into_iter()
            .chain(ours)
            .chain(theirs)
    }

    /// Starts the server's process; it is not ready yet.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn spawn(&self) -> Result<Child> {
        let log = OpenOptions::new().append(true).open(&self.log)?;
        let mut postgres =
            ChildSpec::new(self.binaries.join("postgres"), DeathSignal::Quit).arg("-D").arg(&self.data);
        for setting in self.settings() {
            postgres = postgres.arg("-c").arg(setting);
        }
        postgres
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

    /// Removes the shared memory by which a server guards its data, which one that was killed leaves behind. The next
    /// start on kept data does it itself, and better: the number in a file from before this machine was started anew is
    /// somebody else's by now.
    pub fn forget_shared_memory(&self) {
        if self.care == Care::Kept {
            return;
        }
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

    /// The folder of its data.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
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
