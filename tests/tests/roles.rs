//! Who may do what in the database: what `migrate` grants, and what it says where it cannot.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "store_equality/tables.rs"]
mod tables;

use holdfast::persistence::migrate::{MigrateError, Migration, migrate, migrate_for};
use holdfast::persistence::rights::Roles;
use holdfast_devstack::Postgres;
use holdfast_devstack::postgres::PostgresOptions;
use holdfast_tests::TestDatabase;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use tables::{MIGRATIONS, TABLES, migrated, open, options, owner_options};

async fn as_writer(database: &TestDatabase) -> PgConnection {
    PgConnection::connect(&database.url()).await.unwrap()
}

async fn as_reader(database: &TestDatabase) -> PgConnection {
    PgConnection::connect(&database.postgres().reader_url(database.name())).await.unwrap()
}

async fn run(database: &TestDatabase, sql: &str) {
    database.connect().await.unwrap().execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
}

/// PostgreSQL's answer to a statement: its code, or nothing where it did it.
async fn refused_with(connection: &mut PgConnection, sql: &str) -> Option<String> {
    let error = connection.execute(AssertSqlSafe(sql.to_owned())).await.err()?;
    Some(error.as_database_error().unwrap().code().unwrap().into_owned())
}

const CHANGES: &[&str] = &[
    "INSERT INTO holdfast.markers VALUES (1, 2, 3)",
    "UPDATE holdfast.worlds SET tick = tick + 1",
    "DELETE FROM holdfast.entities",
    "TRUNCATE holdfast.entities",
    "CREATE TABLE holdfast.mine ()",
    "CREATE SCHEMA mine",
    "ALTER TABLE holdfast.entities ADD COLUMN mine bigint",
    "DROP FUNCTION holdfast.lease",
    "SET ROLE holdfast_owner",
    "CREATE ROLE mine",
];

#[tokio::test]
async fn neither_writer_nor_reader_can_change_anything_by_hand() {
    let database = migrated().await;
    let (_store, _world) = open(options(&database), 5).await.unwrap();
    for mut connection in [as_writer(&database).await, as_reader(&database).await] {
        for change in CHANGES {
            let refused = refused_with(&mut connection, change).await;
            assert_eq!(refused.as_deref(), Some("42501"), "{change}");
        }
        assert_eq!(refused_with(&mut connection, "SELECT * FROM holdfast.entities").await, None);
    }
}

#[tokio::test]
async fn a_reader_calls_nothing_that_acts_for_the_owner_and_sees_no_key() {
    let database = migrated().await;
    let mut reader = as_reader(&database).await;
    for question in [
        "SELECT holdfast.declare_world('other', '\\x00')",
        "SELECT holdfast.take_world_for(1, 'me', 1, 1, now())",
        "SELECT holdfast.take_world(1, 'me', 1)",
        "SELECT resume_key FROM holdfast.worlds",
        "SELECT * FROM holdfast.worlds",
    ] {
        let refused = refused_with(&mut reader, question).await;
        assert_eq!(refused.as_deref(), Some("42501"), "{question}");
    }
    assert_eq!(refused_with(&mut reader, "SELECT name, epoch, tick FROM holdfast.worlds").await, None);
}

#[tokio::test]
async fn what_a_later_migration_makes_is_granted_as_well() {
    let database = migrated().await;
    let later = Migration {
        version: 20_261_124_100_001,
        name: "create_later",
        sql: "CREATE TABLE later (secret text);
              CREATE FUNCTION act() RETURNS bigint LANGUAGE sql SECURITY DEFINER
                  SET search_path = pg_catalog, holdfast, pg_temp AS 'SELECT count(*) FROM holdfast.later';",
    };
    migrate(&owner_options(&database), &[MIGRATIONS[0], later], TABLES).await.unwrap();
    let (mut writer, mut reader) = (as_writer(&database).await, as_reader(&database).await);
    for connection in [&mut writer, &mut reader] {
        assert_eq!(refused_with(connection, "SELECT * FROM holdfast.later").await, None);
    }
    assert_eq!(refused_with(&mut writer, "SELECT holdfast.act()").await, None);
    // Without a word of the migration's: PostgreSQL itself would let everybody call it.
    assert_eq!(refused_with(&mut reader, "SELECT holdfast.act()").await.as_deref(), Some("42501"));
}

