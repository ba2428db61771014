//! A load's figures, as a table for people and as JSON for programs.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::measure::Measure;
use crate::usage::Usage;
use crate::world::World;

/// What the bots cannot measure themselves.
pub(super) struct Circumstances {
    pub(super) world: World,
    pub(super) sessions: usize,
    pub(super) span: Duration,
    pub(super) bytes_received: u64,
    pub(super) entities_in_view: usize,
    pub(super) divergences: u64,
    pub(super) reconnects: u64,
    pub(super) server: Option<Usage>,
    pub(super) postgres: Option<Usage>,
    pub(super) generator: Usage,
}

/// How a time is distributed, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// How many were measured.
    pub count: u64,
    /// Half took no longer.
    pub p50: f64,
    /// 95 of 100 took no longer.
    pub p95: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
    /// None took longer.
    pub max: f64,
}

impl Percentiles {
    /// Those of these times; all zero where there are none.
    #[must_use]
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100);
            times.get(rank.saturating_sub(1)).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
        };
        let count = u64::try_from(times.len()).unwrap_or(u64::MAX);
        Self { count, p50: at(50), p95: at(95), p99: at(99), max: at(100) }
    }
}

/// What became of the actions.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Actions {
    /// Handed to a client that could take them.
    pub sent: u64,
    /// Those that took effect.
    pub accepted: u64,
    /// Those that a rule refused.
    pub rejected: u64,
    /// Those without an answer when all was over, and those that no client could take any more.
    pub unanswered: u64,
    /// Which rules refused how many.
    pub rejected_by: BTreeMap<String, u64>,
}

/// What the load generator cost, and whether it kept to its own schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Generator {
    /// Its processor cores and memory.
    #[serde(flatten)]
    pub usage: Usage,
    /// How much later than intended actions were handed over.
    pub lateness_ms: Percentiles,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LoadReport {
    /// The world's game.
    pub world: String,
    /// How many bots played.
    pub sessions: usize,
    /// For how long, in seconds.
    pub seconds: f64,
    /// What became of the actions.
    pub actions: Actions,
    /// From an action's intended time to its verdict.
    pub latency_ms: Percentiles,
    /// From an action's intended time to a neighbour's decoded delta.
    pub propagation_ms: Percentiles,
    /// From the beginning of a connection to the first whole state.
    pub first_state_ms: Percentiles,
    /// How many entities the median bot has in view.
    pub entities_in_view: usize,
    /// The share of the actions that has an answer.
    pub answered_share: f64,
    /// The share of the answers that accept.
    pub accepted_share: f64,
    /// Answers a second.
    pub throughput_per_s: f64,
    /// Bytes that one session receives in a second.
    pub bytes_per_session_s: f64,
    /// How often a copy went wrong.
    pub divergences: u64,
    /// How often a bot had to connect again.
    pub reconnects: u64,
    /// What the server cost, where it is ours.
    pub server: Option<Usage>,
    /// What PostgreSQL cost, where it is ours.
    pub postgres: Option<Usage>,
    /// What the bots cost.
    pub generator: Generator,
}

impl Measure {
    /// The figures, when all is over.
    pub(super) fn report(&self, circumstances: &Circumstances) -> LoadReport {
        let figures = self.figures();
        let rejected: u64 = figures.rejected.values().sum();
        let answered = figures.accepted + rejected;
        let open = u64::try_from(figures.open.len()).unwrap_or(u64::MAX);
        let unanswered = open + figures.unsent + figures.given_up;
        let seconds = circumstances.span.as_secs_f64();
        let session_seconds = seconds * float(u64::try_from(circumstances.sessions).unwrap_or(u64::MAX));
        LoadReport {
            world: circumstances.world.game().to_owned(),
            sessions: circumstances.sessions,
            seconds,
            actions: Actions {
                sent: figures.sent,
                accepted: figures.accepted,
                rejected,
                unanswered,
                rejected_by: figures
                    .rejected
                    .iter()
                    .map(|(code, count)| (circumstances.world.code_name(*code), *count))
                    .collect(),
            },
            latency_ms: percentiles(&figures.latency),
            propagation_ms: percentiles(&figures.propagation),
            first_state_ms: percentiles(&figures.first_state),
            entities_in_view: circumstances.entities_in_view,
            answered_share: share(answered, answered + unanswered),
            accepted_share: share(figures.accepted, answered),
            throughput_per_s: ratio(float(answered), seconds),
            bytes_per_session_s: ratio(float(circumstances.bytes_received), session_seconds),
            divergences: circumstances.divergences,
            reconnects: circumstances.reconnects,
            server: circumstances.server,
            postgres: circumstances.postgres,
            generator: Generator {
                usage: circumstances.generator,
                lateness_ms: percentiles(&figures.lateness),
            },
        }
    }
}

fn percentiles(histogram: &Histogram<u64>) -> Percentiles {
    let at = |quantile| float(histogram.value_at_quantile(quantile)) / 1_000.0;
    Percentiles {
        count: histogram.len(),
        p50: at(0.5),
        p95: at(0.95),
        p99: at(0.99),
        max: float(histogram.max()) / 1_000.0,
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people: 52 bits are plenty")]
fn float(number: u64) -> f64 {
    number as f64
}

fn share(part: u64, whole: u64) -> f64 {
    ratio(float(part), float(whole))
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actions = &self.actions;
        writeln!(f, "{}: {} sessions for {:.1} s", self.world, self.sessions, self.seconds)?;
        writeln!(
            f,
            "  actions            {} sent, {} accepted ({:.1} %), {} rejected, {} unanswered",
            actions.sent,
            actions.accepted,
            self.accepted_share * 100.0,
            actions.rejected,
            actions.unanswered
        )?;
        for (code, count) in &actions.rejected_by {
            writeln!(f, "    rejected         {count} × {code}")?;
        }
        writeln!(f, "  in ms                   p50       p95       p99       max     count")?;
        for (name, times) in [
            ("verdict", &self.latency_ms),
            ("neighbour's delta", &self.propagation_ms),
            ("first state", &self.first_state_ms),
            ("generator's delay", &self.generator.lateness_ms),
        ] {
            writeln!(
                f,
                "  {name:<18} {:>8.1}  {:>8.1}  {:>8.1}  {:>8.1}  {:>8}",
                times.p50, times.p95, times.p99, times.max, times.count
            )?;
        }
        writeln!(f, "  entities in view   {} (median)", self.entities_in_view)?;
        writeln!(f, "  answers            {:.1} a second", self.throughput_per_s)?;
        writeln!(f, "  received           {:.0} bytes a session and second", self.bytes_per_session_s)?;
        writeln!(f, "  divergences        {}, reconnects {}", self.divergences, self.reconnects)?;
        for (name, usage) in
            [("server", self.server), ("postgres", self.postgres), ("generator", Some(self.generator.usage))]
        {
            if let Some(usage) = usage {
                let mib = float(usage.rss_bytes) / (1024.0 * 1024.0);
                writeln!(f, "  {name:<18} {:.2} cores, {mib:.0} MiB", usage.cpu_cores)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times = (1..=20).rev().map(Duration::from_millis).collect();
        let all = Percentiles { count: 20, p50: 10.0, p95: 19.0, p99: 20.0, max: 20.0 };
        assert_eq!(Percentiles::of(times), all);
        assert_eq!(Percentiles::of(Vec::new()), Percentiles::default());
    }
}
