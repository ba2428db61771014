//! Finds the binaries of games.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result, ensure};

/// The path of a game's binary: beside the running one, which is in `target/<profile>` or, as a test, in its `deps`.
/// What is a path already stays as it is.
///
/// # Errors
/// Where there is none.
pub fn binary(game: &str) -> Result<PathBuf> {
    if game.contains('/') {
        return Ok(PathBuf::from(game));
    }
    let running = env::current_exe().context("ask for the running program's path")?;
    let folder = running.parent().context("the running program is in no folder")?;
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    let path = folder.join(game);
    ensure!(
        path.is_file(),
        "the server {} is missing: build it with `cargo build --workspace --bins`",
        path.display()
    );
    Ok(path)
}

/// When a program was written; none where that cannot be found out. A build writes it anew.
pub(super) fn written(program: &Path) -> Option<SystemTime> {
    fs::metadata(program).and_then(|metadata| metadata.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_binary_is_named_with_the_command_that_builds_it() {
        let error = binary("no-such-game").unwrap_err().to_string();
        assert!(error.contains("no-such-game") && error.contains("cargo build"), "{error}");
    }
}
