//! `cargo verify`: everything that must hold before a change lands, step by step, with a table at the end.
//!
//! One compilation serves lint, build and test: clippy stands in for the compiler of our own crates, with warnings
//! denied. A later plain `cargo test` compiles our crates once more, since cargo keeps the two apart.

mod chromium;
pub(crate) mod compiler;
mod step;
mod web;

use std::path::Path;

use anyhow::Result;

use crate::{codegen, layout, licences};
use step::{Step, Steps};

/// Ten thousand runs of the whole core under faults. On a slow machine there are fewer, and it says so.
const SIMULATE: &[&str] = &[
    "run",
    "--quiet",
    "--locked",
    "--package",
    "holdfast-simulator",
    "--",
    "--seeds",
    "10000",
    "--within",
    "120",
    "--reach",
    "100",
];

/// Each deliberate defect is noticed by such runs.
const SIMULATE_SABOTAGES: &[&str] =
    &["test", "--locked", "--package", "holdfast-simulator", "--features", "sabotage", "--test", "sabotages"];

/// Runs all steps, also after one has failed, and says whether all held.
///
/// # Errors
/// Where a program that a step needs cannot be started.
pub(crate) fn run(root: &Path, quick: bool) -> Result<bool> {
    let cargo = compiler::cargo();
    let mut steps = Steps::new(root);
    steps.run(Step::new("format", &cargo, &["fmt", "--all", "--check"]))?;
    steps.check("layout", || layout::report(root));
    steps.check("licences, sources, duplicates", || licences::report(root, &cargo));

    let linting = |name, arguments: &[&str]| {
        let step = Step::new(name, &cargo, arguments);
        compiler::linting(&cargo).into_iter().fold(step, |step, (name, value)| step.env(name, value))
    };
    // The behaviours start the games' binaries, so these are built first.
    let built = steps.run(linting("lint and build", &["build", "--workspace", "--bins", "--locked"]))?;
    if built {
        steps.run(linting("generated files", &codegen::arguments(true)))?;
    } else {
        steps.skip("generated files");
    }
    // The tests of the tests need a server with a known defect.
    let sabotaged =
        &["build", "--package", "ledger", "--features", "sabotage", "--bin", "ledger-sabotaged", "--locked"];
    let built = built && (quick || steps.run(linting("build the sabotaged server", sabotaged))?);
    let mut test = vec!["test", "--workspace", "--locked", "--no-fail-fast"];
    if quick {
        test.extend(["--exclude", "holdfast-tests"]);
    }
    let only_build: Vec<_> = test.iter().copied().chain(["--no-run"]).collect();
    if built && steps.run(linting("lint and build the tests", &only_build))? {
        steps.run(linting("test", &test))?;
    } else {
        steps.skip("test");
    }
    if built && !quick {
        steps.run(linting("simulate", SIMULATE))?;
        steps.run(linting("simulate each sabotage", SIMULATE_SABOTAGES))?;
    } else if !quick {
        steps.skip("simulate");
        steps.skip("simulate each sabotage");
    }
    if !quick {
        web::run(root, &mut steps, built)?;
        let document = &["doc", "--workspace", "--no-deps", "--locked"];
        steps.run(Step::new("document", &cargo, document).env("RUSTDOCFLAGS", "-D warnings"))?;
    }
    Ok(steps.finish())
}
