//! How a database comes to fit a game, and what is said where it does not.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "store_equality/tables.rs"]
mod tables;

use holdfast::persistence::durable::{Cell, Column, ColumnType, Row, TableDefinition};
use holdfast::persistence::migrate::{Migration, migrate};
use holdfast::persistence::postgres::{Durability, OwnershipSeed, WorldSettings, open_world};
use holdfast::persistence::rows::{ComponentRow, TickRows};
use holdfast::persistence::store::StoreReply;
use holdfast_protocol::{EntityId, EpochTag};
use holdfast_tests::TestDatabase;
use holdfast_tests::flush::flush_of;
use sqlx::{AssertSqlSafe, Executor as _};

use tables::{MIGRATIONS, TABLES, migrated, open, options, owner_options};

async fn run(database: &TestDatabase, sql: &str) {
    database.connect().await.unwrap().execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
}

async fn generated(database: &TestDatabase) -> String {
    let mut connection = database.connect().await.unwrap();
    sqlx::query_scalar("SELECT generated::text FROM holdfast.registry")
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let database = migrated().await;
    let before = generated(&database).await;
    migrate(&owner_options(&database), MIGRATIONS, TABLES).await.unwrap();
    assert_eq!(generated(&database).await, before);
}

#[tokio::test]
async fn two_migrations_at_once_follow_each_other() {
    let database = TestDatabase::empty().await.unwrap();
    let options = owner_options(&database);
    let (one, other) =
        tokio::join!(migrate(&options, MIGRATIONS, TABLES), migrate(&options, MIGRATIONS, TABLES));
    one.unwrap();
    other.unwrap();
}

#[tokio::test]
async fn a_migration_that_was_changed_after_it_ran_is_refused() {
    let database = migrated().await;
    let changed = [Migration { sql: "CREATE TABLE other ()", ..MIGRATIONS[0] }];
    let error = migrate(&owner_options(&database), &changed, TABLES).await.unwrap_err();
    assert_eq!(error.to_string(), "run the game migrations");
}

#[tokio::test]
async fn a_difference_names_table_and_column() {
    let database = migrated().await;
    run(&database, "ALTER TABLE holdfast.samples ALTER COLUMN count TYPE bigint").await;
    run(&database, "ALTER TABLE holdfast.markers DROP CONSTRAINT markers_pkey").await;
    let error = open(options(&database), 5).await.unwrap_err().to_string();
    let expected = "table samples, column count: the code expects integer not null, the database has bigint not null; \
                    table markers: the code expects the primary key (world, entity), the database has another";
    assert!(error.contains(expected), "{error}");
}

#[tokio::test]
async fn a_database_that_was_never_migrated_says_so() {
    let database = TestDatabase::empty().await.unwrap();
    let error = open(options(&database), 5).await.unwrap_err().to_string();
    assert!(error.contains("run `migrate`"), "{error}");
}

#[tokio::test]
async fn a_migration_of_the_engine_that_has_not_run_is_named() {
    let database = migrated().await;
    run(&database, "DELETE FROM holdfast.engine_migrations WHERE version = 20261124131100").await;
    let error = open(options(&database), 5).await.unwrap_err().to_string();
    assert!(error.contains("20261124131100_create_world_stores; run `migrate`"), "{error}");
}

const PETALS: TableDefinition =
    TableDefinition { table: "petals", columns: &[Column::new("count", ColumnType::BigInt)] };

#[tokio::test]
async fn another_component_makes_another_flush() {
    let database = migrated().await;
    let tables = [TABLES[2], PETALS, TABLES[0]];
    let settings = WorldSettings {
        database: options(&database),
        world: "test".to_owned(),
        holder: "test".to_owned(),
        durability: Durability::default(),
    };
    let seed = OwnershipSeed { tag: EpochTag(1), resume_key: [7; 32] };
    run(&database, "CREATE TABLE holdfast.petals (LIKE holdfast.markers INCLUDING ALL)").await;
    run(&database, "ALTER TABLE holdfast.petals ADD COLUMN count bigint NOT NULL").await;
    run(&database, "ALTER TABLE holdfast.petals OWNER TO holdfast_owner; GRANT SELECT ON holdfast.petals TO holdfast_writer").await;
    let error = open_world(&settings, &tables, seed).await.unwrap_err().to_string();
    assert!(error.contains("generated for other components"), "{error}");

    migrate(&owner_options(&database), MIGRATIONS, &tables).await.unwrap();
    let (mut store, world) = open_world(&settings, &tables, seed).await.unwrap();
    let mut rows = TickRows::new(3);
    let row = ComponentRow { tick: world.tick.next(), row: Row(vec![Cell::BigInt(5)]) };
    rows.components[1].insert(EntityId(2), Some(row));
    let flush = flush_of(&world, world.tick, world.tick.next(), rows);
    assert_eq!(store.carry_out(flush).await, StoreReply::Flushed);
    assert!(
        open(options(&database), 5).await.unwrap_err().to_string().contains("generated for other components")
    );
}
