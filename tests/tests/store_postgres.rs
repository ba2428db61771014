//! The writer's store on a real PostgreSQL: who may write, what becomes of a flush whose reply is lost, and what a
//! server refuses.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "store_equality/tables.rs"]
mod tables;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use holdfast::persistence::characters::{CHARACTERS_PER_ACCOUNT_MAX, Characters, Created};
use holdfast::persistence::loaded::{CharacterLoad, LoadedWorld};
use holdfast::persistence::loader::CharacterLoader;
use holdfast::persistence::postgres::{PostgresStore, read_pool};
use holdfast::persistence::rows::TickRows;
use holdfast::persistence::store::{StoreErrorClass, StoreReply, StoreRequest, WorldMark};
use holdfast_front::Account;
use holdfast_protocol::{EntityId, EpochTag, Tick};
use holdfast_tests::TestDatabase;
use holdfast_tests::flush::{flush_of, flush_of_one};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tokio::sync::mpsc;

use tables::{TABLES, migrated, open, options};

/// A batch of one new entity.
fn batch(world: &LoadedWorld, from: Tick, to: Tick) -> StoreRequest {
    flush_of_one(world, from, to, TABLES.len())
}

fn class(reply: StoreReply) -> StoreErrorClass {
    match reply {
        StoreReply::FlushFailed(error) | StoreReply::ReconnectFailed(error) => error.class,
        other => panic!("no error: {other:?}"),
    }
}

async fn run(database: &TestDatabase, sql: &str) {
    database.connect().await.unwrap().execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
}

async fn ask<T>(database: &TestDatabase, sql: &str) -> T
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    let mut connection = database.connect().await.unwrap();
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap()
}

const END_WRITERS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'holdfast writer'";

#[tokio::test]
async fn a_flush_of_a_lost_connection_is_looked_up_and_sent_again() {
    let database = migrated().await;
    let (mut store, world) = open(options(&database), 5).await.unwrap();
    let next = world.tick.next();
    run(&database, END_WRITERS).await;
    assert_eq!(class(store.carry_out(batch(&world, world.tick, next)).await), StoreErrorClass::Unknown);
    // Whatever is asked of a store without a connection, its answer is that nobody knows.
    assert_eq!(class(store.carry_out(batch(&world, world.tick, next)).await), StoreErrorClass::Unknown);
    let mark = WorldMark { epoch: world.epoch, tag: EpochTag(5), tick: world.tick };
    assert_eq!(store.carry_out(StoreRequest::Reconnect).await, StoreReply::Reconnected(mark));
    assert_eq!(store.carry_out(batch(&world, world.tick, next)).await, StoreReply::Flushed);
    assert_eq!(
        store.carry_out(StoreRequest::Reconnect).await,
        StoreReply::Reconnected(WorldMark { tick: next, ..mark })
    );
}

/// The old backend waits for a row lock with the flush in its hands. Ending it is what makes sure that the flush does
/// not arrive after the look-up has said that it is not there.
#[tokio::test]
async fn a_flush_that_hangs_cannot_arrive_after_it_was_looked_up() {
    let database = migrated().await;
    let (mut store, world) = open(options(&database), 5).await.unwrap();
    let mut other = database.connect().await.unwrap();
    let mut lock = other.begin().await.unwrap();
    lock.execute("SELECT FROM holdfast.worlds FOR UPDATE").await.unwrap();
    let flush = store.carry_out(batch(&world, world.tick, world.tick.next()));
    tokio::time::timeout(Duration::from_millis(100), flush).await.unwrap_err();
    // The look-up waits for the row as the hanging flush did, and must come out of it alone.
    let (reply, ()) = tokio::join!(store.carry_out(StoreRequest::Reconnect), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        lock.rollback().await.unwrap();
    });
    let mark = WorldMark { epoch: world.epoch, tag: EpochTag(5), tick: world.tick };
    assert_eq!(reply, StoreReply::Reconnected(mark));
    assert_eq!(store.carry_out(batch(&world, world.tick, world.tick.next())).await, StoreReply::Flushed);
    assert_eq!(ask::<i64>(&database, "SELECT count(*) FROM holdfast.entities").await, 1);
}

