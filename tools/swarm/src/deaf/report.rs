//! What came of those who do not read, as a table for people and as JSON for programs.

use std::fmt;

use holdfast_protocol::{Code, ResyncKind};
use serde_json::{Value, json};

use super::Heard;
use crate::lateness;
use crate::times::Percentiles;
use crate::torture::Memory;

/// By how much the server's memory may grow for each that does not read, in bytes.
const GROWTH_EACH_MAX_BYTES: u64 = 256 * 1024;

/// How many times as long the others' verdicts may take.
const RATIO_MAX: f64 = 1.10;

/// Of whom something is bounded, what to say of those who break the bound, and who does.
type Bound<'a> = (&'a [Heard], &'static str, &'a dyn Fn(&Heard) -> bool);

/// What came out.
#[derive(Clone, Debug)]
pub struct DeafReport {
    /// The seed that was used.
    pub seed: u64,
    /// How many there were in all.
    pub sessions: usize,
    /// How many of them stopped reading.
    pub deaf: usize,
    /// What the server's process held.
    pub memory: Memory,
    /// From an action to its verdict while all read.
    pub before_ms: Percentiles,
    /// The same while half do not.
    pub during_ms: Percentiles,
    /// The same while some of these read again and the others are cut off.
    pub cutting_ms: Percentiles,
    /// What those heard who read again before the server's patience was over.
    pub short: Vec<Heard>,
    /// What those heard who did so long after.
    pub long: Vec<Heard>,
    /// How many actions of those who played never had a verdict.
    pub unanswered_count: usize,
    /// How often a copy of those who played went wrong.
    pub divergence_count: u64,
    /// How often one of those had to connect again.
    pub reconnect_count: u64,
    /// How late this process was itself meanwhile.
    pub generator_ms: Percentiles,
}

impl DeafReport {
    /// How many bytes the server's memory grew by, for each that did not read.
    #[must_use]
    pub fn growth_each_bytes(&self) -> u64 {
        self.memory.growth_bytes() / u64::try_from(self.deaf.max(1)).unwrap_or(u64::MAX)
    }

    /// How many times as long 95 of 100 verdicts took while half did not read.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.ratio_of(self.during_ms)
    }

    /// The same while those who still did not read were cut off.
    #[must_use]
    pub fn cutting_ratio(&self) -> f64 {
        self.ratio_of(self.cutting_ms)
    }

    fn ratio_of(&self, times: Percentiles) -> f64 {
        if self.before_ms.p95 > 0.0 { times.p95 / self.before_ms.p95 } else { f64::INFINITY }
    }

    /// One sentence for each bound that does not hold.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let mut failures: Vec<_> = lateness::spoils(self.generator_ms).into_iter().collect();
        if !self.memory.was_seen() {
            failures.push("Nobody could see the server's memory.".to_owned());
        }
        if self.growth_each_bytes() > GROWTH_EACH_MAX_BYTES {
            failures.push(format!("Each that does not read costs {} KiB.", self.growth_each_bytes() / 1024));
        }
        for (times, when) in
            [(self.during_ms, "while half did not read"), (self.cutting_ms, "while the slow were cut off")]
        {
            let ratio = self.ratio_of(times);
            if times.count == 0 {
                failures.push(format!("Nobody played {when}."));
            } else if ratio > RATIO_MAX {
                failures.push(format!("The others' p95 is {ratio:.2} times what it was, {when}."));
            }
        }
        failures.extend(self.of_the_deaf());
        let unanswered_count = u64::try_from(self.unanswered_count).unwrap_or(u64::MAX);
        for (count, what) in [
            (unanswered_count, "actions of the others never had a verdict"),
            (self.divergence_count, "copies went wrong"),
            (self.reconnect_count, "of the others had to come back"),
        ] {
            if count > 0 {
                failures.push(format!("{count} {what}."));
            }
        }
        failures
    }

    fn of_the_deaf(&self) -> Vec<String> {
        let slow = |heard: &Heard| heard.told.is_none_or(|code| code == Code::SLOW_READER);
        let resumed = |heard: &Heard| heard.resync == Some(ResyncKind::Delta);
        let bounds: [Bound<'_>; 10] = [
            (&self.short, "were not blocked: what they heard had not been held up", &|heard| {
                heard.coalesced_frames == 0
            }),
            (&self.short, "needed more than one large frame", &|heard| heard.coalesced_frames > 1),
            (&self.short, "were cut off before their time", &|heard| heard.was_cut),
            (&self.short, "did not get to the present", &|heard| !heard.is_current),
            (&self.short, "have a copy that went wrong", &|heard| heard.divergence_count > 0),
            (&self.long, "were never cut off", &|heard| !heard.was_cut),
            (&self.long, "were cut off for another reason", &|heard| heard.was_cut && !slow(heard)),
            (&self.long, "did not come back with one delta", &|heard| {
                heard.was_cut && (!resumed(heard) || heard.coalesced_frames != 1)
            }),
            (&self.long, "did not get to the present", &|heard| !heard.is_current),
            (&self.long, "have a copy that went wrong", &|heard| heard.divergence_count > 0),
        ];
        let counts =
            bounds.map(|(all, what, breaks)| (all.iter().filter(|heard| breaks(heard)).count(), what));
        let broken = counts.into_iter().filter(|(count, _)| *count > 0);
        broken.map(|(count, what)| format!("{count} of the deaf {what}.")).collect()
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let deaf = |all: &[Heard]| {
            json!({
                "count": all.len(),
                "cut": all.iter().filter(|heard| heard.was_cut).count(),
                "told_slow_reader": all.iter().filter(|heard| heard.told == Some(Code::SLOW_READER)).count(),
                "resumed_by_delta": all.iter().filter(|heard| heard.resync == Some(ResyncKind::Delta)).count(),
                "coalesced_frames": all.iter().map(|heard| heard.coalesced_frames).sum::<usize>(),
                "small_frames": all.iter().map(|heard| heard.small_frames).sum::<usize>(),
                "span_ticks_max": all.iter().map(|heard| heard.span_ticks).max(),
                "current": all.iter().filter(|heard| heard.is_current).count(),
            })
        };
        json!({
            "seed": self.seed, "sessions": self.sessions, "deaf": self.deaf,
            "server_rss_bytes": { "before": self.memory.before_bytes, "peak": self.memory.peak_bytes },
            "growth_each_bytes": self.growth_each_bytes(),
            "verdict_before_ms": self.before_ms, "verdict_during_ms": self.during_ms, "ratio": self.ratio(),
            "verdict_cutting_ms": self.cutting_ms, "cutting_ratio": self.cutting_ratio(),
            "unanswered": self.unanswered_count,
            "short": deaf(&self.short), "long": deaf(&self.long),
            "divergences": self.divergence_count, "reconnects": self.reconnect_count,
            "generator_lateness_ms": self.generator_ms,
            "failures": self.failures(),
        })
    }
}

