//! A limit on how often something may happen, as one moment: no timer, no queue. Sessions pace actions by it, sockets
//! frames and addresses connections.

use std::time::Duration;

use crate::moment::Moment;

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
    /// A bucket that lets through one event each `interval` over time, and `burst` (at least one) at once.
    #[must_use]
    pub fn new(interval: Duration, burst: u32) -> Self {
        Self { interval, slack: interval * burst.max(1), paid_until: Moment::default() }
    }

    /// A bucket that lets through `per_s` events a second over time, and `burst` at once; both at least one.
    #[must_use]
    pub fn per_second(per_s: u32, burst: u32) -> Self {
        Self::new(Duration::from_secs(1) / per_s.max(1), burst)
    }

    /// Counts one event.
    ///
    /// # Errors
    /// Where it comes too early: how long to wait. Nothing is counted then.
    pub fn take(&mut self, now: Moment) -> Result<(), Duration> {
        self.take_many(now, 1)
    }

    /// Counts so many events that come together.
    ///
    /// # Errors
    /// Where they come too early, all of them: how long to wait. Nothing is counted then.
    pub fn take_many(&mut self, now: Moment, count: u32) -> Result<(), Duration> {
        let paid_until = self.paid_until.max(now) + self.interval * count;
        let early = paid_until.since(now).saturating_sub(self.slack);
        if early > Duration::ZERO {
            return Err(early);
        }
        self.paid_until = paid_until;
        Ok(())
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
        let mut bucket = Bucket::per_second(10, 3);
        assert_eq!((0..5).filter(|_| bucket.take(at(0)).is_ok()).count(), 3);
        assert_eq!(bucket.take(at(99)), Err(Duration::from_millis(1)));
        assert_eq!(bucket.take(at(100)), Ok(()));
        assert_eq!((0..1_000).filter(|ms| bucket.take(at(100 + ms)).is_ok()).count(), 9);
        assert!(!bucket.is_rested(at(1_100)));
        assert!(bucket.is_rested(at(1_500)));
        assert_eq!(bucket.take_many(at(2_000), 3), Ok(()));
        assert_eq!(bucket.take_many(at(2_000), 2), Err(Duration::from_millis(200)));
    }
}
