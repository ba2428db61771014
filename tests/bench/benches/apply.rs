//! What a tick costs in which so many actions are decided: read, found to be new, validated, applied, collected and
//! answered.
//!
//! A thousand people are in the world in each case, so the slope between the figures is what one action costs the
//! world's thread, and a tick's length over that is how many a world can decide.

use std::cell::RefCell;

use divan::Bencher;
use divan::counter::ItemsCount;
use holdfast::{Game, TickOutput};
use holdfast_bench::people::{accepted_count, loaded_world, newcomer};
use holdfast_bench::{Peopled, Villagers};
use ledger::Ledger;
use ledger::action::Transfer;

const PEOPLE: usize = 1_000;

#[divan::bench(args = [1, 100, 1_000], sample_count = 200, sample_size = 1)]
fn village_move(bencher: Bencher<'_, '_>, actions: usize) {
    let (villagers, _) = Villagers::new(&loaded_world(Vec::new()), PEOPLE);
    let prepare = |villagers: &mut Villagers| {
        villagers.rest();
        villagers.step(0..actions);
    };
    time_ticks(bencher, actions, villagers, prepare, |villagers| villagers.world.tick());
}

/// People are pairs, and everybody who acts gives the other one coin.
#[divan::bench(args = [1, 100, 1_000], sample_count = 200, sample_size = 1)]
fn ledger_transfer(bencher: Bencher<'_, '_>, actions: usize) {
    let (accounts, _) =
        Peopled::<Ledger>::new(&loaded_world(Vec::new()), (0..PEOPLE).map(newcomer).collect());
    let prepare = |accounts: &mut Peopled<Ledger>| {
        for number in 0..actions {
            let to = accounts.character(number ^ 1);
            accounts.send(number, &<Ledger as Game>::Verbs::Transfer(Transfer { to, amount: 1 }));
        }
    };
    time_ticks(bencher, actions, accounts, prepare, Peopled::tick);
}

/// Times ticks that are prepared in between, after two that show that all is accepted that is asked.
fn time_ticks<W>(
    bencher: Bencher<'_, '_>,
    actions: usize,
    mut world: W,
    prepare: impl Fn(&mut W),
    tick: impl Fn(&mut W) -> TickOutput,
) {
    for _ in 0..2 {
        prepare(&mut world);
        assert_eq!(accepted_count(&tick(&mut world).changes), actions);
    }
    let world = RefCell::new(world);
    bencher
        .counter(ItemsCount::new(actions))
        .with_inputs(|| prepare(&mut world.borrow_mut()))
        .bench_local_values(|()| tick(&mut world.borrow_mut()));
}

fn main() {
    divan::main();
}
