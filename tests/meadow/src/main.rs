//! The meadow's server.

use std::process::ExitCode;

fn main() -> ExitCode {
    holdfast::run::<meadow::Meadow>(option_env!("HOLDFAST_BUILD"))
}
