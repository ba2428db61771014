//! The village's server.

use std::process::ExitCode;

fn main() -> ExitCode {
    holdfast::run::<village::Village>(option_env!("HOLDFAST_BUILD"))
}
