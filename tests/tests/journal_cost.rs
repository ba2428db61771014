//! What the journal costs: how long a flush takes with it and without, and how many bytes a million actions leave.
//!
//! Run by hand, on a quiet machine: `cargo test --release --package holdfast-tests --test journal_cost -- --ignored
//! --nocapture --test-threads 1`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement prints, and may fail")]

#[path = "journal_cost/crowd.rs"]
mod crowd;

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use holdfast::persistence::durable::{Cell, Durable as _, Row};
use holdfast::persistence::journal::entry::Entry;
use holdfast::persistence::journal::{Input, InputKind};
use holdfast::persistence::loaded::LoadedWorld;
use holdfast::persistence::postgres::{Durability, OwnershipSeed, PostgresStore, WorldSettings, open_world};
use holdfast::persistence::rows::{Batch, ComponentRow, TickRows};
use holdfast::persistence::store::{StoreReply, StoreRequest};
use holdfast::{App, Game};
use holdfast_protocol::{ActionName, Blob, Code, EntityId, EpochTag, Nonce, Seq, Tick};
use holdfast_tests::TestDatabase;
use holdfast_tests::flush::batch_of;
use ledger::Ledger;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use village::Village;
use village::component::Position;

use crowd::{Crowd, Plays};

/// How many flushes of each kind are timed.
const FLUSH_COUNT: usize = 400;

/// How many ticks a crowd plays.
const TICK_COUNT: u64 = 2_000;

async fn open<G: Game>(database: &TestDatabase) -> (PostgresStore, LoadedWorld) {
    let options = PgConnectOptions::from_str(&database.url()).unwrap();
    let settings = WorldSettings {
        database: options,
        world: "main".to_owned(),
        holder: "measured".to_owned(),
        durability: Durability::default(),
    };
    let seed = OwnershipSeed { tag: EpochTag(1), resume_key: [7; 32] };
    open_world(&settings, &App::of::<G>().tables(), seed).await.unwrap()
}

async fn flush(store: &mut PostgresStore, batch: Batch) -> Duration {
    let begun = Instant::now();
    let reply = store.carry_out(StoreRequest::Flush(Arc::new(batch))).await;
    assert_eq!(reply, StoreReply::Flushed);
    begun.elapsed()
}

/// So many characters have each taken a step.
fn steps(world: &LoadedWorld, from: Tick, count: u64) -> Batch {
    let to = from.next();
    let tables = App::of::<Village>().tables();
    let index = tables.iter().position(|table| table.table == Position::TABLE).unwrap();
    let mut rows = TickRows::new(tables.len());
    let row = |tick: Tick| {
        Row(vec![Cell::Int(i32::try_from(tick.0 % 256).unwrap()), Cell::Int(7), Cell::SmallInt(4)])
    };
    for number in 0..count {
        let character = EntityId(2 * number + 1);
        rows.components[index].insert(character, Some(ComponentRow { tick: to, row: row(to) }));
        rows.befores.components[index].insert(character, Some(row(from)));
        let name = ActionName { seq: Seq(to.0), nonce: Nonce(4_000_000_000) };
        let (action, touched) = (Blob(vec![1, 0xac, 2, 7]), Vec::new());
        let kind = InputKind::Acted { name, code: Code::ACCEPTED, action, touched };
        rows.inputs.push(Input { tick: to, character, kind });
    }
    batch_of(world, from, to, rows)
}

/// Puts in place of `flush_tick` one that writes down nothing besides the rows.
async fn without_journal(owner: &mut PgConnection) {
    let whole: String = sqlx::query_scalar(
        "SELECT pg_get_functiondef(oid) FROM pg_proc
         WHERE proname = 'flush_tick' AND pronamespace = 'holdfast'::regnamespace",
    )
    .fetch_one(&mut *owner)
    .await
    .unwrap();
    let (rows, rest) = whole.split_once("    IF a_inputs IS NOT NULL THEN").unwrap();
    let (_, end) = rest.rsplit_once("    END IF;\n").unwrap();
    owner.execute(AssertSqlSafe(format!("{rows}{end}"))).await.unwrap();
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::test]
#[ignore = "a measurement, for a quiet machine"]
async fn how_long_a_flush_takes_with_the_journal_and_without() {
    println!("rows a flush | without, p50 | with, p50 | more | encoding it takes the server");
    for count in [20, 200, 2_000] {
        let mut times = Vec::new();
        for is_bare in [true, false] {
            let database = TestDatabase::of("village").await.unwrap();
            if is_bare {
                without_journal(&mut PgConnection::connect(&database.owner_url()).await.unwrap()).await;
            }
            let (store, world) = open::<Village>(&database).await;
            times.push((database, store, world.tick, world, Vec::new()));
        }
        // In turns, so that both meet the same noise.
        for _ in 0..FLUSH_COUNT {
            for (_, store, tick, world, taken) in &mut times {
                taken.push(flush(store, steps(world, *tick, count)).await);
                *tick = tick.next();
            }
        }
        let batch = steps(&times[0].3, Tick(1), count);
        let (tables, begun) = (App::of::<Village>().tables(), Instant::now());
        for _ in 0..100 {
            std::hint::black_box(Entry::of(&batch, &tables));
        }
        let encoding = begun.elapsed() / 100;
        let [without, with] = [0, 1].map(|place| median(std::mem::take(&mut times[place].4)));
        let more = 100.0 * (with.as_secs_f64() / without.as_secs_f64() - 1.0);
        println!("{count:12} | {without:12.1?} | {with:9.1?} | {more:+.1} % | {encoding:.1?}");
    }
}

async fn play<G: Plays>() {
    let database = TestDatabase::of(G::NAME).await.unwrap();
    let (mut store, world) = open::<G>(&database).await;
    let mut crowd = Crowd::<G>::new();
    let mut connection = database.connect().await.unwrap();
    let (mut durable, mut action_count) = (world.tick, 0_u64);
    for _ in 0..TICK_COUNT {
        let rows = crowd.tick();
        let acted = |input: &&Input| matches!(input.kind, InputKind::Acted { .. });
        action_count += rows.inputs.iter().filter(acted).count() as u64;
        let (from, to) = (durable, durable.next());
        flush(&mut store, batch_of(&world, from, to, rows)).await;
        durable = to;
    }
    println!("{}: {action_count} actions in {TICK_COUNT} flushes", G::NAME);
    let mut sum = 0.0;
    for table in ["journal", "journal_entities", "row_images", "chat"] {
        let bytes: i64 = sqlx::query_scalar(
            "SELECT sum(pg_total_relation_size(inhrelid))::bigint - 8192 * count(*) FROM pg_inherits
             WHERE inhparent = ('holdfast.' || $1)::regclass",
        )
        .bind(table)
        .fetch_one(&mut connection)
        .await
        .unwrap();
        let megabytes = bytes as f64 / action_count as f64;
        sum += megabytes;
        println!("  {table:16} {megabytes:7.1} MB a million actions");
    }
    println!("  {:16} {sum:7.1} MB a million actions", "all");
}

#[tokio::test]
#[ignore = "a measurement, for a quiet machine"]
async fn how_many_bytes_a_million_actions_leave() {
    play::<Village>().await;
    play::<Ledger>().await;
}
