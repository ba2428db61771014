//! How our own crates are compiled: by clippy, with warnings denied, so that one compilation serves lint, build and
//! test. cargo keeps what another compiler made apart, so every step that compiles must do it like this.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What clippy's own front end would pass to it.
const DENY_WARNINGS: &str = "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__";

/// The cargo that runs us, or the one on the path.
pub(crate) fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// The environment in which cargo lints what it compiles.
pub(crate) fn linting(cargo: &Path) -> [(&'static str, OsString); 2] {
    [("RUSTC_WORKSPACE_WRAPPER", clippy_driver(cargo).into()), ("CLIPPY_ARGS", DENY_WARNINGS.into())]
}

/// The compiler that lints: beside cargo, or wherever the path leads.
fn clippy_driver(cargo: &Path) -> PathBuf {
    let beside = cargo.with_file_name("clippy-driver");
    if beside.is_file() { beside } else { PathBuf::from("clippy-driver") }
}
