//! The database: whether it is there, whether it keeps what it acknowledges, what stands in between, and what our login
//! may do in it.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgConnection;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::time::timeout;

use super::finding::Findings;
use super::{chain, measure, schema};
use crate::config::{ServeConfig, StoreConfig};
use crate::persistence::durable::TableDefinition;
use crate::persistence::migrate::Migration;
use crate::persistence::postgres::Durability;
use crate::persistence::postgres::connection::identity::Identity;
use crate::persistence::postgres::connection::server_facts::ServerFacts;
use crate::persistence::postgres::connection::{ConnectError, connect_options, open, pooler};
use crate::persistence::postgres::trial::{self, Trial};
use crate::persistence::rights::{Balance, Difference, Part, Roles, differences};

/// How long a connection may take, and all that is asked over it. Beyond, PostgreSQL counts as silent.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ALL_TIMEOUT: Duration = Duration::from_secs(60);

/// Looks at everything about the database. Where it cannot be reached, that is the only finding.
pub(super) async fn examine(
    findings: &mut Findings,
    store: &StoreConfig,
    serve: &ServeConfig,
    roles: &Roles,
    migrations: &[Migration],
    tables: &[TableDefinition],
) {
    let options: PgConnectOptions = match store.database_url.parse() {
        Ok(options) => options,
        Err(error) => {
            let todo = "It looks like postgres://role@host/database?host=/run/postgresql.".to_owned();
            findings.must_mend(
                "database",
                format!("DATABASE_URL is not a PostgreSQL address: {error}."),
                todo,
            );
            return;
        }
    };
    let options = connect_options(options, "holdfast doctor");
    let Some(mut connection) = reach(findings, &options).await else { return };
    if shares_backends(findings, &options, &mut connection).await {
        // What else is asked would be answered by one backend or another, and tell nothing.
        return;
    }
    let all = async {
        let durability = Durability { elsewhere: serve.durability_elsewhere.as_deref().map(Arc::from) };
        let role = settings(findings, &durability, &mut connection).await?;
        schema::examine(findings, &mut connection, &store.world, migrations, tables).await?;
        rights(findings, &mut connection, &role, roles).await?;
        trials(findings, &options, &mut connection).await?;
        measure::commits(findings, &mut connection).await?;
        measure::clocks(findings, &mut connection).await
    };
    match timeout(ALL_TIMEOUT, all).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => findings.must_mend(
            "database",
            format!("PostgreSQL did not answer a question: {}.", chain(&error)),
            "Run `doctor` again; see PostgreSQL's log where it says the same.".to_owned(),
        ),
        Err(_) => findings.must_mend(
            "database",
            format!("PostgreSQL fell silent: it had {} s for all questions.", ALL_TIMEOUT.as_secs()),
            "Look whether it is overloaded, or stopped, or the way to it is lost.".to_owned(),
        ),
    }
}

/// Where it is, without the password.
fn place(options: &PgConnectOptions) -> String {
    let server = match options.get_socket() {
        Some(folder) => format!("the socket in {}", folder.display()),
        None => format!("{} port {}", options.get_host(), options.get_port()),
    };
    let database = options.get_database().unwrap_or(options.get_username());
    format!("the database {database} at {server}, as {}", options.get_username())
}

async fn reach(findings: &mut Findings, options: &PgConnectOptions) -> Option<PgConnection> {
    let place = place(options);
    let error = match timeout(CONNECT_TIMEOUT, open(options)).await {
        Ok(Ok(connection)) => {
            findings.ok("database.reached", format!("Reached {place}."));
            encryption(findings, options);
            return Some(connection);
        }
        Ok(Err(ConnectError::Database(error))) => error,
        Ok(Err(error)) => {
            findings.must_mend("database.reached", format!("Cannot use {place}: {error}"), None);
            return None;
        }
        Err(_) => {
            let says = format!("No answer from {place} within {} s.", CONNECT_TIMEOUT.as_secs());
            let todo = "Look whether PostgreSQL runs there, and whether a firewall stands in between.";
            findings.must_mend("database.reached", says, todo.to_owned());
            return None;
        }
    };
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap_or_default().into_owned();
    let todo = match code.as_str() {
        "28P01" => "The password in DATABASE_URL (or ~/.pgpass) is not that role's.",
        "28000" => "The role does not exist, may not log in, or pg_hba.conf does not let it in from here.",
        "3D000" => "Make the database: CREATE DATABASE name OWNER the role of `migrate`.",
        "42501" => "GRANT CONNECT ON DATABASE name TO this role.",
        "53300" => {
            "PostgreSQL, or this role, has as many connections as it may have: raise max_connections or the \
                    role's CONNECTION LIMIT; a server needs 8."
        }
        "57P03" => "It is starting or stopping: wait a moment.",
        _ => "Look whether PostgreSQL runs there, and whether DATABASE_URL names the right place.",
    };
    findings.must_mend(
        "database.reached",
        format!("Cannot reach {place}: {}.", chain(&error)),
        todo.to_owned(),
    );
    None
}

