//! What it costs the front that a tick's commit is heard of: the gate opens, the public copy takes the tick over, chunks
//! are encoded, and every session that misses something gets its frame.
//!
//! The tick is the village's own: of so many villagers, each with a session of its own, everybody or a tenth has just
//! taken a step. They are spread over 256 chunks, of which a session sees up to 25, or crowd in 16 chunks. All of it is
//! done at once and in one thread, so the figure must stay far below the length of a tick; it bounds how many sessions a
//! server can have.

use std::cell::RefCell;

use divan::Bencher;
use divan::counter::ItemsCount;
use holdfast_bench::people::loaded_world;
use holdfast_bench::stage::config;
use holdfast_bench::{Stage, Villagers};
use holdfast_front::{FrontEffect, FrontEvent};
use meadow::{Meadow, SIDE};

#[divan::bench(args = [200, 1_000], sample_count = 100, sample_size = 1)]
fn everybody_walks(bencher: Bencher<'_, '_>, sessions: usize) {
    time_commits(bencher, sessions, SIDE, 1);
}

#[divan::bench(args = [200, 1_000], sample_count = 100, sample_size = 1)]
fn everybody_walks_in_a_crowd(bencher: Bencher<'_, '_>, sessions: usize) {
    time_commits(bencher, sessions, SIDE / 4, 1);
}

#[divan::bench(args = [200, 1_000], sample_count = 100, sample_size = 1)]
fn a_tenth_walks(bencher: Bencher<'_, '_>, sessions: usize) {
    time_commits(bencher, sessions, SIDE, 10);
}

/// Times commits of ticks in which one in so many villagers has taken a step, in a square of so many tiles each way. What
/// is counted is frames.
fn time_commits(bencher: Bencher<'_, '_>, sessions: usize, side: u16, one_in: usize) {
    let mut served = Served::new(sessions, side);
    served.walk(one_in);
    let is_frame = |effect: &&FrontEffect| matches!(effect, FrontEffect::Send(..));
    let frames = served.stage.commit().iter().filter(is_frame).count();
    assert!(frames > sessions / 2, "{frames} frames for {sessions} sessions");

    let served = RefCell::new(served);
    bencher
        .counter(ItemsCount::new(frames))
        .with_inputs(|| served.borrow_mut().walk(one_in))
        .bench_local_values(|()| served.borrow_mut().stage.commit());
}

/// A village, and a front that serves each of its people.
struct Served {
    villagers: Villagers,
    stage: Stage,
    sessions: usize,
}

impl Served {
    fn new(sessions: usize, side: u16) -> Self {
        let loaded = loaded_world(Vec::new());
        let (villagers, begun) = Villagers::within(side, &loaded, sessions);
        let mut begun = begun.into_iter().map(|output| output.changes);
        let load = begun.next().expect("the load comes first");
        let mut stage = Stage::new(config::<Meadow>(&loaded, sessions), load);
        for number in 0..sessions {
            let (conn, request) = villagers.world.hello(number);
            stage.step(FrontEvent::Hello(conn, request));
        }
        begun.for_each(|changes| stage.run(changes));
        stage.commit();
        Self { villagers, stage, sessions }
    }

    /// All sockets have written what they had, and a tick waits for its commit in which villagers have walked.
    fn walk(&mut self, one_in: usize) {
        self.villagers.rest().into_iter().for_each(|output| self.stage.run(output.changes));
        self.stage.commit();
        for number in 0..self.sessions {
            let (conn, _) = self.villagers.world.hello(number);
            self.stage.read(conn);
        }
        self.villagers.step((0..self.sessions).step_by(one_in));
        self.stage.run(self.villagers.world.tick().changes);
    }
}

fn main() {
    divan::main();
}
