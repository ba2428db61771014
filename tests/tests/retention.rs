//! The journal's days: a week is made ahead, a missing one fails nothing, what is over goes, and nothing else does.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "store_equality/tables.rs"]
mod tables;

use std::time::{Duration, Instant};

use holdfast::persistence::chat::ChatLine;
use holdfast::persistence::journal::{Input, InputKind};
use holdfast::persistence::loaded::LoadedWorld;
use holdfast::persistence::retention::{RetentionError, keep_partitions, run_retention};
use holdfast::persistence::rows::{EntityRow, TickRows};
use holdfast::persistence::store::{StoreReply, StoreRequest};
use holdfast_protocol::{EntityId, Tick};
use holdfast_tests::TestDatabase;
use holdfast_tests::flush::flush_of;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use tables::{TABLES, migrated, open, options};

const PARENTS: [&str; 4] = ["journal", "journal_entities", "row_images", "chat"];

/// Who may make and drop days, and write into them.
async fn as_owner(database: &TestDatabase) -> PgConnection {
    PgConnection::connect(&database.owner_url()).await.unwrap()
}

async fn run(connection: &mut PgConnection, sql: &str) {
    connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
}

/// A transaction that has read the journal, and holds on to what it has read.
async fn reading(database: &TestDatabase) -> PgConnection {
    let mut reader = database.connect().await.unwrap();
    run(&mut reader, "BEGIN; SELECT count(*) FROM holdfast.journal").await;
    reader
}

async fn ask(connection: &mut PgConnection, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(connection).await.unwrap()
}

/// The days that a table has partitions of, counted from today; DEFAULT is left out.
async fn days(connection: &mut PgConnection, parent: &str) -> Vec<i32> {
    let sql = format!(
        "SELECT to_date(right(c.relname, 8), 'YYYYMMDD') - (clock_timestamp() AT TIME ZONE 'UTC')::date AS day
         FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'holdfast.{parent}'::regclass AND c.relname NOT LIKE '%default' ORDER BY day"
    );
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(connection).await.unwrap()
}

/// Gives each table the partition of a day that is `ago` days past, with one row of its last moment.
async fn make_past_day(connection: &mut PgConnection, ago: i32) {
    let day = format!("(date_trunc('day', clock_timestamp(), 'UTC') - {ago} * interval '24 hours')");
    for parent in PARENTS {
        run(connection, &format!("SELECT holdfast.make_partition('{parent}', {day})")).await;
    }
    fill_past_day(connection, ago).await;
}

/// One row of the last moment of a day that is `ago` days past, in each table.
async fn fill_past_day(connection: &mut PgConnection, ago: i32) {
    let at = format!(
        "date_trunc('day', clock_timestamp(), 'UTC') - {} * interval '24 hours' - interval '1 ms'",
        ago - 1
    );
    for sql in [
        format!("INSERT INTO holdfast.journal VALUES (1, 1, 0, 1, {at}, '\\x0100')"),
        format!("INSERT INTO holdfast.journal_entities VALUES (1, 2, 1, {at})"),
        format!("INSERT INTO holdfast.row_images VALUES (1, 1, 0, 1, {at}, '\\x0100')"),
        format!("INSERT INTO holdfast.chat VALUES (1, 1, {at}, 1, 1, 'nearby', 'Hello')"),
    ] {
        run(connection, &sql).await;
    }
}

/// A flush that writes into each of the tables.
fn batch(world: &LoadedWorld, from: Tick) -> StoreRequest {
    let to = from.next();
    let mut rows = TickRows::new(TABLES.len());
    rows.entities.insert(EntityId(2), Some(EntityRow { tick: to, kind: 1, home: None, entered: to }));
    rows.inputs.push(Input { tick: to, character: EntityId(1), kind: InputKind::Left });
    rows.indexed.insert(EntityId(1));
    let line =
        ChatLine { tick: to, speaker: EntityId(1), channel: "nearby".to_owned(), text: "Hello".to_owned() };
    rows.chat.push(line);
    flush_of(world, from, to, rows)
}

