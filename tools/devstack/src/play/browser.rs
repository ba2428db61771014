//! Opens the page in the browser that people use.

use std::process::{Command, Stdio};
use std::thread;

use super::say::say;

/// Opens `url`; where that cannot be done, people are told to do it themselves. The browser outlives us.
pub(super) fn open(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let started = Command::new(program)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .and_then(|mut child| thread::Builder::new().name("browser".into()).spawn(move || child.wait()));
    if started.is_err() {
        say(&format!("No browser could be opened (there is no `{program}`): open {url} yourself."));
    }
}
