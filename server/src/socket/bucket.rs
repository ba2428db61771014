//! A limit on how often something may happen, as one moment: no timer, no queue.

use std::time::Duration;

use holdfast_front::Moment;

/// Lets through a steady rate, and a burst on top after a rest.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    /// What one event costs.
    interval: Duration,
    /// How far ahead of the steady rate it may run.
    slack: Duration,
    /// When the events let through so far would have ended at the steady rate.
    paid_until: Moment,
}

impl Bucket {
    /// A bucket that lets through `per_s` events a second over time, and `burst` at once; both at least one.
    #[must_use]
    pub fn new(per_s: u32, burst: u32) -> Self {
        let interval = Duration::from_secs(1) / per_s.max(1);
        Self { interval, slack: interval * burst.max(1), paid_until: Moment::default() }
    }

    /// Whether one more may happen now. Where it may not, nothing is counted.
    pub fn take(&mut self, now: Moment) -> bool {
        let paid_until = self.paid_until.max(now) + self.interval;
        let fits = paid_until.since(now) <= self.slack;
        if fits {
            self.paid_until = paid_until;
        }
        fits
    }

    /// Whether it has rested so long that it is as good as new.
    #[must_use]
    pub fn is_rested(&self, now: Moment) -> bool {
        self.paid_until <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_steady_rate() {
        let at = |ms: u64| Moment(Duration::from_millis(10_000 + ms));
        let mut bucket = Bucket::new(10, 3);
        assert_eq!((0..5).filter(|_| bucket.take(at(0))).count(), 3);
        assert!(!bucket.take(at(99)));
        assert!(bucket.take(at(100)));
        assert_eq!((0..1_000).filter(|ms| bucket.take(at(100 + ms))).count(), 9);
        assert!(!bucket.is_rested(at(1_100)));
        assert!(bucket.is_rested(at(1_500)));
    }
}
