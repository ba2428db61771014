//! Chromium, in which the page is tested: found, or installed where that can be done without asking.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use holdfast_machine::debian;

/// The variable that names the program, before all other places.
const OVERRIDE: &str = "HOLDFAST_CHROMIUM";

/// What it is called by those who bring it; the tests look for the same ones, in the same order.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Finds it, or installs it on Debian as root, and says where it is.
///
/// # Errors
/// With one sentence that says what to install.
pub(super) fn find() -> Result<String> {
    if let Some(program) = env::var_os(OVERRIDE).map(PathBuf::from) {
        ensure!(program.is_file(), "{OVERRIDE}={} is no program", program.display());
        return Ok(format!("the browser is {}", program.display()));
    }
    if let Some(program) = on_path() {
        return Ok(format!("the browser is {}", program.display()));
    }
    if debian::can_install() {
        debian::install("chromium")?;
        if let Some(program) = on_path() {
            return Ok(format!("Chromium is installed: {}", program.display()));
        }
    }
    bail!(
        "Chromium is needed to test the page: install the package `chromium` (or name the program in {OVERRIDE})"
    )
}

fn on_path() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path).collect();
    first(&folders)
}

fn first(folders: &[PathBuf]) -> Option<PathBuf> {
    let programs = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    programs.into_iter().find(|program: &PathBuf| Path::is_file(program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_before_the_folder() {
        let folder = env::temp_dir().join(format!("holdfast-chromium-{}", std::process::id()));
        let [one, two] = ["one", "two"].map(|name| folder.join(name));
        for (place, name) in [(&one, "google-chrome"), (&two, "chromium")] {
            std::fs::create_dir_all(place).unwrap();
            std::fs::write(place.join(name), "").unwrap();
        }
        assert_eq!(first(&[one.clone(), two.clone()]), Some(two.join("chromium")));
        assert_eq!(first(std::slice::from_ref(&one)), Some(one.join("google-chrome")));
        assert_eq!(first(&[]), None);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