#[tokio::test]
async fn what_was_granted_by_hand_is_taken_back() {
    let database = migrated().await;
    run(&database, "GRANT INSERT, DELETE ON holdfast.entities TO holdfast_writer").await;
    run(&database, "GRANT UPDATE (tick) ON holdfast.worlds TO PUBLIC").await;
    run(&database, "GRANT CREATE ON SCHEMA holdfast TO holdfast_reader").await;
    run(&database, "GRANT SELECT ON holdfast.worlds TO holdfast_reader").await;
    migrate(&owner_options(&database), MIGRATIONS, TABLES).await.unwrap();
    let (mut writer, mut reader) = (as_writer(&database).await, as_reader(&database).await);
    for connection in [&mut writer, &mut reader] {
        for change in CHANGES {
            assert_eq!(refused_with(connection, change).await.as_deref(), Some("42501"), "{change}");
        }
    }
    assert!(refused_with(&mut reader, "SELECT resume_key FROM holdfast.worlds").await.is_some());
    assert_eq!(refused_with(&mut reader, "SELECT tick FROM holdfast.worlds").await, None);
}

/// A cluster of its own: roles are a cluster's, and here they are missing or too mighty.
async fn bare() -> Postgres {
    Postgres::start(PostgresOptions { without_roles: true, ..PostgresOptions::default() }).await.unwrap()
}

async fn administer(postgres: &Postgres, sql: &str) {
    let mut connection = PgConnection::connect(&postgres.url("postgres")).await.unwrap();
    connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
}

#[tokio::test]
async fn missing_roles_are_made_or_it_is_said_how() {
    let postgres = bare().await;
    administer(&postgres, "CREATE ROLE holdfast_owner LOGIN").await;
    administer(&postgres, "CREATE DATABASE world OWNER holdfast_owner").await;
    let owner = postgres.owner_url("world").parse().unwrap();
    let roles = Roles { writer: "Ser\"ver".to_owned(), reader: "people".to_owned() };
    let error = migrate_for(&roles, &owner, MIGRATIONS, TABLES).await.unwrap_err();
    let statements = ["CREATE ROLE \"Ser\"\"ver\" NOLOGIN", "CREATE ROLE \"people\" NOLOGIN"];
    assert!(matches!(&error, MigrateError::RolesMissing(missing) if missing[..] == statements), "{error:?}");
    let mut connection = PgConnection::connect(&postgres.url("world")).await.unwrap();
    let there: bool = sqlx::query_scalar("SELECT to_regnamespace('holdfast') IS NOT NULL")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert!(!there, "nothing was changed");

    for statement in statements {
        administer(&postgres, statement).await;
    }
    migrate_for(&roles, &owner, MIGRATIONS, TABLES).await.unwrap();
    // An owner that may make roles does it itself.
    administer(&postgres, "ALTER ROLE holdfast_owner CREATEROLE").await;
    let roles = Roles { writer: "other".to_owned(), reader: "others".to_owned() };
    migrate_for(&roles, &owner, MIGRATIONS, TABLES).await.unwrap();
}

#[tokio::test]
async fn a_role_that_cannot_be_tamed_is_named() {
    let postgres = bare().await;
    administer(&postgres, "CREATE ROLE holdfast_owner LOGIN CREATEROLE").await;
    administer(&postgres, "CREATE ROLE holdfast_writer LOGIN").await;
    administer(&postgres, "GRANT holdfast_owner TO holdfast_writer").await;
    administer(&postgres, "CREATE DATABASE world OWNER holdfast_owner").await;
    let owner = postgres.owner_url("world").parse().unwrap();
    let error = migrate(&owner, MIGRATIONS, TABLES).await.unwrap_err().to_string();
    assert!(error.contains("REVOKE holdfast_owner FROM holdfast_writer"), "{error}");
    let same = Roles { writer: "one".to_owned(), reader: "one".to_owned() };
    let error = migrate_for(&same, &owner, MIGRATIONS, TABLES).await.unwrap_err();
    assert!(matches!(error, MigrateError::OneRole(_)), "{error:?}");
}