impl fmt::Display for DeafReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "village, seed {}: {} of {} stop reading", self.seed, self.deaf, self.sessions)?;
        let mib = |bytes: u64| bytes / (1024 * 1024);
        writeln!(
            f,
            "  server's memory    {} MiB before, {} MiB at most: {} KiB for each that does not read",
            mib(self.memory.before_bytes),
            mib(self.memory.peak_bytes),
            self.growth_each_bytes() / 1024
        )?;
        writeln!(
            f,
            "  the others' verdicts {:.1} ms (p95 of {}) before, {:.1} ms (p95 of {}) meanwhile: × {:.2}",
            self.before_ms.p95,
            self.before_ms.count,
            self.during_ms.p95,
            self.during_ms.count,
            self.ratio()
        )?;
        writeln!(
            f,
            "    while the slow were cut off: {:.1} ms (p95 of {}): × {:.2}",
            self.cutting_ms.p95,
            self.cutting_ms.count,
            self.cutting_ratio()
        )?;
        for (name, all) in [("read again in time", &self.short), ("read again too late", &self.long)] {
            let count = |wanted: fn(&Heard) -> bool| all.iter().filter(|heard| wanted(heard)).count();
            writeln!(
                f,
                "  {name:<20} {}: {} cut off, {} came back by a delta, {} by exactly one large frame, {} at the present; largest span {} ticks",
                all.len(),
                count(|heard| heard.was_cut),
                count(|heard| heard.resync == Some(ResyncKind::Delta)),
                count(|heard| heard.coalesced_frames == 1),
                count(|heard| heard.is_current),
                all.iter().map(|heard| heard.span_ticks).max().unwrap_or_default()
            )?;
        }
        let late = self.generator_ms;
        writeln!(f, "  generator's delay  {:.1} ms (p95), {:.1} ms (longest)", late.p95, late.max)?;
        writeln!(
            f,
            "  the others         {} actions without a verdict, {} copies went wrong, {} reconnects",
            self.unanswered_count, self.divergence_count, self.reconnect_count
        )
    }
}

#[cfg(test)]
mod tests;
