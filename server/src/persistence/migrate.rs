//! From an empty database, or an older one, to the one that this build of this game needs.
//!
//! The engine's migrations, then the game's, each against a history of its own; then, where the game's components are
//! not those it was generated for, `flush_tick` anew; then what the roles of servers and readers may do. Running it
//! again changes nothing. Run by the owner of the schema, never by a serving world.

pub(crate) mod applied;
mod grants;

use sqlx::migrate::{MigrationType, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqlSafeStr};
use tracing::{info, warn};

use super::durable::TableDefinition;
use super::flush_function;
use super::registry::{RegistryError, check_registry, fingerprint};
use super::retention::{RetentionError, keep_partitions};
use super::rights::{Roles, quoted};
use super::schema::{SchemaError, compare_tables};

/// One step of a schema's history. Never changed once it has run anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// When it was written, as `YYYYMMDDhhmmss`: the order in which migrations run.
    pub version: i64,
    /// What it does, as in the file's name.
    pub name: &'static str,
    /// The statements. A game's name no schema; they run with `holdfast` as the search path.
    pub sql: &'static str,
}

/// The engine's own.
pub(crate) const ENGINE: &[Migration] = &[
    Migration {
        version: 20_261_124_090_000,
        name: "create_worlds",
        sql: include_str!("../../../migrations/engine/20261124090000_create_worlds.sql"),
    },
    Migration {
        version: 20_261_124_090_100,
        name: "create_characters",
        sql: include_str!("../../../migrations/engine/20261124090100_create_characters.sql"),
    },
    Migration {
        version: 20_261_124_090_200,
        name: "create_entities",
        sql: include_str!("../../../migrations/engine/20261124090200_create_entities.sql"),
    },
    Migration {
        version: 20_261_124_131_000,
        name: "divide_rights",
        sql: include_str!("../../../migrations/engine/20261124131000_divide_rights.sql"),
    },
    Migration {
        version: 20_261_124_131_100,
        name: "create_world_stores",
        sql: include_str!("../../../migrations/engine/20261124131100_create_world_stores.sql"),
    },
    Migration {
        version: 20_261_124_132_000,
        name: "release_world",
        sql: include_str!("../../../migrations/engine/20261124132000_release_world.sql"),
    },
    Migration {
        version: 20_261_124_133_000,
        name: "create_journal",
        sql: include_str!("../../../migrations/engine/20261124133000_create_journal.sql"),
    },
    Migration {
        version: 20_261_124_134_000,
        name: "recognise_restored_world",
        sql: include_str!("../../../migrations/engine/20261124134000_recognise_restored_world.sql"),
    },
];

/// Held while migrating, so that two migrations of one database follow each other. The letters of `MIGRATE_`.
const MIGRATION_LOCK: i64 = 0x4d49_4752_4154_455f;

/// Why a database could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The game's components cannot be flushed.
    #[error("the game's components cannot be kept")]
    Registry(#[from] RegistryError),
    /// One of the histories could not be continued.
    #[error("run the {whose} migrations")]
    History {
        /// Whose history: the engine's or the game's.
        whose: &'static str,
        /// What went wrong.
        source: sqlx::migrate::MigrateError,
    },
    /// The tables that the game's migrations made are not those that its components need.
    #[error("the game's migrations do not make what its components need")]
    Schema(#[from] SchemaError),
    /// Servers and readers are one role.
    #[error("servers and readers are both to be the role {0}; each needs one of its own")]
    OneRole(String),
    /// There is no such role, and this login may not make it. Nothing was changed.
    #[error("roles are missing, and this login may not make them; an administrator must run: {}", .0.join("; "))]
    RolesMissing(Vec<String>),
    /// A role would be able to do more than it should, whatever the owner takes from it.
    #[error(
        "the role {role} may do more than it should, or lacks a right, and the owner cannot mend that: {}; an \
         administrator may: {}", .rights.join("; "), .mends.join("; ")
    )]
    Rights {
        /// Which role.
        role: String,
        /// What it may do, or lacks.
        rights: Vec<String>,
        /// What would mend it, in the same order.
        mends: Vec<String>,
    },
    /// The journal's partitions could not be made.
    #[error("make the journal's partitions")]
    Partitions(#[from] RetentionError),
    /// The database could not be reached, or refused.
    #[error("{doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What went wrong.
        source: sqlx::Error,
    },
}

fn while_doing(doing: &'static str) -> impl FnOnce(sqlx::Error) -> MigrateError {
    move |source| MigrateError::Database { doing, source }
}

/// Brings a database to what this build of this game needs, for the roles that go without saying.
///
/// # Errors
/// As [`migrate_for`].
pub async fn migrate(
    options: &PgConnectOptions,
    game: &[Migration],
    tables: &[TableDefinition],
) -> Result<(), MigrateError> {
    migrate_for(&Roles::default(), options, game, tables).await
}

