//! What came of frames that must have no effect, as a table for people and as JSON for programs.

use std::fmt;
use std::time::Duration;

use holdfast_checker::Findings;
use serde_json::{Value, json};

use super::{Kind, Tally};
use crate::torture::Memory;
use crate::trial;
use crate::world::World;

/// By how much the server's memory may grow meanwhile, in bytes: sessions come and go, and nothing of what they sent is
/// kept.
const GROWTH_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What came out.
#[derive(Clone, Debug)]
pub struct FramesReport {
    /// The seed that was used.
    pub seed: u64,
    /// How many clients were rude.
    pub rude: usize,
    /// How many frames were asked for.
    pub wanted: u64,
    /// How long it took to send them.
    pub took: Duration,
    /// What was sent, and what was answered.
    pub tally: Tally,
    /// What the server's process held.
    pub memory: Memory,
    /// Whether the server that was there in the beginning is no longer there.
    pub server_ended: bool,
    /// How many ordinary bots still had actions without an answer when they had waited long enough.
    pub stuck_bots: usize,
    /// How many ordinary clients ended.
    pub ended_count: u64,
    /// How often a copy went wrong, of whomever.
    pub divergence_count: u64,
    /// What the checker found: of everybody, by what each did honestly.
    pub findings: Findings,
}

impl FramesReport {
    /// One sentence for each promise that was not kept.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        let sent = self.tally.tampered_count();
        if sent < self.wanted {
            failures.push(format!("{sent} frames were sent, not {}.", self.wanted));
        }
        let never = Kind::ALL.into_iter().filter(|kind| self.tally.of(*kind).sent == 0);
        failures.extend(never.map(|kind| format!("No frame was sent of the kind: {}.", kind.name())));
        if self.tally.wrong_count() > 0 {
            let example = self.tally.examples.first().map_or("", String::as_str);
            failures.push(format!("{} answers are wrong, as: {example}.", self.tally.wrong_count()));
        }
        if !self.memory.was_seen() {
            failures.push("Nobody could see the server's memory.".to_owned());
        }
        let growth = self.memory.growth_bytes();
        if growth > GROWTH_MAX_BYTES {
            failures.push(format!("The server's memory grew by {} KiB.", growth / 1024));
        }
        if self.server_ended {
            failures.push("The server ended.".to_owned());
        }
        let count = |count| u64::try_from(count).unwrap_or(u64::MAX);
        for (count, what) in [
            (count(self.stuck_bots), "bots are without an answer"),
            (count(self.findings.open), "actions are without an end"),
            (self.tally.lost, "connections were lost without a reason"),
            (self.ended_count, "ordinary clients ended"),
            (self.divergence_count, "copies went wrong"),
        ] {
            if count > 0 {
                failures.push(format!("{count} {what}."));
            }
        }
        failures.extend(trial::failures(World::Ledger, &self.findings));
        failures
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let kinds: Vec<_> = Kind::ALL
            .into_iter()
            .map(|kind| {
                let count = self.tally.of(kind);
                json!({
                    "kind": kind.name(), "allowed": kind.allowed(), "counted": kind.is_counted(),
                    "sent": count.sent,
                    "answers": count.answers, "wrong": count.wrong,
                })
            })
            .collect();
        json!({
            "seed": self.seed, "rude": self.rude, "wanted": self.wanted,
            "sent": self.tally.tampered_count(), "seconds": self.took.as_secs_f64(), "kinds": kinds,
            "stray": self.tally.stray, "lost": self.tally.lost, "visits": self.tally.visits,
            "examples": self.tally.examples,
            "server_rss_bytes": { "before": self.memory.before_bytes, "peak": self.memory.peak_bytes },
            "stuck": self.stuck_bots, "ended": self.ended_count, "divergences": self.divergence_count,
            "findings": trial::to_json(&self.findings),
            "failures": self.failures(),
        })
    }
}

impl fmt::Display for FramesReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = self.tally.tampered_count();
        writeln!(
            f,
            "ledger, seed {}: {sent} frames that must have no effect, over {} connections of {} clients, in {:.1?}",
            self.seed, self.tally.visits, self.rude, self.took
        )?;
        writeln!(f, "  {:<20} {:>9} {:>6}  answers", "kind", "sent", "wrong")?;
        for kind in Kind::ALL {
            let count = self.tally.of(kind);
            let answers: Vec<_> =
                count.answers.iter().map(|(answer, count)| format!("{count} {answer}")).collect();
            writeln!(
                f,
                "  {:<20} {:>9} {:>6}  {}",
                kind.name(),
                count.sent,
                count.wrong,
                answers.join(", ")
            )?;
            let uncounted = if kind.is_counted() { "" } else { "; not counted above" };
            writeln!(f, "  {:<20} {:>9} {:>6}  (allowed: {}{uncounted})", "", "", "", kind.allowed())?;
        }
        writeln!(f, "  {} answers to nothing, {} connections lost", self.tally.stray, self.tally.lost)?;
        for example in &self.tally.examples {
            writeln!(f, "    {example}")?;
        }
        let mib = |bytes: u64| bytes / (1024 * 1024);
        let Memory { before_bytes, peak_bytes } = self.memory;
        writeln!(
            f,
            "  the server's memory: {} MiB before, {} MiB at most",
            mib(before_bytes),
            mib(peak_bytes)
        )?;
        writeln!(
            f,
            "  clients: {} without an answer, {} ended, {} copies went wrong",
            self.stuck_bots, self.ended_count, self.divergence_count
        )?;
        writeln!(f, "  actions: {}", trial::in_words(&self.findings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_checker::{Beginning, FinalState, History, check};

    fn good() -> FramesReport {
        let mut findings = check(&History::default(), &Beginning::default(), &FinalState::default());
        findings.accepted = 1;
        findings.invariants.iter_mut().for_each(|finding| finding.looked_at = 1);
        let mut tally = Tally::default();
        Kind::ALL.into_iter().for_each(|kind| tally.sent(kind));
        FramesReport {
            seed: 1,
            rude: 1,
            wanted: 15,
            took: Duration::from_secs(1),
            tally,
            memory: Memory { before_bytes: 1, peak_bytes: 1 },
            server_ended: false,
            stuck_bots: 0,
            ended_count: 0,
            divergence_count: 0,
            findings,
        }
    }

    #[test]
    fn each_promise_fails_by_itself() {
        assert_eq!(good().failures(), Vec::<String>::new());
        let spoil: [fn(&mut FramesReport); 12] = [
            |report| report.wanted = 16,
            |report| report.tally.wrong(Kind::Gap, String::new),
            |report| report.tally.strayed(String::new),
            |report| report.tally.lost = 1,
            |report| report.memory.peak_bytes = GROWTH_MAX_BYTES + 2,
            |report| report.memory.before_bytes = 0,
            |report| report.stuck_bots = 1,
            |report| report.findings.open = 1,
            |report| report.findings.invariants[0].looked_at = 0,
            |report| report.server_ended = true,
            |report| report.divergence_count = 1,
            |report| report.findings.accepted = 0,
        ];
        for spoil in spoil {
            let mut report = good();
            spoil(&mut report);
            assert_eq!(report.failures().len(), 1, "{:?}", report.failures());
        }
        let never = FramesReport { tally: Tally::default(), wanted: 0, ..good() };
        assert_eq!(never.failures().len(), Kind::ALL.len());
    }
}
