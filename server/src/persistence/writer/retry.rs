//! How long to wait before a failed flush is sent again.

use std::time::Duration;

/// How often a flush that met a lock is sent again at once.
const SOON_COUNT_MAX: u32 = 5;

/// The shortest and the longest wait of those, in milliseconds.
const SOON_MS: (u64, u64) = (5, 50);

/// The shortest and the longest wait when the store is in trouble, in milliseconds.
const LATER_MS: (u64, u64) = (50, 2_000);

/// Counts failures in a row, and draws the waits, so that many worlds on one database do not come back in step.
#[derive(Debug)]
pub(super) struct Retry {
    random: u64,
    soon_count: u32,
    later_count: u32,
}

impl Retry {
    /// Waits drawn from `seed`.
    pub(super) fn new(seed: u64) -> Self {
        // The generator below stands still at zero.
        Self { random: seed | 1, soon_count: 0, later_count: 0 }
    }

    /// Something has succeeded: the next failure is the first again.
    pub(super) fn succeeded(&mut self) {
        (self.soon_count, self.later_count) = (0, 0);
    }

    /// How many failures there were since something last succeeded.
    pub(super) fn failure_count(&self) -> u32 {
        self.later_count.saturating_add(self.soon_count)
    }

    /// The wait after a conflict that is gone in a moment; from the sixth on, as [`Self::later`].
    pub(super) fn soon(&mut self) -> Duration {
        if self.soon_count == SOON_COUNT_MAX {
            return self.later();
        }
        self.soon_count += 1;
        self.between(SOON_MS.0, SOON_MS.1)
    }

    /// The wait after a trouble that may last: longer each time.
    pub(super) fn later(&mut self) -> Duration {
        let longest = ((2 * LATER_MS.0) << self.later_count.min(16)).min(LATER_MS.1);
        self.later_count = self.later_count.saturating_add(1);
        self.between((longest / 2).max(LATER_MS.0), longest)
    }

    fn between(&mut self, least_ms: u64, most_ms: u64) -> Duration {
        // Xorshift: it need only differ from world to world.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        Duration::from_millis(least_ms + self.random % (most_ms - least_ms + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(wait: Duration) -> u64 {
        u64::try_from(wait.as_millis()).unwrap()
    }

    #[test]
    fn five_short_waits_then_longer_and_longer_ones() {
        for seed in 0..100 {
            let mut retry = Retry::new(seed);
            for _ in 0..5 {
                assert!((5..=50).contains(&ms(retry.soon())));
            }
            assert!((50..=100).contains(&ms(retry.soon())));
            assert!((100..=200).contains(&ms(retry.later())));
            for _ in 0..100 {
                assert!(ms(retry.later()) <= 2_000);
            }
            assert!(ms(retry.later()) >= 1_000);
            retry.succeeded();
            assert!(ms(retry.later()) <= 100);
        }
    }
}
