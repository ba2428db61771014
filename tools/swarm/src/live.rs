//! A line that tells how far a torture has come: rewritten in place on a terminal, else one line for each fault.

use std::io::{self, IsTerminal as _, Write as _};

use holdfast_swarm::torture::Progress;

use crate::say;

/// Back to the beginning of the line, which is then empty.
const ANEW: &str = "\r\x1b[K";

/// The line.
pub(crate) struct LiveLine {
    is_terminal: bool,
}

impl LiveLine {
    /// Nothing is shown yet.
    pub(crate) fn new() -> Self {
        Self { is_terminal: io::stdout().is_terminal() }
    }

    /// Shows how far it has come.
    pub(crate) fn show(&mut self, progress: &Progress) {
        if self.is_terminal {
            let mut out = io::stdout();
            // Where nobody reads it any more the run goes on.
            let _ = write!(out, "{ANEW}{progress}").and_then(|()| out.flush());
        } else if progress.is_new {
            say(&progress.to_string());
        }
    }

    /// What is said next stands in the next line.
    pub(crate) fn end(&mut self) {
        if self.is_terminal {
            say("");
        }
    }
}
