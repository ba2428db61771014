//! Which strike comes next, and after how much play.

use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use tokio::time::Instant;

use super::fault::Fault;
use super::options::{Length, TortureOptions};
use super::strike::Strike;

/// Between two strikes of a mixture lies accepted play of as many seconds as the lot says, from this to that.
const MIXED_PLAY_S: (f64, f64) = (2.0, 10.0);

/// One strike, and how long bots must have played before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Turn {
    pub(super) strike: Strike,
    pub(super) play: Duration,
}

/// The turns that are still to come.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    options: &'a TortureOptions,
    began: Instant,
    /// What is left, the next one last; where time decides, turns are drawn as they come.
    left: Vec<Turn>,
    planned: usize,
}

impl<'a> Plan<'a> {
    pub(super) fn new(options: &'a TortureOptions, rng: &mut StdRng) -> Self {
        let mut plan = Self { options, began: Instant::now(), left: Vec::new(), planned: 0 };
        if let Length::Count(count) = options.length {
            for fault in options.faults.iter().copied() {
                match fault {
                    Fault::Mixed => plan.left.extend((0..count).filter_map(|_| draw(options, fault, rng))),
                    fault => {
                        let strikes = options.strikes_of(fault);
                        let play = options.played_between;
                        let turns = strikes.into_iter().map(|strike| Turn { strike, play });
                        plan.left.extend(turns.flat_map(|turn| std::iter::repeat_n(turn, count)));
                    }
                }
            }
            // Each kind of fault is to meet what every other one leaves behind.
            plan.left.shuffle(rng);
            plan.planned = plan.left.len();
        }
        plan
    }

    /// The next one; none when all is over.
    pub(super) fn next(&mut self, rng: &mut StdRng) -> Option<Turn> {
        match self.options.length {
            Length::Count(_) => self.left.pop(),
            Length::Time(time) if self.began.elapsed() < time => {
                let fault = self.options.faults.choose(rng)?;
                draw(self.options, *fault, rng)
            }
            Length::Time(_) => None,
        }
    }

    /// How many strikes there will be, where that is known.
    pub(super) fn planned(&self) -> Option<usize> {
        matches!(self.options.length, Length::Count(_)).then_some(self.planned)
    }

    /// How much of it is over, from 0 to 1.
    pub(super) fn share_done(&self) -> f64 {
        let share = match self.options.length {
            Length::Count(_) if self.planned == 0 => 1.0,
            Length::Count(_) => 1.0 - as_f64(self.left.len()) / as_f64(self.planned),
            Length::Time(time) => self.began.elapsed().as_secs_f64() / time.as_secs_f64().max(1.0),
        };
        share.min(1.0)
    }
}

/// One of a fault's strikes. Of a mixture each fault is as likely as any other, however many strikes it has.
fn draw(options: &TortureOptions, fault: Fault, rng: &mut StdRng) -> Option<Turn> {
    if fault != Fault::Mixed {
        let strike = *options.strikes_of(fault).choose(rng)?;
        return Some(Turn { strike, play: options.played_between });
    }
    let can_strike = |fault: &&Fault| !options.strikes_of(**fault).is_empty();
    let possible: Vec<_> = Fault::MIXTURE.iter().filter(can_strike).collect();
    let Turn { strike, .. } = draw(options, **possible.choose(rng)?, rng)?;
    let (least, most) = MIXED_PLAY_S;
    Some(Turn { strike, play: Duration::from_secs_f64(rng.random_range(least..most)) })
}

/// Exact for any count of strikes.
fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;
    use crate::world::World;

    fn strikes(options: &TortureOptions, seed: u64) -> Vec<String> {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut plan = Plan::new(options, &mut rng);
        std::iter::from_fn(|| plan.next(&mut rng)).map(|turn| turn.strike.label()).collect()
    }

    #[test]
    fn every_strike_of_every_fault_comes_as_often_as_is_asked() {
        let faults = vec![Fault::KillServer, Fault::CutCommit];
        let options = TortureOptions { faults, ..TortureOptions::new(World::Ledger, 3, 1) };
        let mut all = strikes(&options, 1);
        assert_ne!(all, strikes(&options, 2), "in another order with another seed");
        assert_eq!(all, strikes(&options, 1));
        all.sort();
        let mut wanted: Vec<_> =
            options.strikes().iter().flat_map(|strike| vec![strike.label(); 3]).collect();
        wanted.sort();
        assert_eq!((all.len(), all), (18, wanted));
    }

    #[test]
    fn a_mixture_is_of_everything_that_the_server_can_suffer() {
        let faults = vec![Fault::Mixed];
        let options = TortureOptions { faults, ..TortureOptions::new(World::Ledger, 2_000, 1) };
        let mut all = strikes(&options, 1);
        assert_eq!(all.len(), 2_000);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), options.strikes().len(), "{all:?}");
        assert_eq!(options.server_binary(), "ledger-sabotaged");
        let faults: usize = Fault::MIXTURE.iter().map(|fault| fault.strikes(&options).len()).sum();
        assert_eq!(all.len(), faults, "each of them");

        let village = TortureOptions { world: World::Village, binary: "village".to_owned(), ..options };
        assert_eq!(village.server_binary(), "village");
        let left_out = |strike: &Strike| strike.needs_failpoint();
        assert_eq!((village.strikes().len(), village.strikes().iter().any(left_out)), (faults - 10, false));
    }

    #[test]
    fn a_mixture_lets_bots_play_for_two_to_ten_seconds() {
        let faults = vec![Fault::Mixed];
        let options = TortureOptions { faults, ..TortureOptions::new(World::Ledger, 100, 1) };
        let mut rng = StdRng::seed_from_u64(1);
        let mut plan = Plan::new(&options, &mut rng);
        assert_eq!((plan.planned(), plan.share_done()), (Some(100), 0.0));
        let seconds: Vec<_> = std::iter::from_fn(|| plan.next(&mut rng)).map(|turn| turn.play).collect();
        assert!(seconds.iter().all(|play| (2..10).contains(&play.as_secs())));
        assert_eq!(plan.share_done(), 1.0);
    }
}
