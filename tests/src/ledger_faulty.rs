//! The faulty ledger's server.

use std::process::ExitCode;

fn main() -> ExitCode {
    holdfast::run::<holdfast_tests::faulty::FaultyLedger>(option_env!("HOLDFAST_BUILD"))
}
