//! What it costs to encode a chunk with so many things in it, whole, and to send it to one session.
//!
//! A chunk is encoded once for all who miss the same of it, so this is paid per chunk that has changed and not per
//! session. The encoder is the front's own business, so it is asked through the front, for the snapshot of a view of one
//! chunk: once where the public copy has just changed, and once where the bytes are remembered. What lies between the
//! two is encoding.

use std::cell::RefCell;
use std::time::Duration;

use divan::Bencher;
use divan::counter::BytesCount;
use holdfast_bench::people::loaded_world;
use holdfast_bench::stage::{config, sent_bytes, stranger};
use holdfast_bench::{Field, Stage};
use holdfast_front::{Conn, FrontEffect, FrontEvent, Moment, TickChanges};
use holdfast_protocol::{ChunkId, ClientMessage, EntityId, Resync, Tick};
use ledger::Ledger;

const CONN: Conn = Conn(1);
const HERE: ChunkId = ChunkId(0);

#[divan::bench(args = [10, 100, 1_000], sample_count = 200, sample_size = 1)]
fn anew(bencher: Bencher<'_, '_>, things: usize) {
    time_snapshots(bencher, things, change);
}

#[divan::bench(args = [10, 100, 1_000], sample_count = 200, sample_size = 1)]
fn remembered(bencher: Bencher<'_, '_>, things: usize) {
    time_snapshots(bencher, things, |_| {});
}

fn time_snapshots(bencher: Bencher<'_, '_>, things: usize, prepare: fn(&mut Stage)) {
    let mut stage = stage(things);
    let bytes = sent_bytes(&ask(&mut stage));
    let stage = RefCell::new(stage);
    let prepare = || {
        let mut stage = stage.borrow_mut();
        prepare(&mut stage);
        stage.read(CONN);
    };
    bencher
        .counter(BytesCount::new(bytes))
        .with_inputs(prepare)
        .bench_local_values(|()| ask(&mut stage.borrow_mut()));
}

/// A session whose view is one chunk, as a view of the ledger is.
fn stage(things: usize) -> Stage {
    let loaded = loaded_world(Vec::new());
    let mut config = config::<Ledger>(&loaded, 1);
    // A snapshot whenever one asks, and hashes in none but the first.
    config.limits.resync_interval = Duration::ZERO;
    config.limits.hash_interval_ticks = u64::MAX;
    let field = Field::new(vec![HERE], things, loaded.tick);
    let load = TickChanges { tick: loaded.tick, entities: field.load(), ..TickChanges::default() };
    let mut stage = Stage::new(config, load);
    stage.enter(CONN, stranger(EntityId(1)), HERE, Vec::new());
    stage.read(CONN);
    stage
}

/// The public copy changes, though not in this chunk: what was encoded is remembered no longer.
fn change(stage: &mut Stage) {
    stage.run(TickChanges { tick: stage.next_tick(), ..TickChanges::default() });
    stage.commit();
}

fn ask(stage: &mut Stage) -> Vec<FrontEffect> {
    stage.step(FrontEvent::Said(CONN, ClientMessage::Resync(Resync { tick: Tick(0) }), Moment::default()))
}

fn main() {
    divan::main();
}
