//! What a storm was like, as a table for people and as JSON for programs.

use std::collections::BTreeMap;
use std::fmt;

use holdfast_checker::Findings;
use serde_json::{Value, json};

use super::{Comeback, Ticks};
use crate::lateness;
use crate::load::Percentiles;
use crate::trial;

/// Within what time the last must be back, in milliseconds.
const BACK_MAX_MS: f64 = 10_000.0;

/// The greatest share of the ticks that may be late meanwhile.
const LATE_SHARE_MAX: f64 = 0.05;

/// What came out.
#[derive(Clone, Debug)]
pub struct StormReport {
    /// The world's game.
    pub world: &'static str,
    /// The seed that was used.
    pub seed: u64,
    /// How many were cut off.
    pub sessions: usize,
    /// How they came back.
    pub comeback: Comeback,
    /// How many did.
    pub back_count: usize,
    /// After how long: from the moment in which all were cut off until a client had been welcomed and had the world as it
    /// is.
    pub back_ms: Percentiles,
    /// How many were brought what: a delta, or a snapshot and why.
    pub resyncs: BTreeMap<String, usize>,
    /// How often somebody was told to come again, by code. What is refused before there is a WebSocket is not among
    /// these.
    pub refusals: BTreeMap<String, u64>,
    /// How many clients ended: they were refused for good, or gave up.
    pub ended_count: u64,
    /// How often a copy went wrong.
    pub divergence_count: u64,
    /// What the world made of the time until all were back, as those saw it who were spared.
    pub ticks: Ticks,
    /// How late this process was itself meanwhile.
    pub generator_ms: Percentiles,
    /// What the checker found.
    pub findings: Findings,
}

impl StormReport {
    /// One sentence for each bound that does not hold.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let mut failures: Vec<_> = lateness::spoils(self.generator_ms).into_iter().collect();
        if self.back_count < self.sessions {
            failures.push(format!("{} did not come back.", self.sessions - self.back_count));
        }
        if self.back_ms.max > BACK_MAX_MS {
            failures.push(format!("The last came back after {:.1} s.", self.back_ms.max / 1_000.0));
        }
        if self.ticks.due == 0 {
            failures.push("Nobody saw a tick meanwhile.".to_owned());
        } else if self.ticks.late_share() > LATE_SHARE_MAX {
            failures.push(format!("{} of {} ticks are missing.", self.ticks.missing, self.ticks.due));
        }
        for (count, what) in
            [(self.ended_count, "clients ended"), (self.divergence_count, "copies went wrong")]
        {
            if count > 0 {
                failures.push(format!("{count} {what}."));
            }
        }
        failures.extend(trial::failures(&self.findings));
        failures
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "world": self.world, "seed": self.seed, "sessions": self.sessions, "comeback": self.comeback.name(),
            "back": self.back_count, "back_ms": self.back_ms, "resyncs": self.resyncs, "refusals": self.refusals,
            "ended": self.ended_count, "divergences": self.divergence_count,
            "ticks": {
                "due": self.ticks.due, "missing": self.ticks.missing, "late_share": self.ticks.late_share(),
                "seen": self.ticks.seen, "arrived_late": self.ticks.arrived_late,
                "longest_gap_ms": self.ticks.longest_gap_ms,
            },
            "generator_lateness_ms": self.generator_ms,
            "findings": trial::to_json(&self.findings),
            "failures": self.failures(),
        })
    }
}

impl fmt::Display for StormReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { back_ms, ticks, .. } = self;
        writeln!(
            f,
            "{}, seed {}: {} cut off at once, {}",
            self.world,
            self.seed,
            self.sessions,
            self.comeback.name()
        )?;
        writeln!(
            f,
            "  back               {} of {}: {:.0} ms (p50), {:.0} ms (p95), {:.0} ms (longest)",
            self.back_count, self.sessions, back_ms.p50, back_ms.p95, back_ms.max
        )?;
        for (resync, count) in &self.resyncs {
            writeln!(f, "    brought          {count} × {resync}")?;
        }
        for (code, count) in &self.refusals {
            writeln!(f, "    told             {count} × {code}")?;
        }
        writeln!(
            f,
            "  ticks              {} of {} missing ({:.1} %); of {} seen, {} arrived late; longest gap {} ms",
            ticks.missing,
            ticks.due,
            ticks.late_share() * 100.0,
            ticks.seen,
            ticks.arrived_late,
            ticks.longest_gap_ms
        )?;
        let late = self.generator_ms;
        writeln!(
            f,
            "  generator's delay  {:.1} ms (p50), {:.1} ms (p95), {:.1} ms (longest)",
            late.p50, late.p95, late.max
        )?;
        writeln!(
            f,
            "  clients            {} ended, {} copies went wrong",
            self.ended_count, self.divergence_count
        )?;
        writeln!(f, "  actions            {}", trial::in_words(&self.findings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_checker::{Beginning, FinalState, History, check};

    fn good() -> StormReport {
        let mut findings = check(&History::default(), &Beginning::default(), &FinalState::default());
        findings.accepted = 1;
        StormReport {
            world: "ledger",
            seed: 1,
            sessions: 2,
            comeback: Comeback::Resumed,
            back_count: 2,
            back_ms: Percentiles { max: 10_000.0, ..Percentiles::default() },
            resyncs: BTreeMap::new(),
            refusals: BTreeMap::new(),
            ended_count: 0,
            divergence_count: 0,
            ticks: Ticks { due: 100, missing: 5, ..Ticks::default() },
            generator_ms: Percentiles::default(),
            findings,
        }
    }

    #[test]
    fn each_bound_fails_by_itself() {
        assert_eq!(good().failures(), Vec::<String>::new());
        let spoil: [fn(&mut StormReport); 8] = [
            |report| report.back_count = 1,
            |report| report.back_ms.max = 10_001.0,
            |report| report.ticks.missing = 6,
            |report| report.ticks.due = 0,
            |report| report.ended_count = 1,
            |report| report.divergence_count = 1,
            |report| report.generator_ms.p95 = 26.0,
            |report| report.findings.accepted = 0,
        ];
        for spoil in spoil {
            let mut report = good();
            spoil(&mut report);
            assert_eq!(report.failures().len(), 1, "{:?}", report.failures());
        }
    }
}
