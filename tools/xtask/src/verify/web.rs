//! What is written in TypeScript: its packages, its types, its lints and its tests.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use super::step::{Step, Steps};

/// The oldest Node that everything in web-client runs on.
const NODE_MIN: u32 = 20;

/// Written beside the packages once they are installed: the lock that they were installed from.
const STAMP: &str = "node_modules/.installed-from";

/// Checks web-client. Where its packages cannot be had, the steps that need them are skipped; so is the one that needs a
/// server's binaries, where these have not been `built`.
///
/// # Errors
/// Where a step's program cannot be started although it is there.
pub(super) fn run(root: &Path, steps: &mut Steps, built: bool) -> Result<()> {
    let folder = root.join("web-client");
    let installed = steps.check("web: packages", || install(&folder));
    for (name, arguments, possible) in [
        ("web: types", ["tsc", "--noEmit"].as_slice(), true),
        ("web: lint", &["oxlint", "--deny-warnings"], true),
        ("web: test", &["vitest", "run"], true),
        ("web: test with a server", &["vitest", "run", "--config", "vitest.real.config.ts"], built),
    ] {
        if installed && possible {
            let Some((program, arguments)) = arguments.split_first() else { continue };
            let program = folder.join("node_modules/.bin").join(program);
            steps.run(Step::new(name, &program, arguments).within(&folder).quiet().env("NO_COLOR", "1"))?;
        } else {
            steps.skip(name);
        }
    }
    Ok(())
}

/// Installs the packages, where those that are there come from another lock.
fn install(folder: &Path) -> Result<String> {
    check_node()?;
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

fn check_node() -> Result<()> {
    let hint = format!("Node.js {NODE_MIN} or newer, with npm, is needed to check web-client; install it");
    let output = Command::new("node").arg("--version").output().with_context(|| hint.clone())?;
    let version = String::from_utf8_lossy(&output.stdout);
    let version = version.trim();
    let is_new_enough = major(version).is_some_and(|major| major >= NODE_MIN);
    ensure!(is_new_enough, "{hint} (the one on the path is {version})");
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
