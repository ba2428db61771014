//! The time that counts, what was transferred in it, and how long each transfer took.

use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::time::Instant;

/// For how long everything is under way before it counts; no longer than it counts.
const WARM_UP: Duration = Duration::from_millis(500);

/// The longest time that is told apart, in microseconds: a minute. Longer ones count as one.
const LONGEST_US: u64 = 60_000_000;

/// The time that counts. Nothing new is asked for after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) from: Instant,
    pub(super) until: Instant,
}

impl Window {
    /// A window of this length, after a little time to get going.
    pub(super) fn next(span: Duration) -> Self {
        let from = Instant::now() + WARM_UP.min(span);
        Self { from, until: from + span }
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        now >= self.until
    }

    pub(super) fn span(&self) -> Duration {
        self.until - self.from
    }
}

/// What one client or connection, or all of them, have done.
#[derive(Debug)]
pub(super) struct Tally {
    /// Asked for, in all.
    pub(super) sent: u64,
    /// Refused by a rule, in all.
    pub(super) rejected: u64,
    /// From asked to answered, in microseconds: those that took effect and were answered while it counted.
    pub(super) latency: Histogram<u64>,
}

impl Tally {
    pub(super) fn new() -> Result<Self> {
        Ok(Self { sent: 0, rejected: 0, latency: Histogram::new_with_bounds(1, LONGEST_US, 3)? })
    }

    /// A transfer that was asked for at `asked` is answered now.
    pub(super) fn answered(&mut self, window: &Window, asked: Instant, now: Instant, is_paid: bool) {
        if !is_paid {
            self.rejected += 1;
        } else if now >= window.from && now < window.until {
            let us = u64::try_from((now - asked).as_micros()).unwrap_or(LONGEST_US);
            self.latency.saturating_record(us.max(1));
        }
    }

    /// Takes in what another has done.
    pub(super) fn add(&mut self, other: &Self) -> Result<()> {
        self.sent += other.sent;
        self.rejected += other.rejected;
        self.latency.add(&other.latency)?;
        Ok(())
    }

    /// Durable transfers a second.
    pub(super) fn per_s(&self, window: &Window) -> f64 {
        float(self.latency.len()) / window.span().as_secs_f64()
    }
}

/// From a transfer asked for to its answer, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Latency {
    /// The mean: of it, and of how much is outstanding, follows how much a closed loop can do.
    pub mean: f64,
    /// Half took no longer.
    pub p50: f64,
    /// 95 of 100 took no longer.
    pub p95: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
}

impl Latency {
    pub(super) fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| float(histogram.value_at_quantile(quantile)) / 1_000.0;
        Self { mean: histogram.mean() / 1_000.0, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people: 52 bits are plenty")]
pub(super) fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_takes_effect_while_it_counts_counts() {
        let window = Window::next(Duration::from_secs(2));
        let ms = Duration::from_millis;
        let mut tally = Tally::new().unwrap();
        tally.answered(&window, window.from - ms(9), window.from - ms(1), true);
        tally.answered(&window, window.from - ms(9), window.from + ms(1), true);
        tally.answered(&window, window.from, window.from + ms(30), true);
        tally.answered(&window, window.from, window.from + ms(40), false);
        tally.answered(&window, window.from, window.until, true);
        assert_eq!((tally.latency.len(), tally.rejected), (2, 1));
        assert!((tally.per_s(&window) - 1.0).abs() < 1e-9);
        let latency = Latency::of(&tally.latency);
        assert!(
            (latency.p50 - 10.0).abs() < 0.1
                && (latency.mean - 20.0).abs() < 0.1
                && (latency.p99 - 30.0).abs() < 0.1,
            "{latency:?}"
        );
    }
}
