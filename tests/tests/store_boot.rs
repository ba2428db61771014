//! What a server looks at before it takes a world, and whenever it comes back to its database: settings, rights, what
//! stands in between, and whether everything that was acknowledged is still there.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "store_boot/pooler.rs"]
mod pooler;
#[path = "store_equality/tables.rs"]
mod tables;

use holdfast::persistence::loaded::LoadedWorld;
use holdfast::persistence::migrate::migrate;
use holdfast::persistence::postgres::{Durability, PostgresStore};
use holdfast::persistence::store::{StoreError, StoreErrorClass, StoreReply, StoreRequest};
use holdfast_devstack::postgres::PostgresOptions;
use holdfast_devstack::{Folder, Postgres};
use holdfast_protocol::Tick;
use holdfast_tests::TestDatabase;
use holdfast_tests::flush::flush_of_one;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use pooler::{Next, TransactionPooler};
use tables::{MIGRATIONS, TABLES, migrated, open, open_as, options, owner_options};

async fn run(database: &TestDatabase, sql: &str) {
    database.connect().await.unwrap().execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
}

/// Why the world of a database is not taken.
async fn refusal(database: &TestDatabase) -> String {
    open(options(database), 5).await.unwrap_err().to_string()
}

fn batch(world: &LoadedWorld, from: Tick) -> StoreRequest {
    flush_of_one(world, from, from.next(), TABLES.len())
}

async fn reconnect_error(store: &mut PostgresStore) -> StoreError {
    match store.carry_out(StoreRequest::Reconnect).await {
        StoreReply::ReconnectFailed(error) => error,
        other => panic!("no error: {other:?}"),
    }
}

#[tokio::test]
async fn a_login_that_may_do_too_much_is_refused_and_told_what_to_take_from_it() {
    let database = migrated().await;
    let superuser = database.postgres().url(database.name()).parse().unwrap();
    let error = open(superuser, 5).await.unwrap_err().to_string();
    assert!(error.contains("everything, as a superuser"), "{error}");
    let error = open(owner_options(&database), 5).await.unwrap_err().to_string();
    assert!(error.contains("everything in the schema holdfast, which is its own"), "{error}");

    let name = database.name();
    let changes = [
        ("GRANT DELETE ON holdfast.samples TO PUBLIC", "DELETE on table holdfast.samples"),
        ("GRANT UPDATE (tick) ON holdfast.worlds TO holdfast_writer", "UPDATE on table holdfast.worlds"),
        ("GRANT CREATE ON SCHEMA holdfast TO holdfast_writer", "CREATE on schema holdfast"),
        (&format!("GRANT CREATE ON DATABASE {name} TO holdfast_writer"), "CREATE on database"),
    ];
    for (change, says) in changes {
        run(&database, change).await;
        let error = refusal(&database).await;
        assert!(error.contains("holdfast_writer may do more") && error.contains(says), "{error}");
        run(&database, &change.replace("GRANT", "REVOKE").replace(" TO ", " FROM ")).await;
    }
    open(options(&database), 5).await.unwrap();
}

#[tokio::test]
async fn a_login_that_may_become_more_is_refused() {
    let options = PostgresOptions { without_roles: true, ..PostgresOptions::default() };
    let postgres = Postgres::start(options).await.unwrap();
    let mut superuser = PgConnection::connect(&postgres.url("postgres")).await.unwrap();
    for statement in [
        "CREATE ROLE holdfast_owner LOGIN CREATEROLE",
        "CREATE ROLE mighty NOLOGIN CREATEDB",
        "CREATE ROLE game LOGIN NOINHERIT",
        "CREATE DATABASE world OWNER holdfast_owner",
    ] {
        superuser.execute(statement).await.unwrap();
    }
    migrate(&postgres.owner_url("world").parse().unwrap(), MIGRATIONS, TABLES).await.unwrap();
    let login = postgres.writer_url("world").replace("user=holdfast_writer", "user=game");
    let login: sqlx::postgres::PgConnectOptions = login.parse().unwrap();
    let error = open(login.clone(), 5).await.unwrap_err().to_string();
    assert!(error.contains("lacks rights") && error.contains("GRANT that role TO \"game\""), "{error}");
    for role in ["mighty", "holdfast_owner", "pg_write_all_data"] {
        superuser.execute(AssertSqlSafe(format!("GRANT {role} TO game"))).await.unwrap();
        let error = open(login.clone(), 5).await.unwrap_err().to_string();
        assert!(error.contains(&format!("REVOKE {role} FROM game")), "{error}");
        superuser.execute(AssertSqlSafe(format!("REVOKE {role} FROM game"))).await.unwrap();
    }
    superuser.execute("ALTER ROLE game INHERIT; GRANT holdfast_writer TO game").await.unwrap();
    open(login, 5).await.unwrap();
}

#[tokio::test]
async fn a_login_that_lacks_a_right_is_refused_before_it_takes_the_world() {
    let database = migrated().await;
    for (taken, says) in [
        ("EXECUTE ON FUNCTION holdfast.flush_tick", "EXECUTE on function holdfast.flush_tick"),
        ("SELECT ON holdfast.samples", "SELECT on table holdfast.samples"),
        ("USAGE ON SCHEMA holdfast", "USAGE on schema holdfast"),
    ] {
        run(&database, &format!("REVOKE {taken} FROM holdfast_writer")).await;
        let error = refusal(&database).await;
        assert!(error.contains("lacks") && error.contains(says), "{error}");
        run(&database, &format!("GRANT {taken} TO holdfast_writer")).await;
    }
    let mut connection = database.connect().await.unwrap();
    let worlds: i64 =
        sqlx::query_scalar("SELECT count(*) FROM holdfast.worlds").fetch_one(&mut connection).await.unwrap();
    assert_eq!(worlds, 0);
}

