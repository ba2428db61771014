//! `cargo xtask codegen`: the wire in other languages, written by a program of its own.
//!
//! The program knows the engine and the village; these commands are to start without either, so cargo runs it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::verify::compiler;

/// Writes the generated files, or with `check` says whether they are up to date. False where they are not.
///
/// # Errors
/// Where cargo cannot be started.
pub(crate) fn run(root: &Path, check: bool) -> Result<bool> {
    let cargo = compiler::cargo();
    let mut command = Command::new(&cargo);
    command.args(arguments(check)).current_dir(root).envs(compiler::linting(&cargo));
    Ok(command.status().context("start cargo")?.success())
}

/// What cargo is told. It names no package, so that the program is built with the same features as in a build of the
/// whole workspace, and so not once more.
pub(crate) fn arguments(check: bool) -> Vec<&'static str> {
    let mut arguments = vec!["run", "--quiet", "--locked", "--bin", "holdfast-codegen", "--"];
    if check {
        arguments.push("--check");
    }
    arguments
}
