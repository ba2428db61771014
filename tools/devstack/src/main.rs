//! The program `devstack`: a development stack as a child of whoever is not written in Rust, and the one that people
//! play on.

mod run;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use holdfast_devstack::play::{self, PlayOptions};

/// A development stack.
#[derive(Parser)]
#[command(name = "devstack")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Starts a stack and serves it until the standard input ends, for programs in other languages.
    #[command(long_about = run::ABOUT)]
    Run(run::Options),
    /// Starts a world to play in, with sign-in and page, and keeps it: what `cargo play` runs after it has built
    /// everything.
    Play(PlayOptions),
}

fn main() -> Result<ExitCode> {
    match Cli::parse().task {
        Task::Run(options) => run::run(options).map(|()| ExitCode::SUCCESS),
        Task::Play(options) => Ok(play::run(&options)),
    }
}
