//! What a storm was like, as a table for people and as JSON for programs.

use std::collections::BTreeMap;
use std::fmt;

use holdfast_checker::Findings;
use serde_json::{Value, json};

use super::{Comeback, Ticks, comeback};
use crate::lateness;
use crate::times::Percentiles;
use crate::trial;
use crate::world::World;

/// Within what time the last must be back, in milliseconds.
const BACK_MAX_MS: f64 = 10_000.0;

/// How many ticks must have been due meanwhile for their share to say anything: as many as a second has.
pub(super) const TICKS_MIN: u64 = 20;

/// The greatest share of the ticks that may be late meanwhile.
const LATE_SHARE_MAX: f64 = 0.05;

/// What came out.
#[derive(Clone, Debug)]
pub struct StormReport {
    /// The world.
    pub world: World,
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
    /// How many bots still had actions without an answer when they had waited long enough.
    pub stuck_bots: usize,
    /// How many clients ended: they were refused for good, or gave up.
    pub ended_count: u64,
    /// How often a copy went wrong.
    pub divergence_count: u64,
    /// What the world made of the time until all were back, as those saw it who were spared; none where the server was
    /// away.
    pub ticks: Option<Ticks>,
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
        let wanted = comeback::name(self.comeback.brings());
        let others = self.back_count - self.resyncs.get(wanted).copied().unwrap_or(0).min(self.back_count);
        if others > 0 {
            failures.push(format!("{others} came back with something else than: {wanted}."));
        }
        failures.extend(self.lost_ticks());
        // Who is gone for good hears of no answer any more.
        let open = if self.comeback == Comeback::Cold { 0 } else { self.findings.open };
        let count = |count| u64::try_from(count).unwrap_or(u64::MAX);
        for (count, what) in [
            (count(self.stuck_bots), "bots are without an answer"),
            (count(open), "actions are without an end"),
            (self.ended_count, "clients ended"),
            (self.divergence_count, "copies went wrong"),
        ] {
            if count > 0 {
                failures.push(format!("{count} {what}."));
            }
        }
        failures.extend(trial::failures(self.world, &self.findings));
        failures
    }

    fn lost_ticks(&self) -> Option<String> {
        let ticks = self.ticks?;
        let Ticks { due, missing, .. } = ticks;
        if due < TICKS_MIN {
            return Some(format!("Only {due} ticks were due meanwhile."));
        }
        (ticks.late_share() > LATE_SHARE_MAX).then(|| format!("{missing} of {due} ticks are missing."))
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "world": self.world.game(), "seed": self.seed, "sessions": self.sessions, "comeback": self.comeback.name(),
            "back": self.back_count, "back_ms": self.back_ms, "resyncs": self.resyncs, "refusals": self.refusals,
            "stuck": self.stuck_bots, "ended": self.ended_count, "divergences": self.divergence_count,
            "ticks": self.ticks.map(|ticks| json!({
                "due": ticks.due, "missing": ticks.missing, "late_share": ticks.late_share(),
                "seen": ticks.seen, "arrived_late": ticks.arrived_late,
                "longest_gap_ms": ticks.longest_gap_ms,
            })),
            "generator_lateness_ms": self.generator_ms,
            "findings": trial::to_json(&self.findings),
            "failures": self.failures(),
        })
    }
}

impl fmt::Display for StormReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let back_ms = self.back_ms;
        writeln!(
            f,
            "{}, seed {}: {} cut off at once, {}",
            self.world.game(),
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
        match self.ticks {
            Some(ticks) => writeln!(
                f,
                "  ticks              {} of {} missing ({:.1} %); of {} seen, {} arrived late; longest gap {} ms",
                ticks.missing,
                ticks.due,
                ticks.late_share() * 100.0,
                ticks.seen,
                ticks.arrived_late,
                ticks.longest_gap_ms
            ),
            None => writeln!(f, "  ticks              not judged: the server was away"),
        }?;
        let late = self.generator_ms;
        writeln!(
            f,
            "  generator's delay  {:.1} ms (p50), {:.1} ms (p95), {:.1} ms (longest)",
            late.p50, late.p95, late.max
        )?;
        writeln!(
            f,
            "  clients            {} without an answer, {} ended, {} copies went wrong",
            self.stuck_bots, self.ended_count, self.divergence_count
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
        findings.invariants.iter_mut().for_each(|finding| finding.looked_at = 1);
        StormReport {
            world: World::Ledger,
            seed: 1,
            sessions: 2,
            comeback: Comeback::Resumed,
            back_count: 2,
            back_ms: Percentiles { max: 10_000.0, ..Percentiles::default() },
            resyncs: BTreeMap::from([("delta".to_owned(), 2)]),
            refusals: BTreeMap::new(),
            stuck_bots: 0,
            ended_count: 0,
            divergence_count: 0,
            ticks: Some(Ticks { due: 100, missing: 5, ..Ticks::default() }),
            generator_ms: Percentiles::default(),
            findings,
        }
    }

    #[test]
    fn each_bound_fails_by_itself() {
        assert_eq!(good().failures(), Vec::<String>::new());
        let ticks = |due, missing| Some(Ticks { due, missing, ..Ticks::default() });
        assert_eq!(StormReport { ticks: ticks(20, 1), ..good() }.failures(), Vec::<String>::new());
        for (due, missing) in [(100, 6), (19, 0), (0, 0)] {
            let report = StormReport { ticks: ticks(due, missing), ..good() };
            assert_eq!(report.failures().len(), 1, "{due}: {:?}", report.failures());
        }
        let spoil: [fn(&mut StormReport); 10] = [
            |report| report.back_count = 1,
            |report| report.back_ms.max = 10_001.0,
            |report| report.resyncs = BTreeMap::from([("snapshot_expired".to_owned(), 2)]),
            |report| report.stuck_bots = 1,
            |report| report.findings.open = 1,
            |report| report.findings.invariants[0].looked_at = 0,
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

    #[test]
    fn what_is_right_depends_on_how_they_come_back() {
        let mut cold = StormReport { comeback: Comeback::Cold, ..good() };
        cold.findings.open = 1;
        assert_eq!(
            cold.failures().len(),
            1,
            "fresh clients hold nothing to build upon: {:?}",
            cold.failures()
        );
        cold.resyncs = BTreeMap::from([("snapshot_fresh".to_owned(), 2)]);
        assert_eq!(cold.failures(), Vec::<String>::new(), "who is gone hears of no answer");
        cold.stuck_bots = 1;
        assert_eq!(cold.failures().len(), 1);
        let restarted = StormReport { comeback: Comeback::Restarted, ticks: None, ..good() };
        assert_eq!(restarted.failures(), Vec::<String>::new());
        assert!(restarted.to_string().contains("not judged"), "{restarted}");
    }
}
