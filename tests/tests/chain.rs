//! Whatever happens to it on the way, what a client holds after each frame is what a snapshot would show it, and that
//! is what is true in the world.
//!
//! A seed is one story: people walk about the village, carry things, talk, come and go, read slowly or not at all,
//! over commits that lag, a store that breaks, and restarts.

#[path = "chain/life.rs"]
mod life;
#[path = "chain/person.rs"]
mod person;
#[path = "chain/tally.rs"]
mod tally;
#[path = "chain/truth.rs"]
mod truth;

use holdfast_tests::Sim;
use village::Village;

use life::Life;
use tally::Tally;

const SEED_COUNT: u64 = 40;
const TICK_COUNT: usize = 150;

#[test]
fn delta_chain_equals_snapshot() {
    let mut tally = Tally::default();
    for seed in 0..SEED_COUNT {
        let mut life = Life::new(seed);
        for _ in 0..TICK_COUNT {
            life.tick();
        }
        tally.add_all(life.end());
    }
    tally.assert_all_was_seen();
}

#[test]
fn a_world_without_people_is_what_the_map_laid_out() {
    truth::assert_berries_are_conserved(&Sim::<Village>::new(1));
}