#[tokio::test]
async fn a_row_that_stays_locked_is_a_conflict() {
    let database = migrated().await;
    let (mut store, world) = open(options(&database), 5).await.unwrap();
    let mut other = database.connect().await.unwrap();
    let mut lock = other.begin().await.unwrap();
    lock.execute("SELECT FROM holdfast.worlds FOR UPDATE").await.unwrap();
    let reply = store.carry_out(batch(&world, world.tick, world.tick.next())).await;
    assert_eq!(class(reply), StoreErrorClass::RetryNow);
    lock.rollback().await.unwrap();
    let reply = store.carry_out(batch(&world, world.tick, world.tick.next())).await;
    assert_eq!(reply, StoreReply::Flushed, "the connection was kept");
}

#[tokio::test]
async fn the_next_owner_waits_for_the_last_and_remembers_where_it_ended() {
    let database = Arc::new(migrated().await);
    let (mut first, world) = open(options(&database), 5).await.unwrap();
    assert!(world.is_new);
    let (second_database, second) = (Arc::clone(&database), 6);
    let waiting = tokio::spawn(async move { open(options(&second_database), second).await.unwrap() });
    let to = Tick(world.tick.0 + 20);
    assert_eq!(first.carry_out(batch(&world, world.tick, to)).await, StoreReply::Flushed);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    let let_go = Instant::now();
    drop(first);
    let (_store, next) = waiting.await.unwrap();
    assert!(
        let_go.elapsed() >= Duration::from_millis(250),
        "a lock that is free for a moment is no dead owner's"
    );
    assert_eq!((next.epoch.0, next.tag, next.tick), (world.epoch.0 + 1, EpochTag(6), to.next()));
    let ends: Vec<_> = next.history.iter().map(|end| (end.epoch, end.tag, end.end)).collect();
    assert_eq!(ends, [(world.epoch, EpochTag(5), to)]);
    assert_eq!(next.entities.len(), 1);
    assert!(!next.is_new);
}

/// Whoever waits for the world looks whether the lock is free by trying it.
#[tokio::test]
async fn an_owner_that_comes_back_is_not_taken_for_fenced_by_somebody_who_looks() {
    const LOCK: &str = "(x'484f4c4446415354'::bigint + (SELECT id FROM holdfast.worlds))";
    const HAS_TRIED: &str = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'holdfast writer' AND state = 'idle' AND query LIKE '%pg_try_advisory_lock%')";
    let database = migrated().await;
    let (mut store, world) = open(options(&database), 5).await.unwrap();
    let mark = WorldMark { epoch: world.epoch, tag: EpochTag(5), tick: world.tick };
    let mut looker = database.connect().await.unwrap();
    let mut came_back = false;
    // On a busy machine the one who looks may be slow to let go: then the owner is right to give up.
    for _ in 0..10 {
        run(&database, END_WRITERS).await;
        looker.execute(AssertSqlSafe(format!("SELECT pg_advisory_lock({LOCK})"))).await.unwrap();
        let lets_go = async {
            // Where it has given up by then there is nothing more to see.
            let deadline = Instant::now() + Duration::from_secs(1);
            while Instant::now() < deadline && !ask::<bool>(&database, HAS_TRIED).await {}
            looker.execute(AssertSqlSafe(format!("SELECT pg_advisory_unlock({LOCK})"))).await.unwrap();
        };
        let (reply, ()) = tokio::join!(store.carry_out(StoreRequest::Reconnect), lets_go);
        came_back |= reply == StoreReply::Reconnected(mark);
        if came_back {
            break;
        }
        assert_eq!(class(reply), StoreErrorClass::Fenced);
    }
    assert!(came_back, "a lock that is held for a moment is waited for");
}

#[tokio::test]
async fn an_owner_whose_lease_ran_out_loses_the_world_and_learns_it() {
    let database = migrated().await;
    let (mut old, world) = open(options(&database), 5).await.unwrap();
    run(&database, "UPDATE holdfast.worlds SET lease_expires = now() - interval '1 second'").await;
    let (_new, next) = open(options(&database), 6).await.unwrap();
    assert_eq!(next.epoch.0, world.epoch.0 + 1);
    let flush = batch(&world, world.tick, world.tick.next());
    assert_eq!(class(old.carry_out(flush).await), StoreErrorClass::Unknown);
    assert_eq!(class(old.carry_out(StoreRequest::Reconnect).await), StoreErrorClass::Fenced);
}

