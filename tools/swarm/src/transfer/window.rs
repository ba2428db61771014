//! The time that counts, what was transferred in it, and how long each transfer took.

use std::time::Duration;

use anyhow::Result;
use tokio::time::Instant;

use crate::times::{Times, float};

/// For how long everything is under way before it counts; no longer than it counts.
const WARM_UP: Duration = Duration::from_millis(500);

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
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Asked for, in all.
    pub(super) sent: u64,
    /// Refused by a rule, in all.
    pub(super) rejected: u64,
    /// From asked to answered: those that took effect and were answered while it counted.
    pub(super) latency: Times,
}

impl Tally {
    /// A transfer that was asked for at `asked` is answered now.
    pub(super) fn answered(&mut self, window: &Window, asked: Instant, now: Instant, is_paid: bool) {
        if !is_paid {
            self.rejected += 1;
        } else if now >= window.from && now < window.until {
            self.latency.record(now - asked);
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
        float(self.latency.count()) / window.span().as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_takes_effect_while_it_counts_counts() {
        let window = Window::next(Duration::from_secs(2));
        let ms = Duration::from_millis;
        let mut tally = Tally::default();
        tally.answered(&window, window.from - ms(9), window.from - ms(1), true);
        tally.answered(&window, window.from - ms(9), window.from + ms(1), true);
        tally.answered(&window, window.from, window.from + ms(30), true);
        tally.answered(&window, window.from, window.from + ms(40), false);
        tally.answered(&window, window.from, window.until, true);
        assert_eq!((tally.latency.count(), tally.rejected), (2, 1));
        assert!((tally.per_s(&window) - 1.0).abs() < 1e-9);
        let latency = tally.latency.percentiles();
        assert!(
            (latency.p50 - 10.0).abs() < 0.1
                && (latency.mean - 20.0).abs() < 0.1
                && (latency.p99 - 30.0).abs() < 0.1,
            "{latency:?}"
        );
    }
}
