//! Writes the wire in other languages, from the Rust types' own schemas and documentation: the TypeScript codec, and
//! PROTOCOL.md, from which a stranger can write a client. `cargo xtask codegen` runs it.
//!
//! [`wire`] gathers what crosses the socket as [`model`] describes it, with the meanings that [`docs`] finds in the
//! sources; [`typescript`] and [`mod@reference`] write it down; [`output`] brings the result to the disk, or compares.

mod docs;
mod model;
mod names;
mod output;
mod reference;
mod typescript;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Writes the wire in other languages.
#[derive(Parser)]
struct Cli {
    /// The workspace's root.
    #[arg(long, default_value = ".")]
    root: PathBuf,
    /// Writes nothing; fails where a file is not what would be written.
    #[arg(long)]
    check: bool,
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to whoever called it")]
fn main() -> ExitCode {
    let Cli { root, check } = Cli::parse();
    let files = wire::Wire::of_village(&root).and_then(|wire| output::files(&root, &wire));
    let outcome = files
        .and_then(|files| if check { output::compare(&root, &files) } else { output::write(&root, &files) });
    match outcome {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
