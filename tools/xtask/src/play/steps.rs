//! The steps of a build, numbered and timed, for people who wait for them.
#![expect(clippy::print_stdout, reason = "a command talks to whoever called it")]

use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};

/// What has been done so far.
pub(super) struct Steps {
    count: u32,
    current: u32,
}

impl Steps {
    /// There will be `count`.
    pub(super) fn new(count: u32) -> Self {
        Self { count, current: 0 }
    }

    /// Runs a command whose own words are shown as it says them, cargo's progress among them. False where it failed.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub(super) fn run(&mut self, name: &str, mut command: Command) -> Result<bool> {
        self.announce(name);
        let start = Instant::now();
        let program = command.get_program().to_string_lossy().into_owned();
        let done = command.status().with_context(|| format!("start {program}"))?.success();
        self.done(name, start, done);
        Ok(done)
    }

    /// Runs a step that says nothing while it goes on. None where it failed; then why is shown.
    pub(super) fn quietly<T>(&mut self, name: &str, step: impl FnOnce() -> Result<T>) -> Option<T> {
        self.announce(name);
        let start = Instant::now();
        let outcome = step();
        if let Err(error) = &outcome {
            println!("{error:#}");
        }
        self.done(name, start, outcome.is_ok());
        outcome.ok()
    }

    /// Says that the next step begins.
    pub(super) fn announce(&mut self, name: &str) {
        self.current += 1;
        println!("{}/{} {name} ...", self.current, self.count);
    }

    fn done(&self, name: &str, start: Instant, done: bool) {
        let (seconds, word) = (start.elapsed().as_secs_f64(), if done { "" } else { "FAILED after " });
        println!("{}/{} {name}: {word}{seconds:.1} s", self.current, self.count);
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_step_that_fails_says_so_and_the_numbers_go_on() {
        let mut steps = Steps::new(3);
        assert!(!steps.run("no", Command::new("false")).unwrap());
        assert_eq!(steps.quietly("no either", || -> Result<()> { bail!("why not") }), None);
        assert_eq!(steps.quietly("yes", || Ok(1)), Some(1));
        assert_eq!(steps.current, 3);
        assert!(steps.run("none", Command::new("no-such-program")).is_err());
    }
}
