//! The project's own commands. `cargo play` is a world to play in, from nothing but the sources; `cargo verify` is
//! everything that must hold before a change lands; `cargo xtask layout` is the part of it that keeps the crates and
//! folders apart; `cargo xtask codegen` writes the files that are made from the Rust types; `cargo xtask simulate` runs
//! the core under every fault.

mod codegen;
mod layout;
mod licences;
mod node;
mod play;
mod simulate;
mod verify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Holdfast's own commands.
#[derive(Parser)]
#[command(name = "xtask")]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// A world to play in: checks this machine, builds server and page, starts everything, and prints one address.
    ///
    /// The world is kept in .holdfast from one run to the next, and survives a kill -9 of anything. Sign in as anyone:
    /// there are no passwords, and without --lan nothing of it can be reached from another machine. Ctrl-C stops all of it.
    #[command(override_usage = "cargo play [OPTIONS]")]
    Play(play::Options),
    /// Everything that must hold before a change lands: what CI runs.
    Verify {
        /// Only what is quick: no behaviour tests, no documentation.
        #[arg(long)]
        quick: bool,
    },
    /// Writes the wire in other languages: the TypeScript codec, and PROTOCOL.md.
    Codegen {
        /// Writes nothing; fails where a file is not up to date.
        #[arg(long)]
        check: bool,
    },
    /// Whether the invariants of the layout hold.
    Layout,
    /// The core under every fault, thousands of runs in one thread each: builds the simulator in release, and hands all
    /// options on to it (`cargo xtask simulate --help` tells them).
    #[command(disable_help_flag = true)]
    Simulate {
        /// The simulator's own options.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to whoever called it")]
fn main() -> ExitCode {
    let root = root();
    let outcome = match Cli::parse().command {
        Task::Play(options) => play::run(&root, &options),
        Task::Verify { quick } => verify::run(&root, quick),
        Task::Codegen { check } => codegen::run(&root, check),
        Task::Simulate { options } => simulate::run(&root, &options),
        Task::Layout => layout::report(&root).map(|report| {
            println!("{report}");
            true
        }),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's root: two folders above this crate.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}
