//! Which deliberate defect a server has that was built with the feature `sabotage`.
#![expect(clippy::print_stderr, reason = "there may be no log yet, and this must not be overlooked")]

use std::error::Error;
use std::process::ExitCode;

use holdfast_front::sabotage::{Sabotage, set};

/// The variable that names the defect.
const VARIABLE: &str = "HOLDFAST_SABOTAGE";

/// Turns on what the environment names.
///
/// # Errors
/// Where no defect has that name.
pub(super) fn set_from_environment() -> Result<(), Box<dyn Error>> {
    let named = match std::env::var(VARIABLE) {
        Ok(name) => Some(name.parse::<Sabotage>()?),
        Err(std::env::VarError::NotPresent) => None,
        Err(error) => return Err(error.into()),
    };
    set(named);
    match named {
        Some(sabotage) => {
            eprintln!(
                "WARNING: this server is built to BREAK ITS PROMISES, by sabotage {sabotage}. Play nothing in it."
            );
        }
        None => eprintln!(
            "WARNING: this server can be made to break its promises ({VARIABLE}); it is for tests alone."
        ),
    }
    Ok(())
}

/// The end of a server that does not know what is asked of it.
pub(super) fn refuse(error: &dyn Error) -> ExitCode {
    eprintln!("{VARIABLE}: {error}");
    ExitCode::FAILURE
}
