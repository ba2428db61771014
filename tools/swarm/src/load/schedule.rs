//! When a bot acts.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// How long before its first action a load is told to the bots, so that none hears of it too late.
pub(super) const START_WAIT: Duration = Duration::from_millis(200);

/// How long last answers are waited for once nothing more is asked.
pub(super) const LAST_ANSWERS_WAIT: Duration = Duration::from_secs(5);

/// What decides when the next action is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Pacing {
    /// Time alone: a world that is slow is not spared what was due meanwhile.
    Open,
    /// The answer to the one before: who waits for it asks nothing while the world stands still, and so never feels that
    /// it did.
    Closed,
}

/// When a load begins, from when it is measured, and when it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: Instant,
    pub(super) from: Instant,
    pub(super) end: Instant,
}

impl Span {
    /// Whether this moment lies in what is measured.
    pub(super) fn measures(&self, at: Instant) -> bool {
        (self.from..self.end).contains(&at)
    }
}

/// When a bot acts.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    pub(super) pacing: Pacing,
    interval: Duration,
    next: Instant,
    end: Instant,
}

impl Schedule {
    /// So many actions a second, from a moment of the first interval that the dice choose.
    pub(super) fn new(span: Span, rate: f64, pacing: Pacing, rng: &mut StdRng) -> Self {
        let first = Duration::from_secs_f64(rng.random_range(0.0..1.0) / rate);
        Self {
            pacing,
            interval: Duration::from_secs_f64(1.0 / rate),
            next: span.start + first,
            end: span.end,
        }
    }

    /// The intended time of the next action; none when all is over.
    pub(super) fn due(&self) -> Option<Instant> {
        (self.next < self.end).then_some(self.next)
    }

    /// How many actions are intended from then on, where time alone decides.
    pub(super) fn count_from(&self, from: Instant) -> u64 {
        let before = |time: Instant| {
            let nanos = time.saturating_duration_since(self.next).as_nanos();
            u64::try_from(nanos.div_ceil(self.interval.as_nanos().max(1))).unwrap_or(u64::MAX)
        };
        before(self.end).saturating_sub(before(from))
    }

    /// Whether no action is sent any more.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        now >= self.end
    }

    /// The action that was due is done with.
    pub(super) fn done(&mut self, now: Instant) {
        self.next = match self.pacing {
            Pacing::Open => self.next + self.interval,
            Pacing::Closed => now.max(self.next) + self.interval,
        };
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    fn schedule(pacing: Pacing) -> (Instant, Schedule) {
        let start = Instant::now();
        let span = Span { start, from: start, end: start + Duration::from_secs(10) };
        (start, Schedule::new(span, 2.0, pacing, &mut StdRng::seed_from_u64(1)))
    }

    #[test]
    fn an_open_loop_is_spared_nothing_by_a_stall_and_a_closed_one_all() {
        for (pacing, expected) in [(Pacing::Open, 20), (Pacing::Closed, 10)] {
            let (start, mut schedule) = schedule(pacing);
            let (mut now, mut count) = (start, 0);
            while let Some(due) = schedule.due() {
                // From the second second on, the world stands still for five.
                now = now.max(due);
                if (Duration::from_secs(1)..Duration::from_secs(6)).contains(&(now - start)) {
                    now = start + Duration::from_secs(6);
                }
                schedule.done(now);
                count += 1;
            }
            assert!((expected - 1..=expected + 1).contains(&count), "{pacing:?}: {count}");
        }
    }

    #[test]
    fn as_many_are_intended_as_become_due() {
        let (start, mut schedule) = schedule(Pacing::Open);
        for after in [0, 1, 2_499, 9_999, 10_000] {
            let from = start + Duration::from_millis(after);
            let mut walked = schedule.clone();
            let mut count = 0;
            while let Some(due) = walked.due() {
                count += u64::from(due >= from);
                walked.done(due);
            }
            assert_eq!(schedule.count_from(from), count, "from {after} ms on");
        }
        schedule.next = schedule.end;
        assert_eq!(schedule.count_from(start), 0);
    }
}
