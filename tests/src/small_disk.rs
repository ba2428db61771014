//! A disk that is soon full: a file system in memory, of a size of one's own.
//!
//! Mounting takes root. Who is not told so runs no test and believes that it has passed: hence [`SmallDisk::mount`]
//! says it loudly.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

/// By its name a disk is known, and whose it is: `holdfast-disk-<process>-<number>`.
const PREFIX: &str = "holdfast-disk-";

/// What is written at once when a disk is filled, in bytes.
const STEP: usize = 64 * 1024;

/// A small disk. It is taken off when this is dropped; one whose owner was killed, when the next is mounted.
#[derive(Debug)]
pub struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// Mounts a disk of so many MiB. None where this machine does not let us, which is then printed.
    ///
    /// # Errors
    /// Where the mount point cannot be made.
    #[expect(clippy::print_stderr, reason = "who reads the test's output must know that nothing was tested")]
    pub fn mount(size_mib: u32) -> Result<Option<Self>> {
        sweep();
        let directory = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .tempdir()
            .context("make a mount point")?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size_mib}m,mode=0755"), "tmpfs"])
            .arg(directory.path())
            .output();
        let why = match mounted {
            Ok(output) if output.status.success() => return Ok(Some(Self { path: directory.keep() })),
            Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => error.to_string(),
        };
        eprintln!("NOT RUN: cannot mount a small disk, which takes root: {why}");
        Ok(None)
    }

    /// A folder on it, made where it is missing.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.path.join(name);
        fs::create_dir_all(&folder).context("make a folder on a small disk")?;
        Ok(folder)
    }

    /// Fills it to the last byte.
    ///
    /// # Errors
    /// Where that fails otherwise than for want of room.
    pub fn fill(&self) -> Result<()> {
        let mut filler = File::options().create(true).append(true).open(self.filler())?;
        let mut step = STEP;
        while step > 0 {
            match filler.write(&vec![0; step]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => step /= 2,
                Err(error) => return Err(error).context("fill a small disk"),
            }
        }
        Ok(())
    }

    /// Makes room again.
    ///
    /// # Errors
    /// Where that fails.
    pub fn free(&self) -> Result<()> {
        fs::remove_file(self.filler()).context("make room on a small disk")
    }

    fn filler(&self) -> PathBuf {
        self.path.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        take_off(&self.path);
    }
}

/// Also where a process still has a file open on it: the disk goes with the last of them.
fn take_off(path: &Path) {
    // What cannot be taken off now is swept up when the next disk is mounted.
    let _ = Command::new("umount").arg("--lazy").arg(path).output();
    let _ = fs::remove_dir(path);
}

/// Takes off the disks of those who were killed.
fn sweep() {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    for path in mounts.lines().filter_map(|line| line.split(' ').nth(1)) {
        let owner = Path::new(path).file_name().and_then(|name| name.to_str()?.strip_prefix(PREFIX));
        let pid = owner.and_then(|owner| owner.split('-').next()?.parse().ok());
        if pid.is_some_and(|pid| !holdfast_devstack::process::is_alive(pid)) {
            take_off(Path::new(path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_takes_nothing_and_one_with_room_does() {
        let Some(disk) = SmallDisk::mount(1).unwrap() else { return };
        let file = disk.folder("data").unwrap().join("file");
        disk.fill().unwrap();
        assert!(fs::write(&file, [0; 1]).is_err());
        disk.free().unwrap();
        fs::write(&file, [0; 1]).unwrap();
        let path = disk.path.clone();
        drop(disk);
        assert!(!path.exists());
    }
}