#[tokio::test]
async fn an_owner_that_still_loads_is_not_followed() {
    let database = migrated().await;
    let (mut store, world) = open(options(&database), 5).await.unwrap();
    // As late as a load of a large world may end, and the first beat be sent.
    run(&database, "UPDATE holdfast.worlds SET lease_expires = lease_expires - interval '60 seconds'").await;
    let waiting = open(options(&database), 6);
    assert!(tokio::time::timeout(Duration::from_millis(500), waiting).await.is_err(), "it still waits");
    let flush = batch(&world, world.tick, world.tick.next());
    assert_eq!(store.carry_out(flush).await, StoreReply::Flushed);
    let is_short = "SELECT lease_expires < now() + interval '6 seconds' FROM holdfast.worlds";
    assert!(ask::<bool>(&database, is_short).await, "from then on it is as short as any other");
}

#[tokio::test]
async fn an_owner_that_was_followed_finds_another_mark() {
    let database = migrated().await;
    let (mut old, world) = open(options(&database), 5).await.unwrap();
    run(&database, END_WRITERS).await;
    let (new, next) = open(options(&database), 6).await.unwrap();
    drop(new);
    let flush = batch(&world, world.tick, world.tick.next());
    assert_eq!(class(old.carry_out(flush.clone()).await), StoreErrorClass::Unknown);
    let mark = WorldMark { epoch: next.epoch, tag: EpochTag(6), tick: next.tick };
    let mut reply = old.carry_out(StoreRequest::Reconnect).await;
    while matches!(reply, StoreReply::ReconnectFailed(_)) {
        // The new owner's backend may take a moment to notice that it is alone.
        assert_eq!(class(reply), StoreErrorClass::Fenced);
        reply = old.carry_out(StoreRequest::Reconnect).await;
    }
    assert_eq!(reply, StoreReply::Reconnected(mark));
    assert_eq!(class(old.carry_out(flush).await), StoreErrorClass::Fenced, "and its epoch is refused");
}

#[tokio::test]
async fn a_lease_is_given_back_by_its_owner_and_by_nobody_else() {
    let database = migrated().await;
    let (old, world) = open(options(&database), 5).await.unwrap();
    run(&database, "UPDATE holdfast.worlds SET epoch = epoch + 1").await;
    old.release().await;
    let has_lease = "SELECT lease_expires IS NOT NULL FROM holdfast.worlds";
    assert!(ask::<bool>(&database, has_lease).await, "it is another one's by now");
    let (new, next) = open(options(&database), 6).await.unwrap();
    assert_eq!(next.epoch.0, world.epoch.0 + 2);
    new.release().await;
    assert!(!ask::<bool>(&database, has_lease).await);
}

#[tokio::test]
async fn each_flush_renews_the_lease() {
    let database = migrated().await;
    let (mut store, world) = open(options(&database), 5).await.unwrap();
    run(&database, "UPDATE holdfast.worlds SET lease_expires = now() - interval '1 second'").await;
    let beat = flush_of(&world, world.tick, world.tick, TickRows::new(TABLES.len()));
    assert_eq!(store.carry_out(beat).await, StoreReply::Flushed);
    assert!(
        ask::<bool>(&database, "SELECT lease_expires > now() + interval '4 seconds' FROM holdfast.worlds")
            .await
    );
}

#[tokio::test]
async fn a_character_is_not_loaded_from_a_server_that_is_behind() {
    let database = migrated().await;
    let (_store, world) = open(options(&database), 5).await.unwrap();
    let loader = CharacterLoader::new(read_pool(options(&database)), world.world, TABLES);
    let account = Account { issuer: "https://id.example".into(), subject: "ann".into() };
    let now = WorldMark { epoch: world.epoch, tag: world.tag, tick: world.tick };
    let load = async |since| loader.load(EntityId(1), account.clone(), since).await;
    assert_eq!(load(now).await, CharacterLoad::NoSuchCharacter);
    assert_eq!(load(WorldMark { tick: now.tick.next(), ..now }).await, CharacterLoad::Failed);
    assert_eq!(load(WorldMark { tag: EpochTag(6), ..now }).await, CharacterLoad::Failed);
}

