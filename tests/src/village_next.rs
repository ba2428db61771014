//! The village's server under another deployment's name, and so with another build id: what the tests deploy while
//! people play.

use std::process::ExitCode;

fn main() -> ExitCode {
    holdfast::run::<village::Village>(Some("next"))
}
