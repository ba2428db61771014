//! The store when the connection, or PostgreSQL itself, goes away at the instant that hurts.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "store_faults/relay.rs"]
mod relay;
#[path = "store_equality/tables.rs"]
mod tables;

use std::time::Duration;

use holdfast::persistence::loaded::{CharacterLoad, LoadedWorld};
use holdfast::persistence::loader::CharacterLoader;
use holdfast::persistence::migrate::migrate;
use holdfast::persistence::postgres::{PostgresStore, read_pool};
use holdfast::persistence::store::{StoreErrorClass, StoreReply, StoreRequest, WorldMark};
use holdfast_devstack::postgres::{PostgresOptions, socket_in};
use holdfast_devstack::proxy::{FlushPlan, Hold, Proxy, Window};
use holdfast_devstack::{Folder, Postgres};
use holdfast_front::Account;
use holdfast_protocol::{EntityId, EpochTag, Tick};
use holdfast_tests::flush::flush_of_one;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use relay::{Cut, Relay};
use tables::{MIGRATIONS, TABLES, migrated, open, options};

/// A batch of one new entity.
fn batch(world: &LoadedWorld, from: Tick, to: Tick) -> StoreRequest {
    flush_of_one(world, from, to, TABLES.len())
}

fn class(reply: &StoreReply) -> StoreErrorClass {
    match reply {
        StoreReply::FlushFailed(error) | StoreReply::ReconnectFailed(error) => error.class,
        other => panic!("no error: {other:?}"),
    }
}

