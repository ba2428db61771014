//! What a server does to itself that was built with the feature `sabotage`: a deliberate defect, a death at a named point.
#![expect(clippy::print_stderr, reason = "there may be no log yet, and this must not be overlooked")]

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use holdfast_front::failpoint;
use holdfast_front::sabotage::{Sabotage, set};

/// The variable that names the defect.
const DEFECT: &str = "HOLDFAST_SABOTAGE";

/// The variable that names the file in which failpoints are armed.
const FAILPOINTS: &str = "HOLDFAST_FAILPOINT";

/// Turns on what the environment names.
///
/// # Errors
/// Where no defect has that name.
pub(super) fn set_from_environment() -> Result<(), Box<dyn Error>> {
    let named = match std::env::var(DEFECT) {
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
            "WARNING: this server can be made to break its promises ({DEFECT}); it is for tests alone."
        ),
    }
    if let Some(file) = std::env::var_os(FAILPOINTS) {
        eprintln!("WARNING: this server KILLS ITSELF where {} says.", Path::new(&file).display());
        failpoint::arm_from(file.into());
    }
    Ok(())
}

/// The end of a server that does not know what is asked of it.
pub(super) fn refuse(error: &dyn Error) -> ExitCode {
    eprintln!("{DEFECT}: {error}");
    ExitCode::FAILURE
}