#[tokio::test]
async fn a_store_in_a_task_answers_in_turn() {
    let database = migrated().await;
    let (store, world) = open(options(&database), 5).await.unwrap();
    let (requests, asked) = mpsc::channel(1);
    let (replies, mut answers) = mpsc::channel(1);
    let task = tokio::spawn(PostgresStore::run(store, asked, replies));
    for number in 0..3 {
        let from = Tick(world.tick.0 + number);
        requests.send(batch(&world, from, from.next())).await.unwrap();
        assert_eq!(answers.recv().await, Some(StoreReply::Flushed));
    }
    drop(requests);
    task.await.unwrap();
    assert_eq!(ask::<i64>(&database, "SELECT count(*) FROM holdfast.entities").await, 3);
}

#[tokio::test]
async fn a_server_that_could_lose_commits_is_refused() {
    let database = migrated().await;
    run(&database, &format!("ALTER DATABASE {} SET synchronous_commit = off", database.name())).await;
    let error = open(options(&database), 5).await.unwrap_err().to_string();
    assert!(error.contains("set it to on"), "{error}");
}

fn account(subject: &str) -> Account {
    Account { issuer: "https://issuer.test".into(), subject: subject.into() }
}

#[tokio::test]
async fn of_many_who_want_a_name_exactly_one_gets_it() {
    let database = migrated().await;
    let (_store, world) = open(options(&database), 5).await.unwrap();
    let characters = Characters::new(read_pool(options(&database)), world.world);
    let wishes = (0..8).map(|number| {
        let characters = characters.clone();
        tokio::spawn(async move { characters.create(&account(&number.to_string()), "Ada", "gardener").await })
    });
    let mut made = Vec::new();
    for wish in wishes.collect::<Vec<_>>() {
        match wish.await.unwrap().unwrap() {
            Created::Done(id) => made.push(id),
            other => assert_eq!(other, Created::NameTaken),
        }
    }
    assert_eq!(made.len(), 1);
    assert!(made[0].is_character());
}

#[tokio::test]
async fn a_wish_whose_answer_was_lost_can_be_said_again() {
    let database = migrated().await;
    let (_store, world) = open(options(&database), 5).await.unwrap();
    let characters = Characters::new(read_pool(options(&database)), world.world);
    let (ada, bob) = (account("ada"), account("bob"));
    let first = characters.create(&ada, "Ada", "gardener").await.unwrap();
    assert!(matches!(first, Created::Done(_)));
    assert_eq!(characters.create(&ada, "Ada", "gardener").await.unwrap(), first);
    assert_eq!(characters.create(&ada, "Ada", "fisher").await.unwrap(), Created::NameTaken);
    assert_eq!(characters.create(&bob, "Ada", "gardener").await.unwrap(), Created::NameTaken);
    assert_eq!(characters.of_account(&ada).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_account_gets_no_more_characters_than_it_may_have() {
    let database = migrated().await;
    let (_store, world) = open(options(&database), 5).await.unwrap();
    let characters = Characters::new(read_pool(options(&database)), world.world);
    let wishes = ('a'..='n').map(|letter| {
        let characters = characters.clone();
        tokio::spawn(
            async move { characters.create(&account("ada"), &format!("Ad{letter}"), "gardener").await },
        )
    });
    let mut made = BTreeSet::new();
    for wish in wishes.collect::<Vec<_>>() {
        match wish.await.unwrap().unwrap() {
            Created::Done(id) => assert!(made.insert(id)),
            other => assert_eq!(other, Created::TooMany),
        }
    }
    assert_eq!(made.len(), CHARACTERS_PER_ACCOUNT_MAX as usize);
    let listed = characters.of_account(&account("ada")).await.unwrap();
    assert_eq!(listed.iter().map(|profile| profile.id).collect::<BTreeSet<_>>(), made);
    assert!(characters.of_account(&account("bob")).await.unwrap().is_empty());
    for name in ["ada", "Al", "AdA", "Ada1", "Ada\n", "Adaadaadaadaadaada", ""] {
        assert_eq!(
            characters.create(&account("bob"), name, "gardener").await,
            Ok(Created::NameInvalid),
            "{name:?}"
        );
    }
}
