//! What is written in TypeScript: its packages, its types, its lints and its tests.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::chromium;
use super::step::{Step, Steps};
use crate::node;
use crate::play::page;

/// Checks web-client. Where its packages cannot be had, the steps that need them are skipped; so are those that need a
/// server's binaries, where these have not been `built`. A browser that is missing and cannot be installed is a failure.
///
/// # Errors
/// Where a step's program cannot be started although it is there.
pub(super) fn run(root: &Path, steps: &mut Steps, built: bool) -> Result<()> {
    let folder = root.join("web-client");
    let installed = steps.check("web: packages", || node::install(&folder));
    for (name, arguments, possible) in [
        ("web: types", ["tsc", "--noEmit"].as_slice(), true),
        ("web: lint", &["oxlint", "--deny-warnings"], true),
        ("web: test", &["vitest", "run"], true),
        ("web: test with a server", &["vitest", "run", "--config", "vitest.real.config.ts"], built),
    ] {
        if installed && possible {
            run_tool(&folder, steps, name, arguments)?;
        } else {
            steps.skip(name);
        }
    }
    let page = programs().join("verify-page");
    let has_page =
        installed && built && steps.check("web: build", || page::build_once(&folder, &programs(), &page));
    if has_page {
        let size = Step::new("web: size", Path::new("npm"), &["run", "--silent", "size"]);
        steps.run(size.within(&folder).env("HOLDFAST_PAGE_OUT", &page))?;
    } else {
        if !(installed && built) {
            steps.skip("web: build");
        }
        steps.skip("web: size");
    }
    if has_page && steps.check("web: a browser", chromium::find) {
        run_tool(&folder, steps, "web: browser", &["playwright", "test"])?;
    } else {
        steps.skip("web: browser");
    }
    Ok(())
}

/// Where the binaries are that were built before: beside this very program.
fn programs() -> PathBuf {
    env::current_exe().ok().and_then(|program| Some(program.parent()?.to_owned())).unwrap_or_default()
}

/// Runs one of the installed tools, and shows what it says where it fails.
fn run_tool(folder: &Path, steps: &mut Steps, name: &'static str, arguments: &[&str]) -> Result<()> {
    let Some((program, arguments)) = arguments.split_first() else { return Ok(()) };
    let program = folder.join("node_modules/.bin").join(program);
    steps.run(Step::new(name, &program, arguments).within(folder).quiet().env("NO_COLOR", "1"))?;
    Ok(())
}