/// Whoever is on the way can read, and change, what is neither encrypted nor verified.
fn encryption(findings: &mut Findings, options: &PgConnectOptions) {
    let host = options.get_host();
    let is_near = options.get_socket().is_some()
        || host.starts_with('/')
        || matches!(host, "localhost" | "::1" | "[::1]")
        || host.starts_with("127.");
    if !is_near && !matches!(options.get_ssl_mode(), PgSslMode::VerifyFull) {
        findings.warning(
            "database.encryption",
            format!("The way to {host} is not verified: anybody on it could pretend to be the database."),
            "Add sslmode=verify-full to DATABASE_URL.".to_owned(),
        );
    }
}

async fn settings(
    findings: &mut Findings,
    durability: &Durability,
    connection: &mut PgConnection,
) -> Result<String, sqlx::Error> {
    let facts = ServerFacts::read(connection).await?;
    let faults = facts.faults(durability);
    if faults.is_empty() {
        findings.ok(
            "database.settings",
            format!(
                "PostgreSQL {} keeps what it acknowledges: fsync {}, synchronous_commit {}, full_page_writes {}, \
                 wal_sync_method {}.",
                facts.version(),
                facts.fsync,
                facts.synchronous_commit,
                facts.full_page_writes,
                facts.wal_sync_method
            ),
        );
    }
    for text in faults {
        findings.must_mend("database.settings", text, None);
    }
    for text in facts.doubts(durability) {
        findings.warning("database.settings", text, None);
    }
    if facts.over_tcp {
        findings.ok("database.way", "The way is TCP; where it is the same machine, a Unix socket is faster.");
    }
    let identity = Identity::read(connection).await?;
    findings.ok("database.identity", format!("It is {identity}."));
    Ok(facts.role)
}

async fn shares_backends(
    findings: &mut Findings,
    options: &PgConnectOptions,
    connection: &mut PgConnection,
) -> bool {
    match pooler::shares_backends(options, connection).await {
        Ok(false) => findings.ok("database.pooler", "Each session has a connection of its own."),
        Ok(true) => {
            findings.must_mend("database.pooler", pooler::SENTENCE, None);
            return true;
        }
        Err(error) => findings.warning(
            "database.pooler",
            format!("Cannot tell whether a connection pooler stands in between: {}.", chain(&error)),
            "A second connection must be possible; a server needs 8.".to_owned(),
        ),
    }
    false
}

async fn rights(
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

async fn trials(
    findings: &mut Findings,
    options: &PgConnectOptions,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let locked = trial::lock(options, connection).await;
    tell(
        findings,
        "database.lock",
        locked,
        "An advisory lock keeps others out.",
        "An advisory lock does not keep others out, so two servers could think that they own the world.",
    );
    let ended = trial::end_backend(options, connection).await;
    tell(
        findings,
        "database.terminate",
        ended,
        "This login can end connections of its own.",
        "This login cannot end a connection of its own, so a lost flush could still arrive after it was looked up.",
    );
    Ok(())
}

fn tell(
    findings: &mut Findings,
    check: &'static str,
    trial: Result<Trial, ConnectError>,
    works: &str,
    fails: &str,
) {
    let todo =
        "This must be PostgreSQL itself, reached without a pooler, and all servers of a world one login.";
    match trial {
        Ok(Trial::Works) => findings.ok(check, works),
        Ok(Trial::Busy) => findings.warning(
            check,
            "Another `doctor` is trying the same just now.",
            "Run it again.".to_owned(),
        ),
        Ok(Trial::Fails) => findings.must_mend(check, fails, todo.to_owned()),
        Err(error) => {
            findings.must_mend(check, format!("Could not try it: {}.", chain(&error)), todo.to_owned());
        }
    }
}
