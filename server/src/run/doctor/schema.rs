//! Whether the tables are those of this build, and who has the world just now.

use sqlx::{PgConnection, Row as _};

use super::chain;
use super::finding::Findings;
use crate::persistence::durable::TableDefinition;
use crate::persistence::migrate::Migration;
use crate::persistence::migrate::applied::{self, GAME_HISTORY};
use crate::persistence::postgres::connection::identity::Identity;
use crate::persistence::schema::{SchemaError, verify_schema};

/// Looks at tables, functions, and the world's row, as far as our login may.
pub(super) async fn examine(
    findings: &mut Findings,
    connection: &mut PgConnection,
    world: &str,
    migrations: &[Migration],
    tables: &[TableDefinition],
) -> Result<(), sqlx::Error> {
    let may_look: Option<bool> = sqlx::query_scalar(
        "SELECT has_schema_privilege(n.oid, 'USAGE') FROM pg_namespace AS n WHERE n.nspname = 'holdfast'",
    )
    .fetch_optional(&mut *connection)
    .await?;
    if may_look == Some(false) {
        findings.must_mend(
            "database.schema",
            "This login may not look into the schema holdfast.",
            "Run `migrate` as the owner with HOLDFAST_WRITER_ROLE naming this role, or one that it is a member of."
                .to_owned(),
        );
        return Ok(());
    }
    match verify_schema(connection, tables).await {
        Ok(()) => findings.ok("database.schema", "Tables and flush_tick are those of this build."),
        Err(SchemaError::Database(error)) => return unless_forbidden(findings, error),
        Err(error) => {
            findings.must_mend("database.schema", format!("{}.", chain(&error)), None);
            if matches!(error, SchemaError::Missing) {
                return Ok(());
            }
        }
    }
    let missing = match applied::missing(connection, GAME_HISTORY, migrations).await {
        Ok(missing) => missing,
        Err(error) => return unless_forbidden(findings, error),
    };
    if !missing.is_empty() {
        findings.must_mend(
            "database.schema",
            format!("Migrations of the game have not run: {}.", missing.join(", ")),
            "Run `migrate` with this build.".to_owned(),
        );
    }
    owner(findings, connection).await?;
    match the_world(findings, connection, world).await {
        Err(error) => unless_forbidden(findings, error),
        Ok(()) => Ok(()),
    }
}

/// What our login may not read is told with its rights.
fn unless_forbidden(findings: &mut Findings, error: sqlx::Error) -> Result<(), sqlx::Error> {
    if error.as_database_error().is_some_and(|error| error.code().as_deref() == Some("42501")) {
        findings.must_mend(
            "database.schema",
            "Not all that it consists of may be read: see database.rights.",
            None,
        );
        return Ok(());
    }
    Err(error)
}

/// Whose rights the functions have, and what in the schema is somebody else's.
async fn owner(findings: &mut Findings, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let row = sqlx::query(
        "SELECT o.rolname::text, o.rolsuper, ARRAY(
            SELECT c.relname::text FROM pg_class AS c
            WHERE c.relnamespace = n.oid AND c.relowner <> n.nspowner AND c.relkind IN ('r', 'p', 'v')
            ORDER BY 1 LIMIT 5)
         FROM pg_namespace AS n JOIN pg_roles AS o ON o.oid = n.nspowner WHERE n.nspname = 'holdfast'",
    )
    .fetch_one(connection)
    .await?;
    let (name, is_super, strange): (String, bool, Vec<String>) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    if is_super {
        findings.warning(
            "database.owner",
            format!("The schema belongs to {name}, a superuser, with whose rights its functions act."),
            "Give database, schema, tables and functions to an ordinary role, and run `migrate` as that."
                .to_owned(),
        );
    } else {
        findings.ok("database.owner", format!("The schema belongs to {name}."));
    }
    if !strange.is_empty() {
        findings.warning(
            "database.owner",
            format!("Not everything in the schema is {name}'s: {}.", strange.join(", ")),
            format!("Where it is a part of the world: ALTER TABLE … OWNER TO {name}, and run `migrate`."),
        );
    }
    Ok(())
}

/// Who has the world, and whether it has changed its place.
async fn the_world(
    findings: &mut Findings,
    connection: &mut PgConnection,
    world: &str,
) -> Result<(), sqlx::Error> {
    let row = sqlx::query(
        "SELECT w.epoch, w.tick, w.holder, coalesce(w.lease_expires > clock_timestamp(), false),
            s.system_identifier, s.timeline
         FROM holdfast.worlds AS w LEFT JOIN holdfast.world_stores AS s ON s.world = w.id WHERE w.name = $1",
    )
    .bind(world)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        findings.ok("world", format!("There is no world {world} yet: the first start makes it."));
        return Ok(());
    };
    let (epoch, tick): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let (holder, is_owned): (Option<String>, bool) = (row.try_get(2)?, row.try_get(3)?);
    findings.ok(
        "world",
        match holder {
            Some(holder) if is_owned => format!(
                "The world {world} is owned by {holder} (epoch {epoch}, tick {tick}): a server started now stands by."
            ),
            _ => format!("The world {world} has no owner (epoch {epoch}, tick {tick}): a server started now takes it."),
        },
    );
    let last = Identity { system: row.try_get(4)?, timeline: row.try_get(5)? };
    let now = Identity::read(connection).await?;
    if now.differs_from(&last) {
        findings.warning(
            "world.place",
            format!("It was last kept by {last}, and now it is {now}."),
            "Was it restored from a backup, or failed over? What the other one had and this one has not is lost."
                .to_owned(),
        );
    }
    Ok(())
}
