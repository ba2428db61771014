//! What it costs to serve somebody who comes back: the delta from a token that is so many seconds old, and, for
//! comparison, the whole view.
//!
//! The view is 25 chunks of a hundred things each, of which one changes in each tick. Nobody else misses the same, so
//! the chunks are encoded for this session alone. The figure says how many can be let in at once, as after an outage,
//! before the world's pace suffers; the bytes, what a delta saves.

use std::cell::RefCell;
use std::iter;

use divan::Bencher;
use divan::counter::BytesCount;
use holdfast::Game;
use holdfast::persistence::loaded::LoadedWorld;
use holdfast_bench::people::loaded_world;
use holdfast_bench::stage::{TICK, config, stranger};
use holdfast_bench::{Field, Stage};
use holdfast_front::{Conn, EntityChange, FrontEffect, FrontEvent, HelloRequest, TickChanges};
use holdfast_protocol::{Blob, ChunkId, EntityId, SyncToken, Tick};
use meadow::Meadow;
use village::tile::chunk_at;

const CHARACTER: EntityId = EntityId(1);
const THINGS_A_CHUNK: usize = 100;

/// How much there is to be missed, in seconds.
const PAST_SECONDS: u64 = 60;

#[divan::bench(args = [10, 60], sample_count = 200, sample_size = 1)]
fn delta(bencher: Bencher<'_, '_>, seconds: u64) {
    time_returns(bencher, Some(seconds));
}

#[divan::bench(sample_count = 200, sample_size = 1)]
fn snapshot(bencher: Bencher<'_, '_>) {
    time_returns(bencher, None);
}

fn time_returns(bencher: Bencher<'_, '_>, away_seconds: Option<u64>) {
    let mut returns = Returns::new(away_seconds);
    returns.come();
    let bytes = returns.stage.read(returns.conn);
    assert!(bytes > 0, "a frame follows upon the Welcome");
    let returns = RefCell::new(returns);
    bencher
        .counter(BytesCount::new(bytes))
        .with_inputs(|| returns.borrow_mut().come())
        .bench_local_values(|()| returns.borrow_mut().go_on());
}

/// Somebody who comes back again and again, each time after as long.
struct Returns {
    world: LoadedWorld,
    field: Field,
    stage: Stage,
    center: ChunkId,
    away_seconds: Option<u64>,
    conn: Conn,
}

impl Returns {
    fn new(away_seconds: Option<u64>) -> Self {
        let world = loaded_world(Vec::new());
        let center = chunk_at(8, 8);
        let field = Field::new(Meadow::interest().view(center), THINGS_A_CHUNK, world.tick);
        let load = TickChanges { tick: world.tick, entities: field.load(), ..TickChanges::default() };
        let stage = Stage::new(config::<Meadow>(&world, 1), load);
        let mut returns = Self { world, field, stage, center, away_seconds, conn: Conn(1) };
        for _ in 0..ticks(PAST_SECONDS) {
            let (tick, entities) = (returns.stage.next_tick(), returns.change());
            returns.stage.run(TickChanges { tick, entities, ..TickChanges::default() });
            returns.stage.commit();
        }
        returns
    }

    /// The connection is lost, and another is welcomed.
    fn come(&mut self) {
        self.stage.step(FrontEvent::Lost(self.conn));
        self.conn = Conn(self.conn.0 + 2);
        let (request, entities) = (self.request(), self.change());
        self.stage.enter(self.conn, request, self.center, entities);
    }

    /// The Welcome is written, and the first frame follows.
    fn go_on(&mut self) -> Vec<FrontEffect> {
        self.stage.step(FrontEvent::Written(self.conn))
    }

    fn request(&self) -> HelloRequest {
        let stranger = stranger(CHARACTER);
        let Some(seconds) = self.away_seconds else { return stranger };
        let LoadedWorld { world, epoch, tag, .. } = self.world;
        let tick = Tick(self.stage.next_tick().0 - ticks(seconds));
        let held = SyncToken { world, epoch, tag, tick, center: self.center };
        // Whether the token is good is the world's to say, and here it always is.
        HelloRequest { resume: Some(Blob::default()), held: Some(held), ..stranger }
    }

    /// What changes in the next tick: one thing after the other.
    fn change(&self) -> Vec<EntityChange> {
        let tick = self.stage.next_tick();
        let number = usize::try_from(tick.0).expect("there are few ticks") % self.field.thing_count();
        self.field.steps(iter::once(number), tick)
    }
}

fn ticks(seconds: u64) -> u64 {
    seconds * 1_000 / u64::try_from(TICK.as_millis()).expect("a tick is short")
}

fn main() {
    divan::main();
}
