//! When a server that waits for a world may take it: decided here, without a connection or a clock.
//!
//! The lock is only a sign of life. A living owner whose connection broke makes a new one at once, and until it has,
//! its lock is free: so a free lock means nothing before it has been free for [`GRACE`]. A lock that is held means
//! nothing either once the lease is past by the database's clock: its holder hangs.
//!
//! Where the database was away or stood still, the owner has met with the same, and its lease may be past through no fault
//! of its own. It gets [`RETURN_GRACE`] to come back, so that a database that starts again is no change of owners.

use std::time::Duration;

use holdfast_front::Moment;
use holdfast_protocol::{Epoch, EpochTag};

/// How often a server that waits looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// For how long the lock must be found free, at every look, while the owner's lease still runs.
const GRACE: Duration = Duration::from_millis(300);

/// The same after this server had lost the database itself. An owner tries to come back every two seconds at least.
const RETURN_GRACE: Duration = Duration::from_secs(3);

/// A look that takes longer than this has met a database that stood still.
const LOOK_TIME_MAX: Duration = Duration::from_secs(1);

/// How many looks that takes at least. A look that was held up for long says nothing of the time in between.
const FREE_LOOKS_MIN: u32 = 4;

/// How soon to look again after the backend of an owner that hangs was ended.
const LOOK_AFTER_END: Duration = Duration::from_millis(20);

/// What is left of the lease of the latest ownership, by the database's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lease {
    /// It was given back, or there never was one: nobody owns the world.
    None,
    /// It runs.
    Runs,
    /// It is past, and was not given back.
    Past,
}

/// What one look at a world shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sight {
    /// The latest ownership.
    pub(super) ownership: (Epoch, EpochTag),
    /// Its lease.
    pub(super) lease: Lease,
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
    patience: Patience,
}

/// Whether the owner is given time to come back to a database that was away.
#[derive(Clone, Copy, Debug, Default)]
enum Patience {
    /// It was not away, or the owner has been seen since.
    #[default]
    None,
    /// It is, or was away, and has not been looked at since.
    Due,
    Until(Moment),
}

impl Vigil {
    /// Says what follows from a look that was begun at `begun` and has shown this by `now`. `mine` is the ownership that this server held until just now, where it did: it
    /// follows itself without waiting, as long as nobody has come between.
    pub(super) fn judge(
        &mut self,
        begun: Moment,
        now: Moment,
        sight: &Sight,
        mine: Option<(Epoch, EpochTag)>,
    ) -> Next {
        if now.since(begun) > LOOK_TIME_MAX {
            self.lost_sight();
        }
        if matches!(self.patience, Patience::Due) {
            self.patience = Patience::Until(now + RETURN_GRACE);
        }
        let is_patient = matches!(self.patience, Patience::Until(end) if now < end);
        if !sight.lock_is_free {
            self.free = None;
            return match sight.lease {
                Lease::Runs => {
                    self.patience = Patience::None;
                    Next::Wait(LOOK_EVERY)
                }
                // It has its lock again, and is about to renew its lease.
                _ if is_patient => Next::Wait(LOOK_EVERY),
                Lease::None | Lease::Past => Next::End(LOOK_AFTER_END),
            };
        }
        let (since, looks) = self.free.unwrap_or((now, 0));
        self.free = Some((since, looks + 1));
        let is_dead = looks + 1 >= FREE_LOOKS_MIN && now.since(since) >= GRACE;
        let may_take = mine == Some(sight.ownership)
            || match sight.lease {
                Lease::None => true,
                Lease::Past => !is_patient,
                Lease::Runs => !is_patient && is_dead,
            };
        if may_take { Next::Take } else { Next::Wait(LOOK_EVERY) }
    }

    /// Another server was faster.
    pub(super) fn begin_anew(&mut self) {
        self.free = None;
    }

