//! The only reader of clocks. Everything that decides takes the time as a parameter; what is handed in comes from
//! here.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use holdfast_front::Moment;
use rustix::time::{ClockId, clock_gettime};

/// Now, by the clock that never jumps and goes on while the machine sleeps.
#[must_use]
pub fn now() -> Moment {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).expect("a machine's uptime is positive");
    let nanos = u32::try_from(time.tv_nsec).expect("nanoseconds stay below a second");
    Moment(Duration::new(seconds, nanos))
}

/// The processor's time that the calling thread has used so far.
#[must_use]
pub fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// How long ago 1970 began, by the clock on the wall: for the lifetimes of access tokens, and to compare it with other
/// clocks; for nothing else, since it can jump.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the time")]
pub fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The same in whole seconds.
#[must_use]
pub fn unix_seconds() -> u64 {
    since_1970().as_secs()
}

/// Holds up the calling thread, which must be one of its own: the world's, never a task's.
#[expect(clippy::disallowed_methods, reason = "this is the one place that waits")]
pub fn pause(duration: Duration) {
    std::thread::sleep(duration);
}

/// Wakes a thread at a fixed rate: the world's pulse.
///
/// No tick is ever left out. Where one ends late the schedule moves with it: at most one tick is caught up at once,
/// so that a world that was frozen for ten seconds does not race through two hundred ticks when it thaws.
#[derive(Debug)]
pub struct Pacer {
    period: Duration,
    due: Moment,
}

impl Pacer {
    /// A pacer whose first tick is due at once, the next one after `tick`.
    #[must_use]
    pub fn new(tick: Duration) -> Self {
        Self { period: tick, due: now() }
    }

    /// Sleeps until the next tick is due, and tells how late it begins.
    pub fn wait_next(&mut self) -> Duration {
        loop {
            let left = self.due.since(now());
            if left.is_zero() {
                break;
            }
            pause(left);
        }
        self.begin(now())
    }

    /// A tick begins at `now`, not before it was due: plans the next one, and tells how late this one is.
    fn begin(&mut self, now: Moment) -> Duration {
        let late = now.since(self.due);
        self.due = (self.due + self.period).max(now);
        late
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Moment {
        Moment(Duration::from_millis(ms))
    }

    fn pacer() -> Pacer {
        Pacer { period: Duration::from_millis(50), due: at(0) }
    }

    #[test]
    fn lateness_does_not_add_up() {
        let mut pacer = pacer();
        assert_eq!(pacer.begin(at(3)), Duration::from_millis(3));
        assert_eq!(pacer.due, at(50));
        assert_eq!(pacer.begin(at(52)), Duration::from_millis(2));
        assert_eq!(pacer.due, at(100));
    }

    #[test]
    fn after_a_long_tick_one_is_caught_up_and_the_schedule_moves() {
        let mut pacer = pacer();
        pacer.begin(at(0));
        assert_eq!(pacer.begin(at(1_000)), Duration::from_millis(950));
        assert_eq!(pacer.due, at(1_000), "one tick follows at once");
        pacer.begin(at(1_001));
        assert_eq!(pacer.due, at(1_050), "and then the rate is as ever");
    }

    #[test]
    fn the_clock_goes_forward() {
        let before = now();
        let mut pacer = Pacer::new(Duration::from_millis(2));
        pacer.wait_next();
        pacer.wait_next();
        assert!(now().since(before) >= Duration::from_millis(2));
    }
}
