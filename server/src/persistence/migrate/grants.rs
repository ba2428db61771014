//! The rights of writers and readers, brought to what they should be after each migration.

use sqlx::error::DatabaseError;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::{MigrateError, while_doing};
use crate::persistence::rights::{Difference, MendedBy, Part, Roles, differences, quoted};

/// What `migrate` grants rights for.
const PARTS: [Part; 2] = [Part::Writer, Part::Reader];

/// How often the rights of both are mended. A right that one of them may not have through everybody, or not whole, is
/// taken the first time, and given back to whom it belongs the second; what differs after that comes from elsewhere.
const MENDS_MAX: usize = 2;

fn name(roles: &Roles, part: Part) -> &str {
    match part {
        Part::Writer => &roles.writer,
        Part::Reader => &roles.reader,
    }
}

/// Makes those of the roles that are missing: without a login, which a person gives to them or to members of theirs.
pub(super) async fn make_roles(connection: &mut PgConnection, roles: &Roles) -> Result<(), MigrateError> {
    if roles.writer == roles.reader {
        return Err(MigrateError::OneRole(roles.writer.clone()));
    }
    let mut missing = Vec::new();
    for role in PARTS.map(|part| name(roles, part)) {
        let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
            .bind(role)
            .fetch_one(&mut *connection)
            .await
            .map_err(while_doing("look for the roles"))?;
        if there {
            continue;
        }
        let statement = format!("CREATE ROLE {} NOLOGIN", quoted(role));
        match connection.execute(AssertSqlSafe(statement.clone())).await {
            Ok(_) => tracing::info!(role, "made a role"),
            Err(error) => match error.as_database_error().and_then(DatabaseError::code).as_deref() {
                // A migration of another database of the same server has just made it.
                Some("42710" | "23505") => {}
                Some("42501") => missing.push(statement),
                _ => return Err(while_doing("make the roles")(error)),
            },
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(MigrateError::RolesMissing(missing)) }
}

/// Gives both roles what they should have and takes from them what they should not, as far as the owner can.
pub(super) async fn grant(connection: &mut PgConnection, roles: &Roles) -> Result<(), MigrateError> {
    let granting = || while_doing("grant the roles their rights");
    let mut transaction = connection.begin().await.map_err(granting())?;
    for part in PARTS.repeat(MENDS_MAX) {
        for Difference { mend, mended_by, .. } in
            differences(&mut transaction, name(roles, part), part).await.map_err(granting())?
        {
            if mended_by == MendedBy::Migrate {
                transaction.execute(AssertSqlSafe(mend)).await.map_err(granting())?;
            }
        }
    }
    for part in PARTS {
        let role = name(roles, part);
        let left = differences(&mut transaction, role, part).await.map_err(granting())?;
        if !left.is_empty() {
            let (rights, mends) = left.into_iter().map(|left| (left.right, left.mend)).unzip();
            return Err(MigrateError::Rights { role: role.to_owned(), rights, mends });
        }
    }
    transaction.commit().await.map_err(granting())
}
