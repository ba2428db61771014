//! What a page is built from, as a list by which a change is noticed.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, Result};

/// What is beside the sources and is none: packages have their lock, and what is built comes from the rest.
const OTHERS: &[&str] = &["node_modules", "dist", "dist-staff", "test-results", "playwright-report"];

/// One line for each file below `folder`: its path, its size, and when it was last written.
///
/// # Errors
/// Where something there cannot be read.
pub(super) fn list(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    files.sort_unstable();
    Ok(files.concat())
}

fn collect(folder: &Path, inside: &str, files: &mut Vec<String>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("read the folder {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            if !OTHERS.contains(&name.as_str()) && !name.starts_with('.') {
                collect(&entry.path(), &format!("{inside}{name}/"), files)?;
            }
            continue;
        }
        let written = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut line = String::new();
        let _ = writeln!(line, "{inside}{name} {} {}", metadata.len(), written.as_nanos());
        files.push(line);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_noticed_and_packages_are_not_sources() {
        let folder = std::env::temp_dir().join(format!("holdfast-sources-{}", std::process::id()));
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::create_dir_all(folder.join("node_modules/x")).unwrap();
        fs::write(folder.join("src/main.ts"), "1").unwrap();
        let first = list(&folder).unwrap();
        fs::write(folder.join("node_modules/x/index.js"), "1").unwrap();
        assert_eq!(list(&folder).unwrap(), first);
        fs::write(folder.join("src/main.ts"), "12").unwrap();
        assert_ne!(list(&folder).unwrap(), first);
        fs::remove_dir_all(&folder).unwrap();
    }
}
