//! How soon a part that has died is started again, and when it is given up.

use std::time::{Duration, Instant};

/// The wait before each further start of something that keeps dying: then it is given up.
const WAITS: &[Duration] = &[
    Duration::ZERO,
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// How long something must have run for its earlier deaths to be forgotten: whoever tries `kill -9` at leisure is never
/// made to wait.
const FORGIVEN_AFTER: Duration = Duration::from_secs(5);

/// The starts of one part.
#[derive(Debug)]
pub(super) struct Restarts {
    in_a_row: usize,
    started: Instant,
}

impl Restarts {
    /// It was started for the first time at `now`.
    pub(super) fn new(now: Instant) -> Self {
        Self { in_a_row: 0, started: now }
    }

    /// It was found dead at `now`: how long to wait before the next start; none where it is given up.
    pub(super) fn wait_after_death(&mut self, now: Instant) -> Option<Duration> {
        if now.duration_since(self.started) >= FORGIVEN_AFTER {
            self.in_a_row = 0;
        }
        let wait = WAITS.get(self.in_a_row).copied();
        self.in_a_row += 1;
        wait
    }

    /// It runs again since `now`.
    pub(super) fn started(&mut self, now: Instant) {
        self.started = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_dying_is_waited_for_longer_and_then_given_up() {
        let now = Instant::now();
        let mut restarts = Restarts::new(now);
        let waits: Vec<_> = std::iter::from_fn(|| restarts.wait_after_death(now)).collect();
        assert_eq!(waits, WAITS);
    }

    #[test]
    fn what_has_run_for_a_while_comes_back_at_once() {
        let mut now = Instant::now();
        let mut restarts = Restarts::new(now);
        for _ in 0..100 {
            now += FORGIVEN_AFTER;
            assert_eq!(restarts.wait_after_death(now), Some(Duration::ZERO));
            restarts.started(now);
        }
    }
}
