//! What it costs to record how long something took, against what the world does anyway: six samples are one action's
//! stages and its whole way.
//!
//! The figure says whether measuring may stay on for every action: six samples must be lost beside the empty tick of a
//! world of a thousand people, and beside one action of `apply`.

use std::array;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use divan::Bencher;
use divan::counter::ItemsCount;
use hdrhistogram::Histogram;
use holdfast_bench::Villagers;
use holdfast_bench::people::loaded_world;

/// How many samples one action leaves.
const SAMPLES_AN_ACTION: usize = 6;

/// The longest time that is told from a longer one, in microseconds.
const LONGEST_US: u64 = 60_000_000;

struct Recorder([Mutex<Histogram<u64>>; SAMPLES_AN_ACTION]);

impl Recorder {
    fn new() -> Self {
        let histogram = || Histogram::new_with_bounds(1, LONGEST_US, 3).expect("the bounds are valid");
        Self(array::from_fn(|_| Mutex::new(histogram())))
    }

    fn record(&self, stage: usize, time_us: u64) {
        self.0[stage].lock().expect("nobody panics in here").saturating_record(time_us);
    }

    fn record_action(&self, time_us: u64) {
        for stage in 0..SAMPLES_AN_ACTION {
            self.record(stage, time_us >> stage);
        }
    }
}

/// Times up to 200 ms that jump about, as those of a server do not: the worst case for a cache.
fn next_time(count: &AtomicU64) -> u64 {
    count.fetch_add(1, Ordering::Relaxed).wrapping_mul(2_654_435_761) % 200_000
}

#[divan::bench]
fn sample(bencher: Bencher<'_, '_>) {
    let (recorder, count) = (Recorder::new(), AtomicU64::new(0));
    bencher
        .counter(ItemsCount::new(1_usize))
        .with_inputs(|| next_time(&count))
        .bench_values(|time_us| recorder.record(0, time_us));
}

/// One thread alone, and two that get into each other's way.
#[divan::bench(threads = [1, 2])]
fn six_samples(bencher: Bencher<'_, '_>) {
    let (recorder, count) = (Recorder::new(), AtomicU64::new(0));
    bencher
        .counter(ItemsCount::new(SAMPLES_AN_ACTION))
        .with_inputs(|| next_time(&count))
        .bench_values(|time_us| recorder.record_action(time_us));
}

#[divan::bench]
fn empty_tick(bencher: Bencher<'_, '_>) {
    let (mut villagers, _) = Villagers::new(&loaded_world(Vec::new()), 1_000);
    bencher.bench_local(|| villagers.world.tick());
}

fn main() {
    divan::main();
}
