//! The ledger's server with the gate taken out: what it tells people is not durable yet. It exists so that the tests
//! which look for lost acknowledgements can be seen to find some.

use std::process::ExitCode;

fn main() -> ExitCode {
    holdfast::run::<ledger::Ledger>(option_env!("HOLDFAST_BUILD"))
}
