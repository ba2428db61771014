//! The ledger's server with deliberate defects, one of which `HOLDFAST_SABOTAGE` turns on. It exists so that the tests
//! which look for broken promises can be seen to find some.

use std::process::ExitCode;

fn main() -> ExitCode {
    holdfast::run::<ledger::Ledger>(option_env!("HOLDFAST_BUILD"))
}
