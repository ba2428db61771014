//! What it costs to commit so many rows on a real PostgreSQL: what the world's pace and every verdict wait for.
//!
//! The rows are those of a village's own tick: half of them villagers' positions, half what makes their actions happen
//! once; the journal and the row images go with them. They take the server's way, from the batch through the writer's
//! store (encoding included) to the reply. PostgreSQL is on this machine, with the settings of the development stack,
//! and makes commits last.

use std::cell::RefCell;
use std::str::FromStr as _;

use divan::Bencher;
use divan::counter::ItemsCount;
use holdfast::persistence::loaded::LoadedWorld;
use holdfast::persistence::migrate::migrate;
use holdfast::persistence::postgres::{Durability, OwnershipSeed, PostgresStore, WorldSettings, open_world};
use holdfast::persistence::store::{StoreReply, StoreRequest};
use holdfast::{App, Game, TickOutput};
use holdfast_bench::Villagers;
use holdfast_protocol::{EpochTag, Tick};
use holdfast_tests::TestDatabase;
use holdfast_tests::flush::flush_of;
use meadow::Meadow;
use sqlx::postgres::PgConnectOptions;

#[divan::bench(args = [100, 1_000, 5_000], sample_count = 100, sample_size = 1)]
fn rows(bencher: Bencher<'_, '_>, rows: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (database, store, mut owner) = runtime.block_on(open(rows / 2));
    let store = RefCell::new(store);
    let flush = |request| {
        let reply = runtime.block_on(store.borrow_mut().carry_out(request));
        assert_eq!(reply, StoreReply::Flushed);
    };
    flush(owner.begin());
    flush(owner.walk(rows));

    let owner = RefCell::new(owner);
    bencher
        .counter(ItemsCount::new(rows))
        .with_inputs(|| owner.borrow_mut().walk(rows))
        .bench_local_values(flush);
    drop(database);
}

/// A village that owns its world in the database.
struct Owner {
    loaded: LoadedWorld,
    villagers: Villagers,
    begun: Vec<TickOutput>,
    durable: Tick,
}

impl Owner {
    /// The flush of all that has happened until everybody was in.
    fn begin(&mut self) -> StoreRequest {
        let begun = std::mem::take(&mut self.begun);
        self.flush(begun)
    }

    /// The flush of a tick in which everybody has taken a step.
    fn walk(&mut self, rows: usize) -> StoreRequest {
        let mut ticks = self.villagers.rest();
        self.villagers.step(0..rows / 2);
        ticks.push(self.villagers.world.tick());
        assert_eq!(ticks.iter().map(|tick| tick.rows.row_count()).sum::<usize>(), rows);
        self.flush(ticks)
    }

    fn flush(&mut self, ticks: Vec<TickOutput>) -> StoreRequest {
        let from = self.durable;
        let merged = ticks.into_iter().reduce(|mut all, tick| {
            all.changes.tick = tick.changes.tick;
            all.rows.merge(tick.rows);
            all
        });
        let merged = merged.expect("there are ticks to flush");
        self.durable = merged.changes.tick;
        flush_of(&self.loaded, from, self.durable, merged.rows)
    }
}

/// A database with a world of so many villagers in it. It is gone when it is dropped.
async fn open(villagers: usize) -> (TestDatabase, PostgresStore, Owner) {
    let database = TestDatabase::empty().await.expect("a PostgreSQL");
    let tables = App::of::<Meadow>().tables();
    let options = |url: String| PgConnectOptions::from_str(&url).expect("a URL of ours");
    migrate(&options(database.owner_url()), &Meadow::migrations(), &tables).await.expect("its tables");
    let settings = WorldSettings {
        database: options(database.url()),
        world: "main".to_owned(),
        holder: "bench".to_owned(),
        durability: Durability::default(),
    };
    let seed = OwnershipSeed { tag: EpochTag(1), resume_key: [7; 32] };
    let (store, loaded) = open_world(&settings, &tables, seed).await.expect("the world");
    let (villagers, begun) = Villagers::new(&loaded, villagers);
    let durable = loaded.tick;
    (database, store, Owner { loaded, villagers, begun, durable })
}

fn main() {
    divan::main();
}
