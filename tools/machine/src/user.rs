//! As whom we run, and as whom PostgreSQL does: it refuses root, so as root it runs as the user `nobody`.

use std::fs;

use anyhow::{Context as _, Result};

/// A user and a group, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The user.
    pub uid: u32,
    /// The user's own group.
    pub gid: u32,
}

/// Whether we are root.
#[must_use]
#[cfg(unix)]
pub fn is_root() -> bool {
    // The files below /proc/self belong to whoever the process acts as.
    std::os::unix::fs::MetadataExt::uid(&match fs::metadata("/proc/self") {
        Ok(metadata) => metadata,
        Err(_) => return false,
    }) == 0
}

/// Whether we are root: there is none here.
#[must_use]
#[cfg(not(unix))]
pub fn is_root() -> bool {
    false
}

/// As whom PostgreSQL runs where that is not us.
///
/// # Errors
/// Where we are root and there is no user `nobody`.
pub fn of_postgres() -> Result<Option<User>> {
    if is_root() { nobody().map(Some) } else { Ok(None) }
}

fn nobody() -> Result<User> {
    let users = fs::read_to_string("/etc/passwd").context("read /etc/passwd")?;
    let line = users.lines().find(|line| line.starts_with("nobody:")).context("there is no user `nobody`")?;
    let number = |field| line.split(':').nth(field).and_then(|text| text.parse().ok());
    let (uid, gid) = number(2).zip(number(3)).context("read the numbers of the user `nobody`")?;
    Ok(User { uid, gid })
}
