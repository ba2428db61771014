//! `cargo xtask simulate`: builds the simulator in release, and becomes it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::verify::compiler;

/// Runs the simulator with these options of its own, and says whether every promise was kept.
///
/// # Errors
/// Where cargo cannot be started.
pub(crate) fn run(root: &Path, options: &[String]) -> Result<bool> {
    let cargo = compiler::cargo();
    let status = Command::new(&cargo)
        .args(arguments(options))
        .current_dir(root)
        .status()
        .with_context(|| format!("start {}", cargo.display()))?;
    Ok(status.success())
}

/// What cargo is told: defects are compiled in only where one is asked for.
fn arguments(options: &[String]) -> Vec<&str> {
    let mut arguments = vec!["run", "--quiet", "--release", "--package", "holdfast-simulator"];
    if options.iter().any(|option| option == "--sabotage" || option.starts_with("--sabotage=")) {
        arguments.extend(["--features", "sabotage"]);
    }
    arguments.push("--");
    arguments.extend(options.iter().map(String::as_str));
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defects_are_built_only_where_one_is_asked_for() {
        let told = |options: &[&str]| {
            let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
            arguments(&options).join(" ")
        };
        assert!(!told(&["--seeds", "7"]).contains("features"));
        assert!(told(&["--seeds", "7"]).ends_with("-- --seeds 7"));
        assert!(told(&["--sabotage", "S4"]).contains("--features sabotage -- "));
        assert!(told(&["--sabotage=S4"]).contains("--features sabotage -- "));
    }
}
