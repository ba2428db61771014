//! Finds PostgreSQL's programs, and installs them where that can be done without asking.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::debian;

/// The oldest major version that will do.
pub const MAJOR_MIN: u32 = 15;

/// The variable that names the folder of PostgreSQL's programs, before all other places.
pub const OVERRIDE: &str = "HOLDFAST_PG_BIN";

/// The folder that holds `initdb` and `postgres` of a version that will do.
///
/// On Debian as root a missing PostgreSQL is installed.
///
/// # Errors
/// With one sentence that says what to install.
pub fn find() -> Result<PathBuf> {
    if let Some(folder) = installed()? {
        return Ok(folder);
    }
    if debian::can_install() {
        debian::install("postgresql")?;
        if let Some(folder) = installed()? {
            return Ok(folder);
        }
    }
    bail!(
        "PostgreSQL {MAJOR_MIN} or newer is needed: install the package `postgresql` \
         (or name the folder of its programs in {OVERRIDE})"
    )
}

/// The same, where it is there already; none where it is not.
///
/// # Errors
/// Where [`OVERRIDE`] names a folder that will not do.
pub fn installed() -> Result<Option<PathBuf>> {
    let Some(folder) = env::var_os(OVERRIDE).map(PathBuf::from) else { return Ok(newest(&candidates())) };
    let major =
        major(&folder).with_context(|| format!("{OVERRIDE}={} holds no PostgreSQL", folder.display()))?;
    ensure!(major >= MAJOR_MIN, "{OVERRIDE} holds PostgreSQL {major}; {MAJOR_MIN} or newer is needed");
    Ok(Some(folder))
}

/// The folder of exactly this major version, for data that it has made; none where it is not there.
#[must_use]
pub fn installed_major(wanted: u32) -> Option<PathBuf> {
    let folders = match env::var_os(OVERRIDE) {
        Some(folder) => vec![PathBuf::from(folder)],
        None => candidates(),
    };
    folders.into_iter().find(|folder| major(folder).is_ok_and(|major| major == wanted))
}

/// Where packagers put the programs of several versions, each in a folder of its own: Debian, and PostgreSQL's own
/// packages for Fedora.
const VERSIONED: &[(&str, &str)] = &[("/usr/lib/postgresql", ""), ("/usr", "pgsql-")];

fn candidates() -> Vec<PathBuf> {
    let versions = VERSIONED.iter().flat_map(|(parent, prefix)| {
        let entries = fs::read_dir(parent).into_iter().flatten().filter_map(Result::ok);
        entries
            .filter(move |entry| entry.file_name().to_string_lossy().starts_with(prefix))
            .map(|entry| entry.path().join("bin"))
    });
    let mut folders: Vec<_> = versions.collect();
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let asked = Command::new("pg_config").arg("--bindir").stderr(Stdio::null()).output();
    if let Ok(output) = asked
        && output.status.success()
    {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    folders
}

fn newest(folders: &[PathBuf]) -> Option<PathBuf> {
    folders
        .iter()
        .filter_map(|folder| Some((major(folder).ok()?, folder)))
        .filter(|(major, _)| *major >= MAJOR_MIN)
        .max_by_key(|(major, _)| *major)
        .map(|(_, folder)| folder.clone())
}

/// The major version of the programs in a folder.
///
/// # Errors
/// Where they are not there, or do not say.
pub fn major(folder: &Path) -> Result<u32> {
    ensure!(folder.join("initdb").is_file(), "there is no initdb in {}", folder.display());
    let output =
        Command::new(folder.join("postgres")).arg("--version").output().context("ask for the version")?;
    parse_major(&String::from_utf8_lossy(&output.stdout)).context("read the version")
}

/// From `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, the 15.
fn parse_major(text: &str) -> Option<u32> {
    let version = text.split_once("(PostgreSQL)")?.1.trim_start();
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_every_shape_that_packagers_print() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(parse_major("command not found"), None);
    }
}