#[tokio::test]
async fn a_week_is_made_ahead_by_migrating_and_by_the_job() {
    let database = migrated().await;
    let mut connection = as_owner(&database).await;
    for parent in PARENTS {
        assert_eq!(days(&mut connection, parent).await, [0, 1, 2, 3, 4, 5, 6, 7], "{parent}");
        let gone = format!(
            "DROP TABLE holdfast.{parent}_{}",
            (sqlx::query_scalar::<_, String>(
                "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD')"
            )
            .fetch_one(&mut connection)
            .await
            .unwrap())
        );
        run(&mut connection, &gone).await;
    }
    let done = run_retention(&options(&database)).await.unwrap();
    assert_eq!(done.len(), PARENTS.len(), "{done:?}");
    for parent in PARENTS {
        assert_eq!(days(&mut connection, parent).await, [0, 1, 2, 3, 4, 5, 6, 7], "{parent}");
    }
    assert_eq!(run_retention(&options(&database)).await.unwrap(), [""; 0], "there is nothing left to do");
    // A server's login may not touch the new days but through their parents, and lacks nothing for it.
    let (mut store, world) = open(options(&database), 5).await.unwrap();
    assert_eq!(store.carry_out(batch(&world, world.tick)).await, StoreReply::Flushed);
}

#[tokio::test]
async fn a_missing_day_fails_no_flush_and_is_put_in_its_place_later() {
    let database = migrated().await;
    let mut connection = as_owner(&database).await;
    let (mut store, world) = open(options(&database), 5).await.unwrap();
    assert_eq!(store.carry_out(batch(&world, world.tick)).await, StoreReply::Flushed);
    // As if nobody had seen to it for longer than a week.
    for parent in PARENTS {
        let all: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
            "SELECT inhrelid::regclass::text FROM pg_inherits
             WHERE inhparent = 'holdfast.{parent}'::regclass AND inhrelid::regclass::text NOT LIKE '%default'"
        )))
        .fetch_all(&mut connection)
        .await
        .unwrap();
        for partition in all {
            run(&mut connection, &format!("DROP TABLE {partition}")).await;
        }
    }
    assert_eq!(store.carry_out(batch(&world, world.tick.next())).await, StoreReply::Flushed);
    for parent in PARENTS {
        let count = format!("SELECT count(*) FROM holdfast.{parent}_default");
        assert_eq!(ask(&mut connection, &count).await, 1, "{parent}");
    }
    run_retention(&options(&database)).await.unwrap();
    for parent in PARENTS {
        let count = format!("SELECT count(*) FROM holdfast.{parent}_default");
        assert_eq!(ask(&mut connection, &count).await, 0, "{parent}");
        assert_eq!(ask(&mut connection, &format!("SELECT count(*) FROM holdfast.{parent}")).await, 1);
        assert_eq!(days(&mut connection, parent).await, [0, 1, 2, 3, 4, 5, 6, 7], "{parent}");
    }
    let next = Tick(world.tick.0 + 2);
    assert_eq!(
        store.carry_out(batch(&world, next)).await,
        StoreReply::Flushed,
        "the writer goes on as before"
    );
}

