//! The program `devstack`: a development stack as a child of whoever is not written in Rust.

mod run;

use anyhow::Result;
use clap::{Parser, Subcommand};

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
}

fn main() -> Result<()> {
    match Cli::parse().task {
        Task::Run(options) => run::run(options),
    }
}