    /// The database was away: what was seen before says nothing any more.
    pub(super) fn lost_sight(&mut self) {
        *self = Self { free: None, patience: Patience::Due };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNED: (Epoch, EpochTag) = (Epoch(3), EpochTag(7));

    fn at(ms: u64) -> Moment {
        Moment(Duration::from_millis(ms))
    }

    fn sight(lock_is_free: bool, lease: Lease) -> Sight {
        Sight { ownership: OWNED, lease, lock_is_free }
    }

    fn look(vigil: &mut Vigil, now: Moment, sight: &Sight, mine: Option<(Epoch, EpochTag)>) -> Next {
        vigil.judge(now, now, sight, mine)
    }

    fn waits(next: Next) -> bool {
        matches!(next, Next::Wait(_))
    }

    #[test]
    fn a_lock_that_is_free_for_a_moment_is_left_to_its_owner() {
        let mut vigil = Vigil::default();
        for start in [0, 1_000, 2_000] {
            for ms in [0, 100, 200] {
                assert!(waits(look(&mut vigil, at(start + ms), &sight(true, Lease::Runs), None)));
            }
            assert!(
                waits(look(&mut vigil, at(start + 300), &sight(false, Lease::Runs), None)),
                "the owner is back"
            );
        }
    }

    #[test]
    fn a_lock_that_stays_free_is_taken_after_300_ms() {
        let mut vigil = Vigil::default();
        // However often it is looked at.
        for ms in (50..350).step_by(20) {
            assert!(waits(look(&mut vigil, at(ms), &sight(true, Lease::Runs), None)), "{ms}");
        }
        assert_eq!(look(&mut vigil, at(350), &sight(true, Lease::Runs), None), Next::Take);
    }

    #[test]
    fn a_look_that_took_long_does_not_count_for_the_time_that_it_took() {
        let mut vigil = Vigil::default();
        assert!(waits(look(&mut vigil, at(0), &sight(true, Lease::Runs), None)));
        for ms in [5_000, 5_100] {
            assert!(waits(look(&mut vigil, at(ms), &sight(true, Lease::Runs), None)), "{ms}");
        }
        vigil.begin_anew();
        for ms in [5_200, 5_300, 5_400] {
            assert!(waits(look(&mut vigil, at(ms), &sight(true, Lease::Runs), None)), "{ms}");
        }
    }

    #[test]
    fn an_owner_has_three_seconds_to_come_back_after_the_database_did() {
        let mut vigil = Vigil::default();
        let looks = |vigil: &mut Vigil, from: u64, lease| {
            let times = (0..).map(|look| at(from + look * 100));
            times.take(40).take_while(|now| waits(look(vigil, *now, &sight(true, lease), None))).count()
        };
        for lease in [Lease::Runs, Lease::Past] {
            vigil.lost_sight();
            assert_eq!(looks(&mut vigil, 0, lease), 30, "{lease:?}");
        }
        // It is back; what happens to it after that is like at any other time.
        vigil.lost_sight();
        assert!(waits(look(&mut vigil, at(0), &sight(true, Lease::Past), None)));
        assert!(
            waits(look(&mut vigil, at(900), &sight(false, Lease::Past), None)),
            "it has its lock, and no lease yet"
        );
        assert!(waits(look(&mut vigil, at(1_000), &sight(false, Lease::Runs), None)));
        assert_eq!(looks(&mut vigil, 2_000, Lease::Runs), 3);
        vigil.lost_sight();
        assert_eq!(
            look(&mut vigil, at(0), &sight(true, Lease::None), None),
            Next::Take,
            "nobody is to come back"
        );
    }

    #[test]
    fn a_world_without_a_lease_is_taken_at_once() {
        assert_eq!(look(&mut Vigil::default(), at(0), &sight(true, Lease::None), None), Next::Take);
        assert_eq!(look(&mut Vigil::default(), at(0), &sight(true, Lease::Past), None), Next::Take);
    }

    #[test]
    fn an_owner_that_hangs_is_ended_only_when_its_lease_is_past() {
        let mut vigil = Vigil::default();
        assert!(waits(look(&mut vigil, at(0), &sight(false, Lease::Runs), None)));
        assert_eq!(look(&mut vigil, at(100), &sight(false, Lease::Past), None), Next::End(LOOK_AFTER_END));
        assert_eq!(look(&mut vigil, at(120), &sight(true, Lease::Past), None), Next::Take);
    }

    #[test]
    fn an_owner_follows_itself_at_once_unless_somebody_came_between() {
        assert_eq!(look(&mut Vigil::default(), at(0), &sight(true, Lease::Runs), Some(OWNED)), Next::Take);
        let other = Some((Epoch(2), EpochTag(9)));
        assert!(waits(look(&mut Vigil::default(), at(0), &sight(true, Lease::Runs), other)));
        assert!(waits(look(&mut Vigil::default(), at(0), &sight(false, Lease::Runs), Some(OWNED))));
    }

    #[test]
    fn a_database_that_stood_still_is_like_one_that_was_away() {
        let mut vigil = Vigil::default();
        assert!(waits(vigil.judge(at(0), at(6_000), &sight(false, Lease::Past), None)));
        assert!(waits(look(&mut vigil, at(6_100), &sight(true, Lease::Past), None)));
        assert_eq!(look(&mut vigil, at(9_000), &sight(true, Lease::Past), None), Next::Take);
    }
}