/// As the writer would: again and again, until the store can say.
async fn reconnect(store: &mut PostgresStore) -> WorldMark {
    loop {
        match store.carry_out(StoreRequest::Reconnect).await {
            StoreReply::Reconnected(mark) => return mark,
            reply => assert_eq!(class(&reply), StoreErrorClass::RetryLater, "{reply:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How a connection with a flush in it ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// Whoever is between lets go of both sides.
    Close,
    /// Over a network.
    Cut(Cut),
    /// Not at all: nothing comes, until long after the flush was given up.
    Silence,
}

/// What the look-up finds after the connection has ended like that while the flush was in this window.
async fn ended_in(window: Window, end: End) -> (Tick, Tick) {
    let database = migrated().await;
    let folder = Folder::create().unwrap();
    let proxy = Proxy::start(folder.path(), database.postgres().socket()).await.unwrap();
    let relay = Relay::start(socket_in(folder.path())).await;
    let through = match end {
        End::Cut(_) => PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(relay.address.port())
            .username(options(&database).get_username())
            .database(database.name()),
        End::Close | End::Silence => proxy.url(database.name()).parse().unwrap(),
    };
    let (mut store, world) = open(through, 5).await.unwrap();
    let next = world.tick.next();
    proxy.set_plan(FlushPlan::Hold(Hold { window, duration: Duration::from_secs(60) }));
    // The watch begins before the flush does: windows count from then on.
    let ending = async {
        proxy.next_window().await;
        match end {
            End::Close => proxy.cut(),
            End::Cut(how) => relay.cut(how),
            End::Silence => {}
        }
    };
    let ((), reply) = tokio::join!(ending, store.carry_out(batch(&world, world.tick, next)));
    assert_eq!(class(&reply), StoreErrorClass::Unknown, "{reply:?}");
    proxy.set_plan(FlushPlan::Pass);
    let found = reconnect(&mut store).await;
    assert_eq!((found.epoch, found.tag), (world.epoch, EpochTag(5)));
    // Whatever was found, the world goes on from there.
    let reply = store.carry_out(batch(&world, found.tick, found.tick.next())).await;
    assert_eq!(reply, StoreReply::Flushed);
    // What was held arrives at last, on a connection that nobody has any more: a flush there, an answer here.
    proxy.release();
    let (mut tick, mut count) = (found.tick.next(), 0);
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let reply = store.carry_out(batch(&world, tick, tick.next())).await;
        assert_eq!(reply, StoreReply::Flushed, "each is answered by its own answer");
        (tick, count) = (tick.next(), count + 1);
    }
    let mut connection = database.connect().await.unwrap();
    let stored: (i64, i64) =
        sqlx::query_as("SELECT (SELECT tick FROM holdfast.worlds), (SELECT count(*) FROM holdfast.entities)")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    let flushed = tick.since(world.tick).cast_signed();
    assert_eq!(stored, (tick.0.cast_signed(), flushed), "each flush is there once, after {count} more");
    (world.tick, found.tick)
}

#[tokio::test]
async fn a_flush_cut_off_before_it_arrived_is_not_there() {
    for end in [End::Close, End::Cut(Cut::Reset)] {
        let (before, found) = ended_in(Window::BeforeForward, end).await;
        assert_eq!(found, before, "{end:?}");
    }
}

#[tokio::test]
async fn a_flush_cut_off_before_its_reply_is_there() {
    for end in [End::Close, End::Cut(Cut::Reset), End::Cut(Cut::HalfClose)] {
        let (before, found) = ended_in(Window::BeforeReply, end).await;
        assert_eq!(found, before.next(), "{end:?}");
    }
}

/// The way to PostgreSQL was open when the flush set out; it is looked up while the flush is still on it.
#[tokio::test]
async fn a_flush_that_arrives_after_it_was_looked_up_is_not_written() {
    for end in [End::Silence, End::Cut(Cut::HalfClose)] {
        let (before, found) = ended_in(Window::BeforeForward, end).await;
        assert_eq!(found, before, "{end:?}");
    }
}

#[tokio::test]
async fn a_reply_that_comes_after_it_was_looked_up_is_not_heard() {
    let (before, found) = ended_in(Window::BeforeReply, End::Silence).await;
    assert_eq!(found, before.next());
}

#[tokio::test]
async fn reads_that_are_never_answered_do_not_take_the_pool_along() {
    let database = migrated().await;
    let folder = Folder::create().unwrap();
    let proxy = Proxy::start(folder.path(), database.postgres().socket()).await.unwrap();
    let through: PgConnectOptions = proxy.url(database.name()).parse().unwrap();
    let (_store, world) = open(through.clone(), 5).await.unwrap();
    let loader = CharacterLoader::new(read_pool(through), world.world, TABLES);
    let account = Account { issuer: "https://id.example".into(), subject: "ann".into() };
    let since = WorldMark { epoch: world.epoch, tag: world.tag, tick: world.tick };
    // Four loads, as many as the pool has connections, wait for a lock when the way to PostgreSQL is lost.
    let mut locker = database.connect().await.unwrap();
    sqlx::query("BEGIN").execute(&mut locker).await.unwrap();
    sqlx::query("LOCK TABLE holdfast.characters").execute(&mut locker).await.unwrap();
    let loads: Vec<_> = (0..4)
        .map(|_| {
            let (loader, account) = (loader.clone(), account.clone());
            tokio::spawn(async move { loader.load(EntityId(1), account, since).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    proxy.set_blackhole(true);
    drop(locker);
    for load in loads {
        let load = tokio::time::timeout(Duration::from_secs(10), load).await;
        assert_eq!(load.expect("a load ends, whatever happens").unwrap(), CharacterLoad::Failed);
    }
    // What was under way is swallowed for good; what is begun anew gets through.
    proxy.cut();
    proxy.set_blackhole(false);
    assert_eq!(loader.load(EntityId(1), account, since).await, CharacterLoad::NoSuchCharacter);
}

#[tokio::test]
async fn the_store_outlives_postgresql() {
    let mut postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    postgres.create_database("world", None).await.unwrap();
    let owner = postgres.owner_url("world").parse().unwrap();
    migrate(&owner, MIGRATIONS, TABLES).await.unwrap();
    let (mut store, world) = open(postgres.writer_url("world").parse().unwrap(), 5).await.unwrap();
    let (one, two) = (world.tick.next(), world.tick.next().next());
    assert_eq!(store.carry_out(batch(&world, world.tick, one)).await, StoreReply::Flushed);
    postgres.kill_group();
    let lost = store.carry_out(batch(&world, one, two)).await;
    assert_eq!(class(&lost), StoreErrorClass::Unknown);
    let down = store.carry_out(StoreRequest::Reconnect).await;
    assert_eq!(class(&down), StoreErrorClass::RetryLater, "{down:?}");
    postgres.start_again().await.unwrap();
    assert_eq!(reconnect(&mut store).await.tick, one);
    assert_eq!(store.carry_out(batch(&world, one, two)).await, StoreReply::Flushed);
    let mut connection = PgConnection::connect(&postgres.url("world")).await.unwrap();
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM holdfast.entities")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(count, 2);
}
