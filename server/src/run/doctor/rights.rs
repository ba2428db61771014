//! What the roles may do, each right by its name.

use sqlx::PgConnection;

use super::finding::Findings;
use crate::persistence::rights::{Balance, Difference, Part, Roles, differences};

/// What our login may do, and whether readers may do what they should.
pub(super) async fn rights(
    findings: &mut Findings,
    connection: &mut PgConnection,
    role: &str,
    roles: &Roles,
) -> Result<(), sqlx::Error> {
    let found = differences(connection, role, Part::Writer).await?;
    if found.is_empty() {
        let says = format!("The role {role} may do what a server needs, and nothing else.");
        findings.ok("database.rights", says);
    }
    for Difference { balance, right, mend, .. } in found {
        let says = match balance {
            Balance::TooMuch => format!("The role {role} may do too much: {right}."),
            Balance::TooLittle => format!("The role {role} lacks {right}."),
        };
        let todo = match balance {
            Balance::TooMuch => mend,
            Balance::TooLittle => format!("Run `migrate` as the owner, or: {mend}"),
        };
        findings.must_mend("database.rights", says, todo);
    }
    readers(findings, connection, &roles.reader).await
}

/// No server needs readers, so what is wrong with them is a warning.
async fn readers(
    findings: &mut Findings,
    connection: &mut PgConnection,
    reader: &str,
) -> Result<(), sqlx::Error> {
    let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(reader)
        .fetch_one(&mut *connection)
        .await?;
    if !there {
        findings.warning(
            "database.readers",
            format!("There is no role {reader} for people and tools that look."),
            "Run `migrate` as the owner; HOLDFAST_READER_ROLE names another one.".to_owned(),
        );
        return Ok(());
    }
    let found = differences(connection, reader, Part::Reader).await?;
    if found.is_empty() {
        findings.ok("database.readers", format!("The role {reader} may read, and nothing else."));
    }
    for Difference { balance, right, mend, .. } in found {
        let says = match balance {
            Balance::TooMuch => format!("The role {reader} may do too much: {right}."),
            Balance::TooLittle => format!("The role {reader} lacks {right}."),
        };
        findings.warning("database.readers", says, mend);
    }
    Ok(())
}
