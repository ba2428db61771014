//! Node.js and what is installed with it: the version that web-client needs, and its packages.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

/// On which Node the page can be built: what Vite says of itself, `^20.19.0 || >=22.12.0`.
const NEEDED: &str = "Node.js 20.19, 22.12 or newer, with npm, is needed for the page";

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
    let answer = |program| Command::new(program).arg("--version").output();
    let output = answer("node").with_context(|| format!("{NEEDED}, and there is no `node`"))?;
    let version = String::from_utf8_lossy(&output.stdout);
    let version = version.trim();
    ensure!(builds_the_page(version), "{NEEDED}, and the one that is here is {version}");
    let has_npm = answer("npm").is_ok_and(|output| output.status.success());
    ensure!(has_npm, "{NEEDED}, and there is no `npm`");
    Ok(())
}

/// Whether a version that Node tells, such as v20.19.1, is [`NEEDED`].
fn builds_the_page(version: &str) -> bool {
    let mut numbers = version.strip_prefix('v').unwrap_or_default().split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(20)), Some(Ok(minor))) => minor >= 19,
        (Some(Ok(22)), Some(Ok(minor))) => minor >= 12,
        (Some(Ok(major)), Some(Ok(_))) => major > 22,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_could_not_build_the_page_is_found_before_it_tries() {
        for good in ["v20.19.0", "v20.20.2", "v22.12.0", "v23.0.0", "v24.1.0", "v100.0.0"] {
            assert!(builds_the_page(good), "{good}");
        }
        for bad in ["v8.0.0", "v20.11.1", "v20.18.3", "v21.7.3", "v22.11.0", "20", "", "v", "v24", "vx.y"] {
            assert!(!builds_the_page(bad), "{bad}");
        }
    }
}
