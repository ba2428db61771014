//! The page, built for the server that serves it.
//!
//! A page carries the build id of its server, so it is built after it. Where neither has changed since the last time,
//! nothing is built: what it was built from is written beside it.

mod sources;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use super::steps::Steps;
use crate::node;

/// Builds the page and says where it is; none where that failed, which has been said.
///
/// # Errors
/// Where the server does not say its build id.
pub(super) fn build(root: &Path, programs: &Path, steps: &mut Steps) -> Result<Option<PathBuf>> {
    let folder = root.join("web-client");
    if steps.quietly("the page's packages", || node::install(&folder)).is_none() {
        return Ok(None);
    }
    let id = build_id(&programs.join("village"))?;
    let out = programs.join("page");
    let stamp = programs.join("page.built-from");
    let built = steps.quietly("page", || {
        let sources = format!("{id}\n{}", sources::list(&folder)?);
        let is_there = [out.as_path(), &staff_of(&out)].iter().all(|page| page.join("index.html").is_file());
        if is_there && fs::read_to_string(&stamp).is_ok_and(|built| built == sources) {
            return Ok(());
        }
        // The note first: somebody who stops us in between must not find the half of a page under it.
        if stamp.exists() {
            fs::remove_file(&stamp).context("forget the old page")?;
        }
        if out.exists() {
            fs::remove_dir_all(&out).context("remove the old page")?;
        }
        run_build(&folder, &id, &out)?;
        fs::write(&stamp, sources).context("note what the page was built from")
    });
    Ok(built.map(|()| out))
}

/// Builds the page of the server among `programs` into `out`, whatever was built before. Says what was done.
///
/// # Errors
/// Where the server does not say its build id, or the page cannot be built.
pub(crate) fn build_once(folder: &Path, programs: &Path, out: &Path) -> Result<String> {
    let id = build_id(&programs.join("village"))?;
    run_build(folder, &id, out)?;
    Ok(format!("the page of build {id} is built"))
}

/// Where the operators' page is, which is built with the village's: beside it.
fn staff_of(page: &Path) -> PathBuf {
    let mut path = page.as_os_str().to_owned();
    path.push("-staff");
    path.into()
}

fn run_build(folder: &Path, id: &str, out: &Path) -> Result<()> {
    let output = Command::new("npm")
        .args(["run", "build"])
        .env("HOLDFAST_BUILD_ID", id)
        .env("HOLDFAST_PAGE_OUT", out)
        .env("HOLDFAST_STAFF_PAGE_OUT", staff_of(out))
        .current_dir(folder)
        .output()
        .context("start npm")?;
    if !output.status.success() {
        let [said, errors] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
        bail!("npm run build failed:\n{}{}", said, errors.trim_end());
    }
    Ok(())
}

/// What the server calls its build: 32 hexadecimal digits.
fn build_id(server: &Path) -> Result<String> {
    let output = Command::new(server)
        .arg("build-id")
        .output()
        .with_context(|| format!("ask {} for its build id", server.display()))?;
    let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    ensure!(output.status.success() && is_id, "{} does not say its build id", server.display());
    Ok(id)
}
