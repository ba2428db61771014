//! What it costs to put one session's frame together: a view of 25 chunks, in each of which so many of forty things have
//! changed, all of them encoded already.
//!
//! This is paid per session and tick, so it decides how many sessions a front can serve. The front is asked through the
//! socket of a second session: a first one with the same view has just got the same news, so nothing is encoded.

use std::cell::RefCell;

use divan::Bencher;
use divan::counter::BytesCount;
use holdfast::Game;
use holdfast_bench::people::loaded_world;
use holdfast_bench::stage::{config, sent_bytes, stranger};
use holdfast_bench::{Field, Stage};
use holdfast_front::{Conn, FrontEffect, FrontEvent, TickChanges};
use holdfast_protocol::EntityId;
use meadow::Meadow;
use village::tile::chunk_at;

const FIRST: Conn = Conn(1);
const SECOND: Conn = Conn(3);
const THINGS_A_CHUNK: usize = 40;

#[divan::bench(args = [1, 10, 40], sample_count = 500, sample_size = 1)]
fn of_25_chunks(bencher: Bencher<'_, '_>, changed_in_each: usize) {
    let loaded = loaded_world(Vec::new());
    let center = chunk_at(8, 8);
    let view = Meadow::interest().view(center);
    assert_eq!(view.len(), 25);
    let field = Field::new(view, THINGS_A_CHUNK, loaded.tick);
    let load = TickChanges { tick: loaded.tick, entities: field.load(), ..TickChanges::default() };
    let mut stage = Stage::new(config::<Meadow>(&loaded, 2), load);
    for conn in [FIRST, SECOND] {
        stage.enter(conn, stranger(EntityId(conn.0)), center, Vec::new());
        stage.read(conn);
    }
    // From here on the second session's socket is always one message behind.
    prepare(&mut stage, &field, changed_in_each);
    prepare(&mut stage, &field, changed_in_each);
    let encoded = stage.chunk_encoding_count();
    let bytes = sent_bytes(&written(&mut stage));
    assert!(bytes > 0 && stage.chunk_encoding_count() == encoded, "a frame, and nothing is encoded for it");

    let stage = RefCell::new(stage);
    bencher
        .counter(BytesCount::new(bytes))
        .with_inputs(|| prepare(&mut stage.borrow_mut(), &field, changed_in_each))
        .bench_local_values(|()| written(&mut stage.borrow_mut()));
}

/// Things change, and the first session hears of it.
fn prepare(stage: &mut Stage, field: &Field, changed_in_each: usize) {
    stage.read(FIRST);
    let tick = stage.next_tick();
    let entities = field.steps_in_each(changed_in_each, tick);
    stage.run(TickChanges { tick, entities, ..TickChanges::default() });
    stage.commit();
}

/// The second session's socket has written what it had, and gets the next frame.
fn written(stage: &mut Stage) -> Vec<FrontEffect> {
    stage.step(FrontEvent::Written(SECOND))
}

fn main() {
    divan::main();
}
