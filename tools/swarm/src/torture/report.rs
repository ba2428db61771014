//! What a torture found, as a table for people and as JSON for programs.

use std::fmt;
use std::time::Duration;

use holdfast_devstack::proxy::Window;
use serde_json::{Value, json};

use super::TortureOptions;
use crate::world::World;
use holdfast_checker::Findings;
use holdfast_checker::History;

/// How many faults fell into which window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultCount {
    /// Nothing of the flush was committed.
    pub before_forward: usize,
    /// All of it was, and nobody knew.
    pub before_reply: usize,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct TortureReport {
    /// The world.
    pub world: World,
    /// The seed that was used.
    pub seed: u64,
    /// The faults.
    pub faults: FaultCount,
    /// How long it took from each fault to the next accepted action, in ascending order once all is over.
    pub recoveries: Vec<Duration>,
    /// How many bots still had actions without an answer when they had waited long enough.
    pub stuck_bots: usize,
    /// How many bots ended.
    pub ended_bots: u64,
    /// How often clients were told that the world stands still.
    pub paused_count: u64,
    /// How often a copy went wrong.
    pub divergence_count: u64,
    /// What the checker found; none until all is over.
    pub findings: Option<Findings>,
}

impl TortureReport {
    pub(super) fn new(options: &TortureOptions) -> Self {
        Self {
            world: options.world,
            seed: options.seed,
            faults: FaultCount::default(),
            recoveries: Vec::new(),
            stuck_bots: 0,
            ended_bots: 0,
            paused_count: 0,
            divergence_count: 0,
            findings: None,
        }
    }

    pub(super) fn struck(&mut self, window: Window) {
        match window {
            Window::BeforeForward => self.faults.before_forward += 1,
            Window::BeforeReply => self.faults.before_reply += 1,
        }
    }

    pub(super) fn recovered_after(&mut self, time: Duration) {
        self.recoveries.push(time);
    }

    pub(super) fn finish(&mut self, history: &History, findings: Findings) {
        self.recoveries.sort_unstable();
        self.ended_bots = history.ended_count;
        self.paused_count = history.paused_count;
        self.divergence_count = history.divergence_count;
        self.findings = Some(findings);
    }

    /// One sentence for each promise that was not kept.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        match &self.findings {
            None => failures.push("The run was not finished.".to_owned()),
            Some(findings) => {
                // In the ledger every invariant has something to look at, unless it needs what a torture cannot offer; and
                // a run that found nothing proves nothing.
                let blind = findings
                    .invariants
                    .iter()
                    .filter(|finding| self.world == World::Ledger && finding.looked_at == 0)
                    .filter(|finding| finding.missing.is_none());
                failures
                    .extend(blind.map(|finding| format!("{}: nothing was looked at.", finding.invariant)));
                let broken = findings.invariants.iter().filter(|finding| finding.is_broken());
                failures.extend(
                    broken.map(|finding| {
                        format!("{}: broken {} times.", finding.invariant, finding.breach_count)
                    }),
                );
            }
        }
        for (count, what) in [
            (u64::try_from(self.stuck_bots).unwrap_or(u64::MAX), "bots are without an answer"),
            (self.ended_bots, "bots ended"),
            (self.divergence_count, "copies went wrong"),
        ] {
            if count > 0 {
                failures.push(format!("{count} {what}."));
            }
        }
        failures
    }

    /// Whether every promise was kept.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.failures().is_empty()
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let ms = |time: &Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let findings = self.findings.as_ref();
        let invariants: Vec<_> = findings
            .iter()
            .flat_map(|findings| &findings.invariants)
            .map(|finding| {
                json!({
                    "invariant": finding.invariant, "looked_at": finding.looked_at,
                    "outcome": finding.outcome().to_string(), "not_looked_at_without": finding.missing,
                    "broken": finding.breach_count, "breaches": finding.breaches,
                })
            })
            .collect();
        json!({
            "world": self.world.game(),
            "seed": self.seed,
            "faults": {
                "before_forward": self.faults.before_forward, "before_reply": self.faults.before_reply,
            },
            "actions": {
                "accepted": findings.map(|findings| findings.accepted),
                "rejected": findings.map(|findings| findings.rejected),
                "unanswered": findings.map(|findings| findings.open),
            },
            "lost": findings.map(|findings| findings.lost),
            "duplicated": findings.map(|findings| findings.duplicated),
            "reordered": findings.map(|findings| findings.reordered),
            "recovery_ms": {
                "p50": self.recoveries.get(self.recoveries.len() / 2).map(ms),
                "max": self.recoveries.last().map(ms),
            },
            "stuck_bots": self.stuck_bots,
            "ended_bots": self.ended_bots,
            "paused": self.paused_count,
            "divergences": self.divergence_count,
            "invariants": invariants,
            "holds": self.holds(),
        })
    }
}

impl fmt::Display for TortureReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}, seed {}: {} faults before a flush was forwarded, {} before its reply",
            self.world.game(),
            self.seed,
            self.faults.before_forward,
            self.faults.before_reply
        )?;
        if let Some(findings) = &self.findings {
            writeln!(
                f,
                "  actions: {} accepted, {} rejected, {} without an end",
                findings.accepted, findings.rejected, findings.open
            )?;
            for finding in &findings.invariants {
                writeln!(f, "  {finding}")?;
            }
        }
        if let (Some(median), Some(longest)) =
            (self.recoveries.get(self.recoveries.len() / 2), self.recoveries.last())
        {
            writeln!(
                f,
                "  from fault to the next accepted action: {median:.1?} (median), {longest:.1?} (longest)"
            )?;
        }
        writeln!(
            f,
            "  bots: {} without an answer, {} ended; copies went wrong {} times; told to pause {} times",
            self.stuck_bots, self.ended_bots, self.divergence_count, self.paused_count
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_checker::{Beginning, FinalState, check};

    #[test]
    fn a_run_that_looked_at_nothing_fails() {
        let mut report = TortureReport::new(&TortureOptions::new(World::Ledger, 1, 1));
        assert_eq!(report.failures(), ["The run was not finished."]);
        let history = History::default();
        report.finish(&history, check(&history, &Beginning::default(), &FinalState::default()));
        assert_eq!(report.failures().len(), 15, "{:#?}", report.failures());
        assert!(!report.holds());
    }

    #[test]
    fn a_bot_that_was_left_behind_fails_the_run() {
        let mut report = TortureReport::new(&TortureOptions::new(World::Village, 1, 1));
        let history = History::default();
        report.finish(&history, check(&history, &Beginning::default(), &FinalState::default()));
        assert!(report.holds());
        report.stuck_bots = 1;
        assert_eq!(report.failures(), ["1 bots are without an answer."]);
    }
}