#[tokio::test]
async fn what_is_over_goes_and_nothing_else() {
    let database = migrated().await;
    let mut connection = as_owner(&database).await;
    for ago in [1, 2, 3, 30, 31, 32] {
        make_past_day(&mut connection, ago).await;
    }
    // These fall into DEFAULT: a day that is kept, and one that is over for all four.
    fill_past_day(&mut connection, 5).await;
    fill_past_day(&mut connection, 40).await;
    run_retention(&options(&database)).await.unwrap();
    let ahead = [0, 1, 2, 3, 4, 5, 6, 7];
    for parent in ["journal", "journal_entities", "chat"] {
        let kept = [&[-30, -5, -3, -2, -1][..], &ahead].concat();
        assert_eq!(days(&mut connection, parent).await, kept, "{parent}");
        assert_eq!(
            ask(&mut connection, &format!("SELECT count(*) FROM holdfast.{parent}")).await,
            5,
            "{parent}"
        );
    }
    assert_eq!(days(&mut connection, "row_images").await, [&[-1][..], &ahead].concat());
    assert_eq!(ask(&mut connection, "SELECT count(*) FROM holdfast.row_images").await, 1);
    let left = "SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_expired'";
    assert_eq!(ask(&mut connection, left).await, 0, "what was detached is dropped as well");

    run(&mut connection, "UPDATE holdfast.retention SET keep = '4 days' WHERE about = 'journal'").await;
    run_retention(&options(&database)).await.unwrap();
    assert_eq!(days(&mut connection, "journal").await, [&[-3, -2, -1][..], &ahead].concat());
    assert_eq!(days(&mut connection, "chat").await.len(), 5 + ahead.len(), "each has a period of its own");
}

#[tokio::test]
async fn the_job_gives_way_to_a_reader_and_tries_again() {
    let database = migrated().await;
    let mut connection = as_owner(&database).await;
    make_past_day(&mut connection, 40).await;
    let mut reader = reading(&database).await;

    // What nobody reads goes at once; what is read waits, and no single wait is longer than a tick.
    let mut job = PgConnection::connect(&database.url()).await.unwrap();
    let begun = Instant::now();
    let locked = loop {
        match sqlx::query_scalar::<_, Option<String>>("SELECT holdfast.keep_partitions()")
            .fetch_one(&mut job)
            .await
        {
            Ok(done) => {
                assert!(done.is_some_and(|done| !done.contains(" journal_2")), "the reader still reads");
            }
            Err(error) => break error,
        }
    };
    assert_eq!(locked.as_database_error().unwrap().code().as_deref(), Some("55P03"));
    assert!(begun.elapsed() < Duration::from_secs(5), "it gives up soon: {:?}", begun.elapsed());
    assert_eq!(days(&mut connection, "journal").await[0], -40);
    assert_eq!(days(&mut connection, "chat").await[0], 0);

    // The world writes on while the job keeps trying.
    let (mut store, world) = open(options(&database), 5).await.unwrap();
    let patient = tokio::spawn(async move { keep_partitions(&mut job).await });
    let mut from = world.tick;
    for _ in 0..20 {
        assert_eq!(store.carry_out(batch(&world, from)).await, StoreReply::Flushed);
        from = from.next();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!patient.is_finished(), "it still tries");
    run(&mut reader, "ROLLBACK").await;
    let done = patient.await.unwrap().unwrap();
    assert_eq!(done.len(), 2, "detached, and dropped: {done:?}");
    assert_eq!(days(&mut connection, "journal").await[0], 0);
}

#[tokio::test]
async fn a_job_that_finds_no_end_of_a_lock_says_so() {
    let database = migrated().await;
    let mut connection = as_owner(&database).await;
    make_past_day(&mut connection, 40).await;
    let _reader = reading(&database).await;
    let error = run_retention(&options(&database)).await.unwrap_err();
    assert!(matches!(error, RetentionError::Locked(_)), "{error:?}");
    assert_eq!(ask(&mut connection, "SELECT count(*) FROM holdfast.journal").await, 1, "nothing is lost");
}

/// A day that an operator has detached to keep it is neither dropped nor filled again.
#[tokio::test]
async fn what_somebody_detached_by_hand_is_left_alone() {
    let database = migrated().await;
    let mut connection = as_owner(&database).await;
    make_past_day(&mut connection, 40).await;
    let name: String = sqlx::query_scalar("SELECT tableoid::regclass::text FROM holdfast.journal")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    run(&mut connection, &format!("ALTER TABLE holdfast.journal DETACH PARTITION {name}")).await;
    run_retention(&options(&database)).await.unwrap();
    assert_eq!(ask(&mut connection, &format!("SELECT count(*) FROM {name}")).await, 1);
}
