//! The folder in which a world is kept from one run to the next.
//!
//! It holds PostgreSQL's data (`postgres/`), the logs of the last two runs (`log/`), the certificate by which phones know
//! this machine (`certificate/`, once they may come in), `play.json`, which says that the folder is ours and what must
//! be the same next time, and a lock, which one process holds at a time. The kernel gives the lock up for an owner that
//! was killed.

mod record;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};
use holdfast_machine::{passage, user};

use crate::durable;
pub use record::Record;

const LOCK: &str = "lock";
const THROWN_AWAY: &str = "postgres.thrown-away";

/// A folder that is kept, and that nobody else uses while this lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Takes the folder at `path`, and makes it where there is none. Nothing is changed in a folder that is not ours.
    ///
    /// # Errors
    /// In one sentence with the way out: where the folder is in use, cannot be written, is not ours or of a newer
    /// version, or where PostgreSQL could not reach it.
    pub fn open(path: &Path) -> Result<Self> {
        let path = std::path::absolute(path).context("find the folder that the world is kept in")?;
        let is_new = !path.exists();
        if let Some(user) = user::of_postgres()?
            && let Some(shut) = passage::blocked_at(&path.join("postgres"), user)
            && !(is_new && shut == path)
        {
            bail!("{}", passage::sentence(&shut));
        }
        durable::create_folder(&path).map_err(|error| not_writable(&path, &error))?;
        if is_new {
            // PostgreSQL's own folder in it is shut; this one it must pass.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o711))?;
        }
        Record::check_folder(&path)?;
        let lock = take_lock(&path)?;
        let folder = Self { path, _lock: lock };
        folder.record()?.write(&folder.path).map_err(|error| not_writable(&folder.path, &error))?;
        folder.sweep()?;
        folder.check_owner()?;
        Ok(folder)
    }

    /// Where it is: an absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where PostgreSQL's data is, or will be.
    #[must_use]
    pub fn postgres(&self) -> PathBuf {
        self.path.join("postgres")
    }

    /// Where the certificate is, or will be. It outlives a world that is thrown away: the phones that trust it still do.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.path.join("certificate")
    }

    /// The major version of the PostgreSQL that made the data; none where there is no data yet.
    ///
    /// # Errors
    /// Where the data does not say.
    pub fn postgres_major(&self) -> Result<Option<u32>> {
        if !self.postgres().exists() {
            return Ok(None);
        }
        let file = self.postgres().join("PG_VERSION");
        let text = fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
        Ok(Some(text.trim().parse().with_context(|| format!("read the version in {}", file.display()))?))
    }

    /// When PostgreSQL last wrote down where it stands, which it does at least every few minutes of play, and at the end.
    #[must_use]
    pub fn last_played(&self) -> Option<SystemTime> {
        fs::metadata(self.postgres().join("global/pg_control")).and_then(|metadata| metadata.modified()).ok()
    }

    /// Where the log of that name goes. The last run's is kept beside it; older ones go.
    ///
    /// # Errors
    /// Where its folder cannot be made.
    pub fn log(&self, name: &str) -> Result<PathBuf> {
        let log = self.logs()?.join(format!("{name}.log"));
        if log.exists() {
            fs::rename(&log, log.with_extension("previous.log"))?;
        }
        Ok(log)
    }

    /// The folder of the logs.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn logs(&self) -> Result<PathBuf> {
        let folder = self.path.join("log");
        fs::create_dir_all(&folder).map_err(|error| not_writable(&folder, &error))?;
        Ok(folder)
    }

    /// What must be the same next time.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn record(&self) -> Result<Record> {
        Record::read(&self.path)
    }

    /// Notes what must be the same next time.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn set_record(&self, record: &Record) -> Result<()> {
        record.write(&self.path).map_err(|error| not_writable(&self.path, &error))
    }

    /// Throws the world away. Nothing may run on it.
    ///
    /// # Errors
    /// Where it cannot be removed. What is left of it then is no world any more, and goes with the next start.
    pub fn throw_away(&self) -> Result<()> {
        if self.postgres().exists() {
            durable::rename(&self.postgres(), &self.path.join(THROWN_AWAY))
                .context("throw the world away")?;
        }
        self.sweep()
    }

    /// Removes the rest of what was thrown away.
    fn sweep(&self) -> Result<()> {
        let rest = self.path.join(THROWN_AWAY);
        if rest.exists() {
            fs::remove_dir_all(&rest).with_context(|| format!("remove {}", rest.display()))?;
        }
        Ok(())
    }

    /// PostgreSQL reads only data that belongs to whoever it runs as.
    fn check_owner(&self) -> Result<()> {
        use std::os::unix::fs::MetadataExt as _;
        let Ok(metadata) = fs::metadata(self.postgres()) else { return Ok(()) };
        let runs_as = match user::of_postgres()? {
            Some(user) => user.uid,
            None => rustix::process::geteuid().as_raw(),
        };
        if metadata.uid() != runs_as {
            bail!(
                "The world in {} was made by another user (number {}): play as that user, or name another folder with \
                 --data-dir.",
                self.path.display(),
                metadata.uid()
            );
        }
        Ok(())
    }
}

/// Takes the folder's lock and writes into it who has it.
fn take_lock(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = open.map_err(|error| not_writable(folder, &error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            let _ = file.read_to_string(&mut owner);
            bail!(
                "The world in {} is open already (process {}): stop that one with Ctrl-C, or name another folder with \
                 --data-dir and another --port.",
                folder.display(),
                owner.trim()
            );
        }
        Err(TryLockError::Error(error)) => return Err(error).context("lock the folder of the world"),
    }
    let note = |file: &mut File| -> io::Result<()> {
        file.rewind()?;
        file.set_len(0)?;
        write!(file, "{}", std::process::id())
    };
    note(&mut file).map_err(|error| not_writable(folder, &error))?;
    Ok(file)
}

fn not_writable(folder: &Path, error: &io::Error) -> anyhow::Error {
    anyhow::anyhow!(
        "The world cannot be kept in {} ({error}): make that folder writable, or name another one with --data-dir.",
        folder.display()
    )
}

#[cfg(test)]
mod tests;