#[tokio::test]
async fn settings_that_could_lose_commits_are_refused_but_for_durability_elsewhere() {
    for (setting, says) in [("fsync", "set fsync = on"), ("full_page_writes", "set full_page_writes = on")] {
        let settings = vec![(setting.to_owned(), "off".to_owned())];
        let postgres =
            Postgres::start(PostgresOptions { settings, ..PostgresOptions::default() }).await.unwrap();
        postgres.create_database("world", None).await.unwrap();
        migrate(&postgres.owner_url("world").parse().unwrap(), MIGRATIONS, TABLES).await.unwrap();
        let options: sqlx::postgres::PgConnectOptions = postgres.writer_url("world").parse().unwrap();
        let error = open(options.clone(), 5).await.unwrap_err().to_string();
        assert!(error.contains(says) && error.contains("HOLDFAST_DURABILITY_ELSEWHERE"), "{error}");
        let elsewhere = Durability { elsewhere: Some("a test of what is said".into()) };
        open_as(options, 5, elsewhere).await.unwrap();
    }
}

#[tokio::test]
async fn a_read_only_server_is_refused_at_the_start_and_on_coming_back() {
    let database = migrated().await;
    let (mut store, world) = open(options(&database), 5).await.unwrap();
    let read_only = format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name());
    run(&database, &read_only).await;
    let error = refusal(&database).await;
    assert!(error.contains("read-only"), "{error}");
    let error = reconnect_error(&mut store).await;
    assert_eq!(error.class, StoreErrorClass::Halt, "{error}");
    // And once it is mended the world goes on where it was.
    let mended = format!("ALTER DATABASE {} RESET default_transaction_read_only", database.name());
    run(&database, &format!("SET transaction_read_only = off; {mended}")).await;
    let reply = store.carry_out(StoreRequest::Reconnect).await;
    assert!(matches!(reply, StoreReply::Reconnected(mark) if mark.tick == world.tick), "{reply:?}");
}

#[tokio::test]
async fn rights_are_looked_at_again_on_coming_back() {
    let database = migrated().await;
    let (mut store, _world) = open(options(&database), 5).await.unwrap();
    run(&database, "GRANT INSERT ON holdfast.entities TO holdfast_writer").await;
    let error = reconnect_error(&mut store).await;
    assert_eq!(error.class, StoreErrorClass::Halt);
    assert!(error.message.contains("INSERT on table holdfast.entities"), "{error}");
}

#[tokio::test]
async fn a_database_that_lacks_what_was_acknowledged_stops_the_server_for_good() {
    let database = migrated().await;
    let (mut store, world) = open(options(&database), 5).await.unwrap();
    assert_eq!(store.carry_out(batch(&world, world.tick)).await, StoreReply::Flushed);
    for lost in [
        format!("UPDATE holdfast.worlds SET tick = {}", world.tick.0),
        "UPDATE holdfast.worlds SET tick = 900, epoch = epoch - 1".to_owned(),
        "UPDATE holdfast.worlds SET tick = 900, epoch_tag = 77".to_owned(),
        "UPDATE holdfast.worlds SET tick = 900, epoch = epoch + 3".to_owned(),
        "DELETE FROM holdfast.worlds".to_owned(),
    ] {
        let before = "CREATE TABLE before AS SELECT * FROM holdfast.worlds";
        run(&database, before).await;
        run(&database, &lost).await;
        let error = reconnect_error(&mut store).await;
        assert_eq!(error.class, StoreErrorClass::Halt, "{lost}: {error}");
        assert!(error.message.contains("ACKNOWLEDGED DATA IS LOST"), "{lost}: {error}");
        let again = "DELETE FROM holdfast.worlds; INSERT INTO holdfast.worlds OVERRIDING SYSTEM VALUE
            SELECT * FROM before; DROP TABLE before";
        run(&database, again).await;
    }
    let reply = store.carry_out(StoreRequest::Reconnect).await;
    assert!(matches!(reply, StoreReply::Reconnected(mark) if mark.tick == world.tick.next()), "{reply:?}");
}

#[tokio::test]
async fn another_postgresql_that_lacks_nothing_is_only_reported() {
    let database = migrated().await;
    let (mut store, world) = open(options(&database), 5).await.unwrap();
    let now = async || {
        let mut connection = database.connect().await.unwrap();
        sqlx::query_as::<_, (String, i64)>("SELECT system_identifier, timeline FROM holdfast.world_stores")
            .fetch_one(&mut connection)
            .await
            .unwrap()
    };
    let (system, timeline) = now().await;
    assert!(system.parse::<u64>().is_ok() && timeline == 1, "{system}, {timeline}");
    run(&database, "UPDATE holdfast.world_stores SET system_identifier = '7', timeline = 3").await;
    assert_eq!(store.carry_out(batch(&world, world.tick)).await, StoreReply::Flushed);
    drop(store);
    // A start says so in its log, and remembers what it found.
    open(options(&database), 6).await.unwrap();
    assert_eq!(now().await, (system, timeline));
}

#[tokio::test]
async fn a_transaction_pooler_is_recognised_and_refused() {
    let database = migrated().await;
    for (size, next) in [(1, Next::Last), (3, Next::Last), (3, Next::First)] {
        let folder = Folder::create().unwrap();
        let pooler = TransactionPooler::start(folder.path(), database.postgres().socket(), size, next).await;
        let through = pooler.url(&database).parse().unwrap();
        let error = open(through, 5).await.unwrap_err().to_string();
        assert!(error.contains("pool_mode = transaction"), "{size} connections, {next:?}: {error}");
    }
}
