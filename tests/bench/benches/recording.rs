//! What it costs to record how long something took, against what the world does anyway: six samples are one action's
//! stages and its whole way.
//!
//! The figure says whether measuring may stay on for every action: six samples must be lost beside the empty tick of a
//! world of a thousand people, and beside one action of `apply`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use divan::Bencher;
use divan::counter::ItemsCount;
use holdfast_bench::Villagers;
use holdfast_bench::people::loaded_world;
use holdfast_metrics::{Instruments, Scale, Timing};

/// How many samples one action leaves.
const SAMPLES_AN_ACTION: usize = 6;

/// Times up to 200 ms that jump about, as those of a server do not: the worst case for a cache.
fn next_time(count: &AtomicU64) -> Duration {
    Duration::from_micros(count.fetch_add(1, Ordering::Relaxed).wrapping_mul(2_654_435_761) % 200_000)
}

#[divan::bench]
fn sample(bencher: Bencher<'_, '_>) {
    let (timing, count) = (Timing::new(Scale::TIME), AtomicU64::new(0));
    bencher
        .counter(ItemsCount::new(1_usize))
        .with_inputs(|| next_time(&count))
        .bench_values(|time| timing.record(time));
}

/// One thread alone, and two that get into each other's way.
#[divan::bench(threads = [1, 2])]
fn action(bencher: Bencher<'_, '_>) {
    let (instruments, count) = (Instruments::new(), AtomicU64::new(0));
    bencher
        .counter(ItemsCount::new(SAMPLES_AN_ACTION))
        .with_inputs(|| [1, 2, 4, 8, 16].map(|part| next_time(&count) / part))
        .bench_values(|stages: [Duration; 5]| instruments.record_action(stages, stages[0]));
}

#[divan::bench]
fn empty_tick(bencher: Bencher<'_, '_>) {
    let (mut villagers, _) = Villagers::new(&loaded_world(Vec::new()), 1_000);
    bencher.bench_local(|| villagers.world.tick());
}

fn main() {
    divan::main();
}
