//! The temporary folder that a stack lives in.
//!
//! It goes when it is dropped. Where its owner was killed nobody drops it, so whoever makes the next one first sweeps
//! up those whose owners are dead: an owner holds a lock on a file in its folder, and the kernel gives that up for it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use holdfast_machine::user;
use tempfile::TempDir;

use crate::process;

/// Short, since the path of a socket in a subfolder may have 107 bytes in all.
const PREFIX: &str = "holdfast-";
/// By this file, and not by its name alone, a folder is known to be a temporary one: a world that people keep may well
/// be in `/tmp/holdfast-world`, with a lock of its own.
const LOCK: &str = "temporary.lock";

/// A temporary folder with an owner.
#[derive(Debug)]
pub struct Folder {
    directory: TempDir,
    _lock: File,
}

impl Folder {
    /// A new folder, after sweeping up those whose owners are dead.
    ///
    /// # Errors
    /// Where the temporary folder of this machine cannot be written, or its path is too long to hold a socket.
    pub fn create() -> Result<Self> {
        let parent = std::env::temp_dir();
        sweep(&parent);
        let directory = tempfile::Builder::new()
            .prefix(PREFIX)
            .rand_bytes(6)
            .tempdir_in(&parent)
            .with_context(|| format!("make a folder in {}", parent.display()))?;
        let longest = directory.path().join("proxy-0/.s.PGSQL.5432");
        ensure!(
            longest.as_os_str().len() <= 107,
            "the path {} is too long for a socket: set TMPDIR to a shorter one",
            longest.display()
        );
        // Whoever reaches PostgreSQL's socket is its superuser, and so can do whatever we can: nobody else may pass.
        // Where we are root PostgreSQL runs as another user, who must, and then the socket itself is shut.
        let mode = if user::is_root() { 0o711 } else { 0o700 };
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(mode))?;
        let lock = take_lock(directory.path()).context("lock the stack's folder")?;
        Ok(Self { directory, _lock: lock })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A subfolder of it, made where it is missing.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn subfolder(&self, name: &str) -> Result<PathBuf> {
        let path = self.path().join(name);
        fs::create_dir_all(&path).with_context(|| format!("make the folder {}", path.display()))?;
        Ok(path)
    }
}

/// The lock is taken before the file has its name, so that a sweep never finds it unlocked while its owner lives.
fn take_lock(folder: &Path) -> io::Result<File> {
    let unnamed = folder.join("temporary.lock.new");
    let file = File::create(&unnamed)?;
    file.lock()?;
    fs::rename(unnamed, folder.join(LOCK))?;
    Ok(file)
}

/// Removes the folders whose owners are dead, and what may still run in them. Whatever cannot be removed is left to
/// the next sweep.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    let own = rustix::process::geteuid().as_raw();
    for folder in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let is_ours = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        // In a folder that everybody may write, the name says nothing of whose it is, and a file of a stranger's could
        // be a pipe that nobody ever opens at its other end.
        if !is_ours || !fs::symlink_metadata(&folder).is_ok_and(|metadata| metadata.uid() == own) {
            continue;
        }
        // A folder without the file is one that is just being made.
        let Ok(lock) = File::open(folder.join(LOCK)) else { continue };
        if lock.try_lock().is_err() {
            continue;
        }
        if let Some(pid) = postgres_in(&folder) {
            process::kill_family(pid);
        }
        let _ = fs::remove_dir_all(&folder);
    }
}

/// The PostgreSQL that still runs in a folder, which can only be one whose death signal came to nothing: its parent
/// died in the instant in which it was started.
fn postgres_in(folder: &Path) -> Option<u32> {
    let file = fs::read_to_string(folder.join("data/postmaster.pid")).ok()?;
    let pid = file.lines().next()?.trim().parse().ok()?;
    process::command_line(pid).contains(folder.to_str()?).then_some(pid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_folder::DataFolder;

    #[test]
    fn the_folder_of_a_dead_owner_is_swept_up_and_that_of_a_living_one_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let dead = parent.path().join("holdfast-dead");
        let alive = parent.path().join("holdfast-alive");
        let unfinished = parent.path().join("holdfast-unfinished");
        for folder in [&dead, &alive, &unfinished] {
            fs::create_dir(folder).unwrap();
        }
        drop(take_lock(&dead).unwrap());
        let _held = take_lock(&alive).unwrap();
        sweep(parent.path());
        assert_eq!((dead.exists(), alive.exists(), unfinished.exists()), (false, true, true));
    }

    #[test]
    fn a_world_that_is_kept_beside_temporary_folders_is_never_swept_up() {
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let kept = parent.path().join("holdfast-world");
        let world = DataFolder::open(&kept).unwrap();
        fs::create_dir(world.postgres()).unwrap();
        drop(world);
        sweep(parent.path());
        assert!(kept.join("postgres").exists());
    }
}
