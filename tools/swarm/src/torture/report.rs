//! What a torture found, as a table for people and as JSON for programs.

use std::fmt;
use std::time::Duration;

use holdfast_devstack::proxy::Window;
use serde_json::{Value, json};

use super::fault::Kind;
use super::memory::Memory;
use super::{Fault, TortureOptions};
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

/// What became of the ownerships of a world that was taken over again and again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ownerships {
    /// How many there were.
    pub count: usize,
    /// How many writes of one are known that was over by then.
    pub late_writes: u64,
    /// How many frames of one arrived at any client after the first frame of a later one.
    pub late_frames: u64,
    /// How many frames came to those who stay with a server whatever becomes of it. Zero proves nothing.
    pub listened: u64,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct TortureReport {
    /// The world.
    pub world: World,
    /// The seed that was used.
    pub seed: u64,
    /// What was done to it.
    pub fault: Fault,
    /// How often.
    pub struck_count: usize,
    /// In which windows, where it strikes in windows.
    pub faults: FaultCount,
    /// How long it took, in ascending order once all is over: from the fault to the next accepted action, at the new
    /// owner where there is one; and where the fault takes the store, from its return until all that waited is answered.
    pub recoveries: Vec<Duration>,
    /// What became of the ownerships, where the fault takes the world from its owner.
    pub ownerships: Option<Ownerships>,
    /// What the server's process held, where the fault takes the store from it.
    pub memory: Option<Memory>,
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
            fault: options.fault,
            struck_count: 0,
            faults: FaultCount::default(),
            recoveries: Vec::new(),
            ownerships: None,
            memory: None,
            stuck_bots: 0,
            ended_bots: 0,
            paused_count: 0,
            divergence_count: 0,
            findings: None,
        }
    }

    pub(super) fn struck(&mut self) {
        self.struck_count += 1;
    }

    pub(super) fn struck_in(&mut self, window: Window) {
        self.struck();
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
            // In the ledger every invariant has something to look at, unless it needs what a torture cannot offer.
            Some(findings) => failures.extend(findings.failures(self.world == World::Ledger)),
        }
        let ownerships = self.ownerships.unwrap_or_default();
        if self.ownerships.is_some() && ownerships.listened == 0 {
            failures.push("Nobody listened to an owner that had lost the world.".to_owned());
        }
        for (count, what) in [
            (u64::try_from(self.stuck_bots).unwrap_or(u64::MAX), "bots are without an answer"),
            (self.ended_bots, "bots ended"),
            (self.divergence_count, "copies went wrong"),
            (ownerships.late_writes, "writes of an owner that had lost the world"),
            (ownerships.late_frames, "frames of an owner that had lost the world"),
        ] {
            if count > 0 {
                failures.push(format!("{count} {what}."));
            }
        }
        failures
    }

    /// The recovery time that so many of 100 recoveries took at most, once all is over.
    #[must_use]
    pub fn recovery(&self, percent: usize) -> Option<Duration> {
        let rank = (self.recoveries.len() * percent).div_ceil(100);
        self.recoveries.get(rank.saturating_sub(1)).copied()
    }

    /// Whether every promise was kept.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.failures().is_empty()
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
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
            "fault": self.fault.name(),
            "struck": self.struck_count,
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
                "p50": self.recovery(50).map(ms),
                "p95": self.recovery(95).map(ms),
                "max": self.recovery(100).map(ms),
            },
            "ownerships": self.ownerships.map(|ownerships| json!({
                "count": ownerships.count, "late_writes": ownerships.late_writes,
                "late_frames": ownerships.late_frames, "listened": ownerships.listened,
            })),
            "server_rss_bytes": self.memory.map(|memory| json!({
                "before": memory.before_bytes, "peak": memory.peak_bytes,
            })),
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
        write!(f, "{}, seed {}: ", self.world.game(), self.seed)?;
        match self.fault.kind() {
            Kind::Window => writeln!(
                f,
                "{} faults before a flush was forwarded, {} before its reply",
                self.faults.before_forward, self.faults.before_reply
            )?,
            Kind::Takeover | Kind::Store => writeln!(f, "{} times {}", self.struck_count, self.fault.name())?,
        }
        if let Some(findings) = &self.findings {
            write!(f, "{findings}")?;
        }
        if let (Some(median), Some(most), Some(longest)) =
            (self.recovery(50), self.recovery(95), self.recovery(100))
        {
            let span = match self.fault.kind() {
                Kind::Window => "from fault to the next accepted action",
                Kind::Takeover => "from fault to the first accepted action at the new owner",
                Kind::Store => "from the store's return until all that waited is answered",
            };
            writeln!(f, "  {span}: {median:.2?} (p50), {most:.2?} (p95), {longest:.2?} (longest)")?;
        }
        if let Some(Ownerships { count, late_writes, late_frames, listened }) = self.ownerships {
            writeln!(
                f,
                "  ownerships: {count}; of those that were over: {late_writes} writes, {late_frames} frames (listeners heard {listened})"
            )?;
        }
        if let Some(Memory { before_bytes, peak_bytes }) = self.memory {
            let mib = |bytes: u64| bytes / (1024 * 1024);
            writeln!(
                f,
                "  the server's memory: {} MiB before, {} MiB at most",
                mib(before_bytes),
                mib(peak_bytes)
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
    #[test]
    fn an_owner_that_is_heard_of_after_it_lost_the_world_fails_the_run() {
        let mut report = TortureReport::new(&TortureOptions::new(World::Village, 1, 1));
        let history = History::default();
        report.finish(&history, check(&history, &Beginning::default(), &FinalState::default()));
        for (ownerships, failure) in [
            (Ownerships { late_writes: 2, listened: 1, ..Ownerships::default() }, "2 writes of an owner"),
            (Ownerships { late_frames: 1, listened: 1, ..Ownerships::default() }, "1 frames of an owner"),
            (Ownerships::default(), "Nobody listened"),
        ] {
            report.ownerships = Some(ownerships);
            let failures = report.failures();
            assert!(failures.len() == 1 && failures[0].starts_with(failure), "{failures:?}");
        }
        report.ownerships = Some(Ownerships { listened: 1, ..Ownerships::default() });
        assert!(report.holds());
    }

    #[test]
    fn recovery_times_are_those_that_were_measured() {
        let mut report = TortureReport::new(&TortureOptions::new(World::Village, 1, 1));
        assert_eq!(report.recovery(50), None);
        report.recoveries = (1..=20).map(Duration::from_secs).collect();
        let seconds = [50, 95, 100].map(|percent| report.recovery(percent).map(|time| time.as_secs()));
        assert_eq!(seconds, [Some(10), Some(19), Some(20)]);
    }
}
