//! Packages of Debian and its kin, which can be installed without asking where we are root.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::user;

/// Whether what is missing can be installed.
#[must_use]
pub fn can_install() -> bool {
    user::is_root() && Path::new("/etc/debian_version").exists()
}

/// Installs a package, and says on the standard error that it does: it takes a while, and people should know what they
/// wait for.
///
/// # Errors
/// Where that fails, with what apt-get said.
#[expect(clippy::print_stderr, reason = "it takes a while, and people should know what they wait for")]
pub fn install(package: &str) -> Result<()> {
    eprintln!("installing {package} (apt-get install {package}) ...");
    for arguments in [&["update", "-q"][..], &["install", "-q", "-y", "--no-install-recommends", package]] {
        let output = Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .output()
            .context("run apt-get")?;
        ensure!(
            output.status.success(),
            "apt-get {} failed, for {package}: {}",
            arguments[0],
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}
