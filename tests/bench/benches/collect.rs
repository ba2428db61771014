//! What a tick costs in which so many entities have changed, of ten thousand, and nobody has asked for anything.
//!
//! The tick of no change is what the world's size alone costs, twenty times a second. What is beyond it is collecting:
//! comparing each changed value with the last one, and making a row, its before image and an encoded part of it. So the
//! figure says how lively a game's own systems may be.

use std::cell::RefCell;
use std::sync::Arc;

use bevy_ecs::system::Query;
use divan::Bencher;
use divan::counter::ItemsCount;
use holdfast::persistence::migrate::Migration;
use holdfast::{App, Game, Interest, Simulate};
use holdfast_bench::Peopled;
use holdfast_bench::people::loaded_world;
use holdfast_bench::villagers::berries;
use meadow::Meadow;
use village::component::Item;

const BERRIES: usize = 10_000;

/// The meadow, on which so many berries change in each tick.
struct Ripening<const COUNT: usize>;

impl<const COUNT: usize> Game for Ripening<COUNT> {
    type Verbs = <Meadow as Game>::Verbs;
    const NAME: &'static str = Meadow::NAME;
    const CHARACTER_KIND: u16 = Meadow::CHARACTER_KIND;
    const ARCHETYPES: &'static [&'static str] = Meadow::ARCHETYPES;

    fn build(app: &mut App) {
        Meadow::build(app);
        app.add_systems(Simulate, ripen::<COUNT>);
    }

    fn migrations() -> Vec<Migration> {
        Meadow::migrations()
    }

    fn interest() -> Arc<dyn Interest> {
        Meadow::interest()
    }
}

/// One berry becomes two, and two become one.
fn ripen<const COUNT: usize>(mut items: Query<'_, '_, &mut Item>) {
    for mut item in items.iter_mut().take(COUNT) {
        item.count = 3 - item.count;
    }
}

#[divan::bench(consts = [0, 100, 1_000, 10_000], sample_count = 200, sample_size = 1)]
fn changed<const COUNT: usize>(bencher: Bencher<'_, '_>) {
    let (mut world, _) = Peopled::<Ripening<COUNT>>::new(&loaded_world(berries(BERRIES)), Vec::new());
    assert_eq!(world.tick().rows.row_count(), COUNT);
    let world = RefCell::new(world);
    bencher
        .counter(ItemsCount::new(COUNT))
        .with_inputs(|| ())
        .bench_local_values(|()| world.borrow_mut().tick());
}

fn main() {
    divan::main();
}
