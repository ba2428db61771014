//! Made-up components that cover every column type, for the tests of the store.

use std::str::FromStr;

use holdfast::persistence::durable::{Column, ColumnType, TableDefinition};
use holdfast::persistence::loaded::LoadedWorld;
use holdfast::persistence::migrate::{Migration, migrate};
use holdfast::persistence::postgres::{
    BootError, Durability, OwnershipSeed, PostgresStore, WorldSettings, open_world,
};
use holdfast_protocol::EpochTag;
use holdfast_tests::TestDatabase;
use sqlx::postgres::PgConnectOptions;

const fn nullable(name: &'static str, ty: ColumnType) -> Column {
    Column { name, ty, nullable: true }
}

/// The components' tables.
pub(crate) const TABLES: &[TableDefinition] = &[
    TableDefinition {
        table: "samples",
        columns: &[
            Column::new("alive", ColumnType::Bool),
            Column::new("side", ColumnType::SmallInt),
            Column::new("count", ColumnType::Int),
            Column::new("amount", ColumnType::BigInt),
            Column::new("name", ColumnType::Text),
            Column::new("body", ColumnType::Bytes),
            Column::new("tokens", ColumnType::BigInts),
            Column::new("remark", ColumnType::FreeText),
        ],
    },
    // Names that mean something in SQL and in the function's own text are names like any other.
    TableDefinition {
        table: "order",
        columns: &[
            nullable("select", ColumnType::Bool),
            nullable("a_world", ColumnType::SmallInt),
            nullable("a_deaths", ColumnType::Int),
            nullable("r_order", ColumnType::BigInt),
            nullable("user", ColumnType::Text),
            nullable("r", ColumnType::Bytes),
            nullable("w", ColumnType::BigInts),
        ],
    },
    TableDefinition { table: "markers", columns: &[] },
];

/// What makes them.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 20_261_124_100_000,
    name: "create_samples",
    sql: r#"
CREATE TABLE samples (
    world bigint NOT NULL, entity bigint NOT NULL, tick bigint NOT NULL,
    alive boolean NOT NULL, side smallint NOT NULL, count integer NOT NULL, amount bigint NOT NULL,
    name text NOT NULL, body bytea NOT NULL, tokens bigint[] NOT NULL, remark text NOT NULL,
    PRIMARY KEY (world, entity)
);
CREATE TABLE "order" (
    world bigint NOT NULL, entity bigint NOT NULL, tick bigint NOT NULL,
    "select" boolean, a_world smallint, a_deaths integer, r_order bigint, "user" text, r bytea, w bigint[],
    PRIMARY KEY (world, entity)
);
CREATE TABLE markers (
    world bigint NOT NULL, entity bigint NOT NULL, tick bigint NOT NULL,
    PRIMARY KEY (world, entity)
);"#,
}];

/// How a server reaches a database.
pub(crate) fn options(database: &TestDatabase) -> PgConnectOptions {
    PgConnectOptions::from_str(&database.url()).unwrap()
}

/// How `migrate` reaches it.
pub(crate) fn owner_options(database: &TestDatabase) -> PgConnectOptions {
    PgConnectOptions::from_str(&database.owner_url()).unwrap()
}

/// A database that is ready for worlds of these components.
pub(crate) async fn migrated() -> TestDatabase {
    let database = TestDatabase::empty().await.unwrap();
    migrate(&owner_options(&database), MIGRATIONS, TABLES).await.unwrap();
    database
}

/// Takes and loads the one world of a database.
pub(crate) async fn open(
    database: PgConnectOptions,
    tag: u64,
) -> Result<(PostgresStore, LoadedWorld), BootError> {
    open_as(database, tag, Durability::default()).await
}

/// The same, where something below PostgreSQL may be what keeps commits.
pub(crate) async fn open_as(
    database: PgConnectOptions,
    tag: u64,
    durability: Durability,
) -> Result<(PostgresStore, LoadedWorld), BootError> {
    let holder = format!("test {tag}");
    let settings = WorldSettings { database, world: "test".to_owned(), holder, durability };
    open_world(&settings, TABLES, OwnershipSeed { tag: EpochTag(tag), resume_key: [7; 32] }).await
}
