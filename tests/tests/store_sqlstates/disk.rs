//! A full disk, as a flush hears of it: with one code, of which two things can follow.

use holdfast::persistence::loaded::LoadedWorld;
use holdfast::persistence::migrate::migrate;
use holdfast::persistence::postgres::PostgresStore;
use holdfast::persistence::rows::{EntityRow, TickRows};
use holdfast::persistence::store::StoreErrorClass::{RetryLater, Unknown};
use holdfast::persistence::store::{StoreError, StoreReply, StoreRequest};
use holdfast_devstack::{Postgres, PostgresOptions};
use holdfast_protocol::{EntityId, Tick};
use holdfast_tests::SmallDisk;
use holdfast_tests::flush::flush_of;
use sqlx::{Connection as _, PgConnection};

use crate::setup::reconnected;
use crate::tables::{MIGRATIONS, TABLES, open};

/// A flush of so many new entities takes half a megabyte of a table, and more of the log.
const ROW_COUNT: u64 = 5_000;

/// A disk of 96 MiB is full before so many flushes.
const FLUSH_COUNT_MAX: u64 = 1_000;

fn flush(world: &LoadedWorld, from: Tick) -> StoreRequest {
    let to = from.next();
    let mut rows = TickRows::new(TABLES.len());
    for number in 0..ROW_COUNT {
        let row = EntityRow { tick: to, kind: 1, home: None, entered: to };
        rows.entities.insert(EntityId(2 * (to.0 * ROW_COUNT + number)), Some(row));
    }
    flush_of(world, from, to, rows)
}

async fn start(options: PostgresOptions) -> (Postgres, PostgresStore, LoadedWorld) {
    let postgres = Postgres::start(options).await.unwrap();
    postgres.create_database("world", None).await.unwrap();
    migrate(&postgres.owner_url("world").parse().unwrap(), MIGRATIONS, TABLES).await.unwrap();
    let (store, world) = open(postgres.writer_url("world").parse().unwrap(), 5).await.unwrap();
    (postgres, store, world)
}

/// Flushes until that fails: after which tick, and how.
async fn until_it_fails(store: &mut PostgresStore, world: &LoadedWorld) -> (Tick, StoreError) {
    let mut tick = world.tick;
    for _ in 0..FLUSH_COUNT_MAX {
        match store.carry_out(flush(world, tick)).await {
            StoreReply::Flushed => tick = tick.next(),
            StoreReply::FlushFailed(error) => return (tick, error),
            other => panic!("no answer to a flush: {other:?}"),
        }
    }
    panic!("the disk is not full after {FLUSH_COUNT_MAX} flushes");
}

/// All that is known to be committed is there, and nothing else.
async fn is_whole(postgres: &Postgres, world: &LoadedWorld, tick: Tick) {
    let mut connection = PgConnection::connect(&postgres.url("world")).await.unwrap();
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM holdfast.entities")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(count.cast_unsigned(), tick.since(world.tick) * ROW_COUNT);
}

#[tokio::test]
async fn where_a_table_has_no_room_the_flush_is_tried_again_later() {
    let Some(disk) = SmallDisk::mount(96).unwrap() else { return };
    let elsewhere = holdfast_devstack::Folder::create().unwrap();
    let options = PostgresOptions {
        data: Some(disk.folder("data").unwrap()),
        wal: Some(elsewhere.subfolder("wal").unwrap()),
        ..Default::default()
    };
    let (postgres, mut store, world) = start(options).await;
    disk.fill().unwrap();
    let (tick, error) = until_it_fails(&mut store, &world).await;
    assert_eq!((error.class, error.sqlstate.as_str()), (RetryLater, "53100"), "{error}");
    disk.free().unwrap();
    assert_eq!(store.carry_out(flush(&world, tick)).await, StoreReply::Flushed, "the connection was kept");
    is_whole(&postgres, &world, tick.next()).await;
}

#[tokio::test]
async fn where_the_log_of_commits_has_no_room_the_flush_is_looked_up() {
    let Some(disk) = SmallDisk::mount(96).unwrap() else { return };
    let options = PostgresOptions {
        wal: Some(disk.folder("wal").unwrap()),
        settings: vec![("wal_keep_size".to_owned(), "1GB".to_owned())],
        ..Default::default()
    };
    let (mut postgres, mut store, world) = start(options).await;
    disk.fill().unwrap();
    // Mostly it is told why, by the very code of a table without room; where another process is the first to find the
    // disk full, its connection only ends.
    let (tick, error) = until_it_fails(&mut store, &world).await;
    assert_eq!(error.class, Unknown, "{error}");
    assert!(matches!(error.sqlstate.as_str(), "53100" | ""), "{error}");
    disk.free().unwrap();
    while postgres.take_exit().unwrap().is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    postgres.start_again().await.unwrap();
    let found = reconnected(&mut store).await.tick;
    assert!(found == tick || found == tick.next(), "{found} after {tick}");
    assert_eq!(store.carry_out(flush(&world, found)).await, StoreReply::Flushed);
    is_whole(&postgres, &world, found.next()).await;
}
