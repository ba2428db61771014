//! Whether the world's thread still lives, for whoever starts a hung process again.
//!
//! A world that stands still because its store is away is alive: it goes on looking whether it may go on. One whose
//! thread is caught in a tick, or whose hub takes nothing from it any more, is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use holdfast_front::Moment;

/// For how long the world's thread may give no sign. A tick takes milliseconds.
pub const HUNG_AFTER: Duration = Duration::from_secs(5);

/// The world's pulse: shared by its thread, which beats, and the route that feels it.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<AtomicU64>);

/// No world runs: nothing is to beat.
const AT_REST: u64 = 0;

impl Pulse {
    /// The world's thread is here.
    pub fn beat(&self, now: Moment) {
        let now_ns = u64::try_from(now.0.as_nanos()).unwrap_or(u64::MAX);
        self.0.store(now_ns.max(AT_REST + 1), Ordering::Relaxed);
    }

    /// No world runs any more, or none yet.
    pub fn rest(&self) {
        self.0.store(AT_REST, Ordering::Relaxed);
    }

    /// Whether all is well: the last beat was not long ago, or none is due.
    #[must_use]
    pub fn is_well(&self, now: Moment) -> bool {
        match self.0.load(Ordering::Relaxed) {
            AT_REST => true,
            beat_ns => now.since(Moment(Duration::from_nanos(beat_ns))) <= HUNG_AFTER,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Moment {
        Moment(Duration::from_millis(ms))
    }

    #[test]
    fn a_world_that_gives_no_sign_for_more_than_five_seconds_is_hung() {
        let pulse = Pulse::default();
        assert!(pulse.is_well(at(60_000)), "none runs");
        pulse.beat(at(60_000));
        assert!(pulse.is_well(at(65_000)));
        assert!(!pulse.is_well(at(65_001)));
        pulse.beat(at(65_001));
        assert!(pulse.is_well(at(65_002)), "it was only slow");
        pulse.rest();
        assert!(pulse.is_well(at(99_000)));
    }
}
