//! The files that the layout check looks at.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Where our sources are.
const FOLDERS: &[&str] = &["shared", "server", "tests", "tools"];

/// Rust files and manifests by their paths from the root, with `/` between folders.
#[derive(Debug, Default)]
pub(super) struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// The tree at `root`.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        for folder in FOLDERS {
            tree.read_folder(root, folder)?;
        }
        Ok(tree)
    }

    fn read_folder(&mut self, root: &Path, folder: &str) -> Result<()> {
        let path = root.join(folder);
        for entry in fs::read_dir(&path).with_context(|| format!("read the folder {}", path.display()))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{folder}/{name}");
            if entry.file_type()?.is_dir() {
                if name != "target" && name != "node_modules" {
                    self.read_folder(root, &path)?;
                }
            } else if Path::new(&name).extension().is_some_and(|extension| extension == "rs")
                || name == "Cargo.toml"
            {
                let text = fs::read_to_string(entry.path()).with_context(|| format!("read {path}"))?;
                self.files.insert(path, text);
            }
        }
        Ok(())
    }

    /// A made-up tree.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
    }

    /// How many files there are.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// The Rust files whose paths begin with one of `prefixes`.
    pub(super) fn rust_files<'a>(
        &'a self,
        prefixes: &'a [&'a str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .filter(|(path, _)| path.ends_with(".rs"))
            .filter(|(path, _)| prefixes.iter().any(|prefix| path.starts_with(prefix)))
    }

    /// The folders that have a manifest.
    pub(super) fn crates(&self) -> Vec<String> {
        self.files.keys().filter_map(|path| path.strip_suffix("/Cargo.toml")).map(str::to_owned).collect()
    }

    /// A manifest, where the crate exists.
    pub(super) fn manifest(&self, folder: &str) -> Option<(String, &str)> {
        let path = format!("{folder}/Cargo.toml");
        let text = self.files.get(&path)?;
        Some((path, text))
    }
}
