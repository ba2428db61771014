//! What this machine must have before anything large is compiled. Whatever is missing is said at once, each in one
//! sentence with the way to get it.
//!
//! To add a check: a function that comes back with a sentence, and its line in [`problems`]. `aws-lc-sys`, the largest
//! thing that is written in C here, is compiled by `cc` alone: cmake is not needed.

use std::ffi::OsStr;
use std::net::IpAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;
use holdfast_machine::network::Addresses;
use holdfast_machine::{debian, passage, port, postgres, user};

use super::system::{Package, System};
use crate::node;

/// What a build from nothing writes, and a world for a start, in MiB: an estimate on the safe side.
const SPACE_MIB: u64 = 5 * 1024;

/// The same where the server has been built already.
const SPACE_BUILT_MIB: u64 = 1024;

/// What somebody wants to do.
pub(super) struct Wish<'a> {
    /// The page's port.
    pub(super) port: u16,
    /// How others are to come in, where they are.
    pub(super) lan: Option<Lan>,
    /// Where the world will be kept.
    pub(super) data: &'a Path,
    /// Where the programs will be built.
    pub(super) target: &'a Path,
    /// Whether the page will be built.
    pub(super) builds_page: bool,
    /// Whether a question will be asked that nobody can answer.
    pub(super) must_ask: bool,
}

/// How others come in.
pub(super) struct Lan {
    /// Their port.
    pub(super) port: u16,
    /// The address of this machine that was chosen for them.
    pub(super) address: Option<IpAddr>,
}

/// All that is in the way.
pub(super) fn problems(wish: &Wish<'_>) -> Vec<String> {
    if let Some(problem) = system() {
        // What else is missing there does not matter then.
        return vec![problem];
    }
    let here = System::here();
    let mut problems = vec![
        compiler(here),
        children(here),
        wish.builds_page.then(|| node(here)).flatten(),
        database(here),
        free_port(wish.port),
        wish.lan.as_ref().and_then(network),
        reachable(wish.data),
        space(wish.target),
    ];
    if wish.must_ask {
        let data = wish.data.display();
        problems.push(Some(format!(
            "--fresh throws the world in {data} away, and there is no terminal to ask you on: say --yes as well."
        )));
    }
    problems.into_iter().flatten().collect()
}

fn system() -> Option<String> {
    let system = std::env::consts::OS;
    (system != "linux").then(|| {
        format!(
            "A world opens on Linux only so far, and this is {system}: its parts are started and watched with what Linux \
             offers for that. In WSL 2 on Windows, or in a virtual machine or a container, `cargo play` should work; nobody \
             has tried it there yet."
        )
    })
}

fn compiler(here: System) -> Option<String> {
    let how = here.how_to_get(Package {
        debian: "sudo apt install build-essential",
        fedora: "sudo dnf install gcc",
        brew: "xcode-select --install",
    });
    let wanted = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    (!compiler_runs(&wanted))
        .then(|| format!("A C compiler is needed, and `{}` does not run: {how}.", wanted.display()))
}

/// As the build reads it, `CC` may name a program that is put before the compiler (`ccache gcc`), or arguments for it.
fn compiler_runs(named: &OsStr) -> bool {
    if runs(Command::new(named).arg("--version")) {
        return true;
    }
    let text = named.to_string_lossy();
    let mut words = text.split_whitespace();
    words.next().is_some_and(|program| runs(Command::new(program).args(words).arg("--version")))
}

/// What children are started with, so that none of them outlives us.
fn children(here: System) -> Option<String> {
    let how = here.how_to_get(Package {
        debian: "sudo apt install util-linux",
        fedora: "sudo dnf install util-linux",
        brew: "brew install util-linux",
    });
    (!runs(Command::new("setpriv").arg("--version")))
        .then(|| format!("The program `setpriv` is needed to start the server, and it is missing: {how}."))
}

fn node(here: System) -> Option<String> {
    let how = here.how_to_get(Package {
        debian: "sudo apt install nodejs npm",
        fedora: "sudo dnf install nodejs",
        brew: "brew install node",
    });
    node::check()
        .err()
        .map(|error| format!("{error}: {how} (or https://nodejs.org, where that one is too old)."))
}

fn database(here: System) -> Option<String> {
    let how = here.how_to_get(Package {
        debian: "sudo apt install postgresql",
        fedora: "sudo dnf install postgresql-server",
        brew: "brew install postgresql",
    });
    match postgres::installed() {
        Ok(Some(_)) => None,
        Ok(None) if debian::can_install() => None,
        Ok(None) => Some(format!(
            "PostgreSQL {} or newer is needed (its programs; it need not run): {how}, or name the folder of its programs \
             in {}.",
            postgres::MAJOR_MIN,
            postgres::OVERRIDE
        )),
        Err(error) => Some(format!("{error:#}.")),
    }
}

fn free_port(wanted: u16) -> Option<String> {
    let taken = port::check(wanted).err()?;
    Some(format!("Port {wanted} is {taken}: stop that, or name another one with --port."))
}

/// Whether others could come in.
fn network(lan: &Lan) -> Option<String> {
    let addresses = match Addresses::find(lan.address) {
        Ok(addresses) => addresses,
        Err(error) => return Some(format!("{error:#}")),
    };
    let taken = port::check_at(addresses.listen, lan.port).err()?;
    Some(format!("Port {} is {taken}: stop that, or name another one with --lan-port.", lan.port))
}

/// Whether PostgreSQL will reach the world's folder. What else can be wrong with that folder is found when it is opened.
fn reachable(data: &Path) -> Option<String> {
    let user = user::of_postgres().ok()??;
    let shut = passage::blocked_at(&data.join("postgres"), user)?;
    Some(passage::sentence(&shut))
}

fn space(target: &Path) -> Option<String> {
    let needed = if target.join("village").exists() { SPACE_BUILT_MIB } else { SPACE_MIB };
    // The folder itself may not be there yet.
    let existing = target.ancestors().find(|folder| folder.exists())?;
    let free = free_mib(existing).ok()??;
    (free < needed).then(|| {
        format!(
            "There are {free} MiB free in {}, and about {needed} are needed: make room, or name another place in \
             CARGO_TARGET_DIR.",
            existing.display()
        )
    })
}

fn free_mib(folder: &Path) -> Result<Option<u64>> {
    let output = Command::new("df").arg("-Pk").arg(folder).stderr(Stdio::null()).output()?;
    Ok(parse_free_kib(&String::from_utf8_lossy(&output.stdout)).map(|kib| kib / 1024))
}

/// The fourth column of the second line, as POSIX lays the table out.
fn parse_free_kib(table: &str) -> Option<u64> {
    table.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

fn runs(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests;
