//! The ledger's server with deliberate defects, one of which `HOLDFAST_SABOTAGE` turns on, and with points at which it
//! kills itself, which are armed in the file that `HOLDFAST_FAILPOINT` names. It exists so that the tests which look for
//! broken promises can be seen to find some, and so that it can die at instants that no clock would hit.

use std::process::ExitCode;

fn main() -> ExitCode {
    holdfast::run::<ledger::Ledger>(option_env!("HOLDFAST_BUILD"))
}
