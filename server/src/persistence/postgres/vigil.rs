//! When a server that waits for a world may take it: decided here, without a connection or a clock.
//!
//! The lock is only a sign of life. A living owner whose connection broke makes a new one at once, and until it has,
//! its lock is free: so a free lock means nothing before it has been free for [`GRACE`]. A lock that is held means
//! nothing either once the lease is past by the database's clock: its holder hangs.

use std::time::Duration;

use holdfast_front::Moment;
use holdfast_protocol::{Epoch, EpochTag};

/// How often a server that waits looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// For how long the lock must be found free, at every look, while the owner's lease still runs.
const GRACE: Duration = Duration::from_millis(300);

/// How many looks that takes at least. A look that was held up for long says nothing of the time in between.
const FREE_LOOKS_MIN: u32 = 4;

/// How soon to look again after the backend of an owner that hangs was ended.
const LOOK_AFTER_END: Duration = Duration::from_millis(20);

/// What one look at a world shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sight {
    /// The latest ownership.
    pub(super) ownership: (Epoch, EpochTag),
    /// Whether its lease runs, by the database's clock. One that was given back does not.
    pub(super) lease_runs: bool,
    /// Whether nobody else holds the lock.
    pub(super) lock_is_free: bool,
}

/// What to do after a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Take the world.
    Take,
    /// Look again after this time: somebody owns the world.
    Wait(Duration),
    /// End the owner's backend, and look again after this time: its lease is past.
    End(Duration),
}

/// The wait for one world.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Vigil {
    /// Since when, and for how many looks in a row, the lock was found free.
    free: Option<(Moment, u32)>,
}

impl Vigil {
    /// Says what follows from a look. `mine` is the ownership that this server held until just now, where it did: it
    /// follows itself without waiting, as long as nobody has come between.
    pub(super) fn judge(&mut self, now: Moment, sight: &Sight, mine: Option<(Epoch, EpochTag)>) -> Next {
        if !sight.lock_is_free {
            self.free = None;
            return if sight.lease_runs { Next::Wait(LOOK_EVERY) } else { Next::End(LOOK_AFTER_END) };
        }
        if !sight.lease_runs || mine == Some(sight.ownership) {
            return Next::Take;
        }
        let (since, looks) = self.free.unwrap_or((now, 0));
        self.free = Some((since, looks + 1));
        if looks + 1 >= FREE_LOOKS_MIN && now.since(since) >= GRACE {
            Next::Take
        } else {
            Next::Wait(LOOK_EVERY)
        }
    }

    /// Nothing is known any more: the connection is lost, or the world could not be taken.
    pub(super) fn begin_anew(&mut self) {
        self.free = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNED: (Epoch, EpochTag) = (Epoch(3), EpochTag(7));

    fn at(ms: u64) -> Moment {
        Moment(Duration::from_millis(ms))
    }

    fn sight(lock_is_free: bool, lease_runs: bool) -> Sight {
        Sight { ownership: OWNED, lease_runs, lock_is_free }
    }

    fn waits(next: Next) -> bool {
        matches!(next, Next::Wait(_))
    }

    #[test]
    fn a_lock_that_is_free_for_a_moment_is_left_to_its_owner() {
        let mut vigil = Vigil::default();
        for start in [0, 1_000, 2_000] {
            for ms in [0, 100, 200] {
                assert!(waits(vigil.judge(at(start + ms), &sight(true, true), None)));
            }
            assert!(waits(vigil.judge(at(start + 300), &sight(false, true), None)), "the owner is back");
        }
    }

    #[test]
    fn a_lock_that_stays_free_is_taken_after_300_ms() {
        let mut vigil = Vigil::default();
        for ms in [50, 150, 250] {
            assert!(waits(vigil.judge(at(ms), &sight(true, true), None)), "{ms}");
        }
        assert_eq!(vigil.judge(at(350), &sight(true, true), None), Next::Take);
    }

    #[test]
    fn a_look_that_took_long_does_not_count_for_the_time_that_it_took() {
        let mut vigil = Vigil::default();
        assert!(waits(vigil.judge(at(0), &sight(true, true), None)));
        for ms in [5_000, 5_100] {
            assert!(waits(vigil.judge(at(ms), &sight(true, true), None)), "{ms}");
        }
        vigil.begin_anew();
        for ms in [5_200, 5_300, 5_400] {
            assert!(waits(vigil.judge(at(ms), &sight(true, true), None)), "{ms}");
        }
    }

    #[test]
    fn a_world_without_a_lease_is_taken_at_once() {
        assert_eq!(Vigil::default().judge(at(0), &sight(true, false), None), Next::Take);
    }

    #[test]
    fn an_owner_that_hangs_is_ended_only_when_its_lease_is_past() {
        let mut vigil = Vigil::default();
        assert!(waits(vigil.judge(at(0), &sight(false, true), None)));
        assert_eq!(vigil.judge(at(100), &sight(false, false), None), Next::End(LOOK_AFTER_END));
        assert_eq!(vigil.judge(at(120), &sight(true, false), None), Next::Take);
    }

    #[test]
    fn an_owner_follows_itself_at_once_unless_somebody_came_between() {
        assert_eq!(Vigil::default().judge(at(0), &sight(true, true), Some(OWNED)), Next::Take);
        let other = Some((Epoch(2), EpochTag(9)));
        assert!(waits(Vigil::default().judge(at(0), &sight(true, true), other)));
        assert!(waits(Vigil::default().judge(at(0), &sight(false, true), Some(OWNED))));
    }
}