/// Brings a database to what this build of this game needs, and grants these roles their rights.
///
/// # Errors
/// Where the database cannot be reached, a role is missing and may not be made, a migration fails or was changed after
/// it had run, the tables do not fit the game's components, or a role may do more than it should. What was done before
/// the error stays: each migration is a transaction of its own.
pub async fn migrate_for(
    roles: &Roles,
    options: &PgConnectOptions,
    game: &[Migration],
    tables: &[TableDefinition],
) -> Result<(), MigrateError> {
    check_registry(tables)?;
    let options = options.clone().application_name("holdfast migrate");
    let mut connection = options.connect().await.map_err(while_doing("connect to migrate"))?;
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(MIGRATION_LOCK)
        .execute(&mut connection)
        .await
        .map_err(while_doing("wait for another migration"))?;
    grants::make_roles(&mut connection, roles).await?;
    run_history(&mut connection, "engine", applied::ENGINE_HISTORY, ENGINE).await?;
    connection
        .execute("SET search_path = holdfast")
        .await
        .map_err(while_doing("prepare for the game's migrations"))?;
    run_history(&mut connection, "game", applied::GAME_HISTORY, game).await?;
    compare_tables(&mut connection, tables).await?;
    generate(&mut connection, tables, &roles.writer).await.map_err(while_doing("generate flush_tick"))?;
    keep_partitions(&mut connection).await?;
    grants::grant(&mut connection, roles).await?;
    warn_of_a_mighty_owner(&mut connection).await.map_err(while_doing("look who owns the schema"))?;
    connection.close().await.map_err(while_doing("take leave after migrating"))
}

async fn run_history(
    connection: &mut PgConnection,
    whose: &'static str,
    history: &'static str,
    migrations: &[Migration],
) -> Result<(), MigrateError> {
    let steps = migrations.iter().map(|step| {
        let (name, sql) = (step.name.into(), step.sql.into_sql_str());
        sqlx::migrate::Migration::new(step.version, name, MigrationType::Simple, sql, false)
    });
    let mut migrator = Migrator::with_migrations(steps.collect());
    migrator.dangerous_set_table_name(history);
    migrator.create_schema("holdfast");
    migrator
        .run_direct(None, connection, false)
        .await
        .map_err(|source| MigrateError::History { whose, source })
}

/// Writes the flush's types and its function anew, unless those that stand there were generated for these tables.
async fn generate(
    connection: &mut PgConnection,
    tables: &[TableDefinition],
    writer: &str,
) -> Result<(), sqlx::Error> {
    let wanted = fingerprint(tables);
    let found: Option<String> = sqlx::query_scalar("SELECT fingerprint FROM holdfast.registry")
        .fetch_optional(&mut *connection)
        .await?;
    if found.as_ref() == Some(&wanted) {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    // The types of an earlier generation may be of tables that are no longer registered, so they are found by what
    // they are: composite types that no table stands behind.
    let drops: Vec<String> = sqlx::query_scalar(
        "SELECT format('DROP FUNCTION %s', p.oid::regprocedure) FROM pg_proc AS p
         WHERE p.pronamespace = 'holdfast'::regnamespace AND p.proname = 'flush_tick'
         UNION ALL
         SELECT format('DROP TYPE %s', c.reltype::regtype) FROM pg_class AS c
         WHERE c.relnamespace = 'holdfast'::regnamespace AND c.relkind = 'c' AND c.relname LIKE '%\\_row'",
    )
    .fetch_all(&mut *transaction)
    .await?;
    let creates = flush_function::create_types(tables).into_iter().chain([
        flush_function::create_function(tables),
        "REVOKE EXECUTE ON FUNCTION holdfast.flush_tick FROM PUBLIC".to_owned(),
        // At once, so that a server which connects anew just now never finds a function that it may not call.
        format!("GRANT EXECUTE ON FUNCTION holdfast.flush_tick TO {}", quoted(writer)),
    ]);
    for statement in drops.into_iter().chain(creates) {
        transaction.execute(AssertSqlSafe(statement)).await?;
    }
    sqlx::query(
        "INSERT INTO holdfast.registry (fingerprint) VALUES ($1)
         ON CONFLICT (one) DO UPDATE SET fingerprint = excluded.fingerprint, generated = now()",
    )
    .bind(&wanted)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    info!(tables = tables.len(), "generated flush_tick");
    Ok(())
}

/// What acts with the owner's rights should not be able to do everything.
async fn warn_of_a_mighty_owner(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let is_mighty: bool = sqlx::query_scalar(
        "SELECT o.rolsuper FROM pg_namespace AS n JOIN pg_roles AS o ON o.oid = n.nspowner WHERE n.nspname = 'holdfast'",
    )
    .fetch_one(connection)
    .await?;
    if is_mighty {
        warn!(
            "the schema belongs to a superuser, with whose rights its functions act: give it to an ordinary role"
        );
    }
    Ok(())
}
