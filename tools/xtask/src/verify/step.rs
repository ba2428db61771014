//! One step of `cargo verify`, and the account of all of them.
#![expect(clippy::print_stdout, reason = "a command talks to whoever called it")]

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// A command that must succeed.
pub(super) struct Step {
    name: &'static str,
    command: Command,
    quiet: bool,
}

impl Step {
    /// A step by its name, its program and that program's arguments.
    pub(super) fn new(name: &'static str, program: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments);
        Self { name, command, quiet: false }
    }

    /// Sets a variable of its environment.
    pub(super) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it in a folder of its own.
    pub(super) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Shows what it says only where it fails.
    pub(super) fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Held,
    Failed,
    Skipped,
}

struct Done {
    name: &'static str,
    outcome: Outcome,
    time: Duration,
    tests: Tests,
}

/// How many tests a step has run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tests {
    passed: u64,
    failed: u64,
}

/// What has been done so far.
pub(super) struct Steps {
    root: PathBuf,
    done: Vec<Done>,
}

impl Steps {
    /// None yet; they run in the folder `root`.
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), done: Vec::new() }
    }

    /// Runs a step, showing what it says as it says it, unless it is a quiet one. False where it failed.
    pub(super) fn run(&mut self, step: Step) -> Result<bool> {
        let Step { name, mut command, quiet } = step;
        println!("== {name}");
        let start = Instant::now();
        if std::io::stdout().is_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        if command.get_current_dir().is_none() {
            command.current_dir(&self.root);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("start the step `{name}`"))?;
        let mut tests = Tests::default();
        let mut unsaid = Vec::new();
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).split(b'\n') {
                let line = String::from_utf8_lossy(&line?).into_owned();
                tests.count(&line);
                if quiet {
                    unsaid.push(line);
                } else {
                    println!("{line}");
                }
            }
        }
        let held = child.wait()?.success();
        if !held {
            unsaid.iter().for_each(|line| println!("{line}"));
        }
        self.done_with(name, held, start, tests);
        Ok(held)
    }

    /// Runs a step that is a function. What it says, good or bad, is shown. False where it failed.
    pub(super) fn check(&mut self, name: &'static str, check: impl FnOnce() -> Result<String>) -> bool {
        println!("== {name}");
        let start = Instant::now();
        let outcome = check();
        match &outcome {
            Ok(text) => println!("{text}"),
            Err(error) => println!("{error:#}"),
        }
        self.done_with(name, outcome.is_ok(), start, Tests::default());
        outcome.is_ok()
    }

    /// Notes a step that makes no sense any more.
    pub(super) fn skip(&mut self, name: &'static str) {
        let (outcome, time, tests) = (Outcome::Skipped, Duration::ZERO, Tests::default());
        self.done.push(Done { name, outcome, time, tests });
    }

    fn done_with(&mut self, name: &'static str, held: bool, start: Instant, tests: Tests) {
        let outcome = if held { Outcome::Held } else { Outcome::Failed };
        let time = start.elapsed();
        println!("-- {name}: {} after {:.1} s\n", outcome.word(), time.as_secs_f64());
        self.done.push(Done { name, outcome, time, tests });
    }

    /// Prints the table and the closing line, and says whether all steps held. A step that failed counts as a failed
    /// test where no test of it did.
    pub(super) fn finish(self) -> bool {
        let mut sum = Tests::default();
        let mut time = Duration::ZERO;
        println!("{:<32} {:>8} {:>9}", "step", "", "seconds");
        for done in &self.done {
            println!("{:<32} {:>8} {:>9.1}", done.name, done.outcome.word(), done.time.as_secs_f64());
            time += done.time;
            sum.passed += done.tests.passed;
            sum.failed += match done.outcome {
                Outcome::Failed => done.tests.failed.max(1),
                Outcome::Held | Outcome::Skipped => done.tests.failed,
            };
        }
        println!("{:<32} {:>8} {:>9.1}\n", "all", "", time.as_secs_f64());
        println!("{} passed, {} failed", sum.passed, sum.failed);
        self.done.iter().all(|done| done.outcome == Outcome::Held)
    }
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
        }
    }
}

impl Tests {
    /// Adds what a line says, where it is the closing line of a test program.
    fn count(&mut self, line: &str) {
        let counts = match line.split_once("test result: ") {
            Some((_, counts)) => counts,
            // As vitest says it: `Tests  2 failed | 192 passed (194)`; and as playwright does: `  6 passed (1.2m)`.
            None => match line.trim_start().strip_prefix("Tests  ") {
                Some(counts) => counts,
                None if is_playwright(line) => line,
                None => return,
            },
        };
        for part in counts.split([';', '.', '|']) {
            let mut words = part.split_whitespace();
            if let (Some(number), Some(what)) =
                (words.next().and_then(|word| word.parse::<u64>().ok()), words.next())
            {
                match what {
                    "passed" => self.passed += number,
                    "failed" => self.failed += number,
                    _ => {}
                }
            }
        }
    }
}

/// Whether this is one of the closing lines of playwright: two blanks, a number, a word, and perhaps the time.
fn is_playwright(line: &str) -> bool {
    let Some(mut words) = line.strip_prefix("  ").map(|rest| rest.split(' ')) else { return false };
    words.next().is_some_and(|word| word.parse::<u64>().is_ok())
        && matches!(words.next(), Some("passed" | "failed"))
        && words.next().is_none_or(|word| word.starts_with('('))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_of_test_programs_are_added_up() {
        let mut tests = Tests::default();
        tests.count("test gate::tests::nothing_passes ... ok");
        tests.count(
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        );
        tests.count("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s");
        assert_eq!(tests, Tests { passed: 15, failed: 2 });
        tests.count("      Tests  1 failed | 193 passed (194)");
        assert_eq!(tests, Tests { passed: 208, failed: 3 });
        tests.count("  1 failed");
        tests.count("    browser/deploy.spec.ts:21:1 \u{203a} 5 passed over it");
        tests.count("  5 passed (1.2m)");
        assert_eq!(tests, Tests { passed: 213, failed: 4 });
    }

    #[test]
    fn a_step_that_failed_counts_and_the_others_still_run() {
        let mut steps = Steps::new(Path::new("/"));
        assert!(!steps.run(Step::new("no", Path::new("false"), &[])).unwrap());
        assert!(steps.run(Step::new("yes", Path::new("true"), &[])).unwrap());
        assert!(!steps.finish());
    }
}
