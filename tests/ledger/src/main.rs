//! The ledger's server.

use std::process::ExitCode;

fn main() -> ExitCode {
    holdfast::run::<ledger::Ledger>(option_env!("HOLDFAST_BUILD"))
}
