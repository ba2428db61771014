//! Node.js and what is installed with it: the version that web-client needs, and its packages.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

/// The oldest Node that everything in web-client runs on.
pub(crate) const NODE_MIN: u32 = 20;

/// Written beside the packages once they are installed: the lock that they were installed from.
const STAMP: &str = "node_modules/.installed-from";

/// Installs the packages of `folder`, where those that are there come from another lock. Says what was done.
///
/// # Errors
/// Where Node is missing or too old, or the packages cannot be had.
pub(crate) fn install(folder: &Path) -> Result<String> {
    check()?;
    let lock = fs::read_to_string(folder.join("package-lock.json")).context("read package-lock.json")?;
    let stamp = folder.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok("the packages are those of the lock file".to_owned());
    }
    let output = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(folder)
        .output()
        .context("npm is missing; it comes with Node.js")?;
    if !output.status.success() {
        bail!("npm ci failed:\n{}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    fs::write(&stamp, lock).context("note what is installed")?;
    Ok("the packages are installed".to_owned())
}

/// Whether Node and npm are there and new enough.
///
/// # Errors
/// Where they are not: what is missing, in one sentence.
pub(crate) fn check() -> Result<()> {
    let needed = format!("Node.js {NODE_MIN} or newer, with npm, is needed for the page");
    let answer = |program| Command::new(program).arg("--version").output();
    let output = answer("node").with_context(|| format!("{needed}, and there is no `node`"))?;
    let version = String::from_utf8_lossy(&output.stdout);
    let version = version.trim();
    let is_new_enough = major(version).is_some_and(|major| major >= NODE_MIN);
    ensure!(is_new_enough, "{needed}, and the one that is here is {version}");
    let has_npm = answer("npm").is_ok_and(|output| output.status.success());
    ensure!(has_npm, "{needed}, and there is no `npm`");
    Ok(())
}

/// The 20 of v20.11.1.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_what_counts() {
        assert_eq!(major("v20.11.1"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        assert_eq!(major("20"), None);
        assert_eq!(major(""), None);
    }
}
