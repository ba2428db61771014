//! The generated files: where they stand, and whether they are what they should be.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::wire::Wire;
use crate::{reference, typescript};

/// Where the TypeScript goes.
const TYPESCRIPT: &str = "web-client/protocol/src/generated";

/// A generated file: its path below the root, and its text.
pub(crate) struct File {
    path: String,
    text: String,
}

/// All generated files.
pub(crate) fn files(root: &Path, wire: &Wire) -> Result<Vec<File>> {
    let typescript = typescript::files(wire).into_iter();
    let mut files: Vec<File> =
        typescript.map(|(name, text)| File { path: format!("{TYPESCRIPT}/{name}"), text }).collect();
    files.push(File { path: "PROTOCOL.md".to_owned(), text: reference::page(root, wire)? });
    Ok(files)
}

/// Writes those that are not up to date, and says which they were.
pub(crate) fn write(root: &Path, files: &[File]) -> Result<String> {
    let stale = stale(root, files);
    for File { path, text } in &stale {
        let path = root.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("make the folder {}", folder.display()))?;
        }
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(match stale.as_slice() {
        [] => format!("{} files were up to date", files.len()),
        stale => format!("written: {}", names(stale)),
    })
}

/// Fails where a file is not up to date.
pub(crate) fn compare(root: &Path, files: &[File]) -> Result<String> {
    match stale(root, files).as_slice() {
        [] => Ok(format!("{} files are up to date", files.len())),
        stale => bail!("not up to date: {}; run `cargo xtask codegen`", names(stale)),
    }
}

fn stale<'a>(root: &Path, files: &'a [File]) -> Vec<&'a File> {
    let is_stale = |file: &&File| fs::read_to_string(root.join(&file.path)).ok().as_ref() != Some(&file.text);
    files.iter().filter(is_stale).collect()
}

fn names(files: &[&File]) -> String {
    files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_differs_is_named_and_written_anew() {
        let root = tempfile::tempdir().unwrap();
        let file = |text: &str| File { path: "some/where.md".to_owned(), text: text.to_owned() };
        assert!(compare(root.path(), &[file("one")]).is_err());
        write(root.path(), &[file("one")]).unwrap();
        assert!(compare(root.path(), &[file("one")]).is_ok());
        let error = compare(root.path(), &[file("two")]).unwrap_err().to_string();
        assert!(error.contains("some/where.md") && error.contains("cargo xtask codegen"), "{error}");
    }
}
