//! `cargo play`: from the sources to a world to play in.
//!
//! [`machine`] says what is missing before anything large is compiled, all of it at once. Then server and [`page`] are
//! built, step by step ([`steps`]), and then this process becomes `devstack play`, which opens the world, so that
//! Ctrl-C and the exit code are its own.

mod machine;
pub(crate) mod page;
mod steps;
mod system;

use std::env;
use std::ffi::OsString;
use std::io::{IsTerminal as _, stdin};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::verify::compiler;
use steps::Steps;

/// Where the world is kept where nobody says another folder; git ignores it.
const DATA: &str = ".holdfast";

/// What can be chosen.
#[derive(Args)]
pub(crate) struct Options {
    /// The port of the page, on this machine alone.
    #[arg(long, default_value_t = 8080, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,

    /// Let others on this network in, such as a friend's phone: everybody plays at one https address, which is shown as
    /// a QR code as well. Anybody on the network can sign in as anybody.
    #[arg(long)]
    lan: bool,

    /// The port that others come in by; only with --lan.
    #[arg(
        long, requires = "lan", default_value_t = 8443, value_name = "N", value_parser = clap::value_parser!(u16).range(1..)
    )]
    lan_port: u16,

    /// The one of this machine's addresses at which others come in [default: all of them, and they are told the one from
    /// which it reaches the internet]; only with --lan.
    #[arg(long, requires = "lan", value_name = "IP")]
    lan_address: Option<IpAddr>,

    /// The folder that the world is kept in [default: .holdfast beside the sources].
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// Begin a new world. The one that is there is thrown away, after you have been asked.
    #[arg(long)]
    fresh: bool,

    /// Throw the old world away without asking; only with --fresh.
    #[arg(long, requires = "fresh")]
    yes: bool,

    /// Open the page in a browser when the world is ready.
    #[arg(long)]
    open: bool,

    /// How the server is compiled: `release` is faster to run and takes longer to build.
    #[arg(long, default_value = "dev")]
    profile: String,

    /// Serve this built page instead of building one. Node.js is not needed then.
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
}

/// Checks, builds, and becomes `devstack play`. It comes back only where that did not come about: false where something
/// is missing or was not built, which has been said.
///
/// # Errors
/// Where a step cannot be started.
#[expect(clippy::print_stderr, reason = "a command talks to whoever called it")]
pub(crate) fn run(root: &Path, options: &Options) -> Result<bool> {
    let data = options.data_dir.clone().unwrap_or_else(|| root.join(DATA));
    let programs = programs(&options.profile)?;
    let problems = machine::problems(&machine::Wish {
        port: options.port,
        lan: options.lan.then_some(machine::Lan { port: options.lan_port, address: options.lan_address }),
        data: &data,
        target: &programs,
        builds_page: options.page.is_none(),
        must_ask: options.fresh && !options.yes && data.join("postgres").exists() && !stdin().is_terminal(),
    });
    if !problems.is_empty() {
        eprintln!("Before there can be a world:\n");
        problems.iter().for_each(|problem| eprintln!("  - {problem}\n"));
        return Ok(false);
    }

    let mut steps = Steps::new(if options.page.is_some() { 2 } else { 4 });
    let cargo = compiler::cargo();
    let mut build = Command::new(&cargo);
    build.args(arguments(&options.profile)).current_dir(root);
    if !steps.run("server", build)? {
        return Ok(false);
    }
    let page = match &options.page {
        Some(page) => page.clone(),
        None => match page::build(root, &programs, &mut steps)? {
            Some(page) => page,
            None => return Ok(false),
        },
    };
    steps.announce("start");
    become_devstack(&programs.join("devstack"), &page, &data, options)
}

/// What cargo is told. It names no package, so that our crates are built with the same features as by `cargo verify`, and
/// so not twice.
fn arguments(profile: &str) -> Vec<&str> {
    vec!["build", "--bin", "village", "--bin", "devstack", "--profile", profile, "--locked"]
}

/// The folder of the programs that cargo builds with a profile: beside the one that this program is in.
fn programs(profile: &str) -> Result<PathBuf> {
    let own = env::current_exe().context("ask for the running program's path")?;
    let target = own.ancestors().nth(2).context("the running program is in no folder")?;
    let folder = match profile {
        "dev" | "test" => "debug",
        "bench" => "release",
        named => named,
    };
    Ok(target.join(folder))
}

fn become_devstack(program: &Path, page: &Path, data: &Path, options: &Options) -> Result<bool> {
    let mut command = Command::new(program);
    command.arg("play").args(devstack_arguments(page, data, options));
    #[cfg(unix)]
    {
        // It comes back only where it has failed.
        let error = std::os::unix::process::CommandExt::exec(&mut command);
        Err(error).with_context(|| format!("start {}", program.display()))
    }
    #[cfg(not(unix))]
    anyhow::bail!("{} runs on Linux only", program.display())
}

fn devstack_arguments(page: &Path, data: &Path, options: &Options) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["--port".into(), options.port.to_string().into()];
    arguments.extend(["--data-dir".into(), data.into(), "--page".into(), page.into()]);
    if options.lan {
        arguments.extend(["--lan".into(), "--lan-port".into(), options.lan_port.to_string().into()]);
        let address = options.lan_address.map(|address| ["--lan-address".into(), address.to_string().into()]);
        arguments.extend(address.into_iter().flatten());
    }
    let switches = [(options.fresh, "--fresh"), (options.yes, "--yes"), (options.open, "--open")];
    arguments.extend(switches.iter().filter(|(on, _)| *on).map(|(_, name)| OsString::from(name)));
    arguments
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// Stands for the real command line.
    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn parse(arguments: &[&str]) -> Result<Options, clap::Error> {
        Line::try_parse_from([&["play"], arguments].concat()).map(|line| line.options)
    }

    #[test]
    fn devstack_is_told_what_was_asked_for_and_no_more() {
        let told = |arguments: &[&str]| {
            let options = parse(arguments).unwrap();
            devstack_arguments(Path::new("/page"), Path::new("/data"), &options)
        };
        assert_eq!(told(&[]), ["--port", "8080", "--data-dir", "/data", "--page", "/page"]);
        let all = told(&["--port", "9000", "--fresh", "--yes", "--open"]);
        assert_eq!(all[1], "9000");
        assert_eq!(all[6..], ["--fresh", "--yes", "--open"]);
        assert_eq!(told(&["--lan"])[6..], ["--lan", "--lan-port", "8443"]);
        let lan = told(&["--lan", "--lan-port", "9443", "--lan-address", "10.0.0.7"]);
        assert_eq!(lan[6..], ["--lan", "--lan-port", "9443", "--lan-address", "10.0.0.7"]);
    }

    #[test]
    fn what_is_said_of_a_network_without_lan_is_refused() {
        assert!(parse(&["--lan-port", "9443"]).is_err() && parse(&["--lan-address", "10.0.0.7"]).is_err());
        assert!(parse(&["--lan", "--lan-address", "my-machine"]).is_err());
    }

    #[test]
    fn yes_alone_means_nothing_and_is_refused() {
        assert!(parse(&["--yes"]).is_err() && parse(&["--port", "0"]).is_err());
    }
}
