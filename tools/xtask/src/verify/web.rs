//! What is written in TypeScript: its packages, its types, its lints and its tests.

use std::path::Path;

use anyhow::Result;

use super::step::{Step, Steps};
use crate::node;

/// Checks web-client. Where its packages cannot be had, the steps that need them are skipped; so is the one that needs a
/// server's binaries, where these have not been `built`.
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
            let Some((program, arguments)) = arguments.split_first() else { continue };
            let program = folder.join("node_modules/.bin").join(program);
            steps.run(Step::new(name, &program, arguments).within(&folder).quiet().env("NO_COLOR", "1"))?;
        } else {
            steps.skip(name);
        }
    }
    Ok(())
}
