//! Whether there is a database at the other end, and what to do where there is none.

use std::time::Duration;

use sqlx::PgConnection;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::time::timeout;

use super::chain;
use super::finding::Findings;
use crate::persistence::postgres::connection::{ConnectError, open};

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Where it is, without the password.
fn place(options: &PgConnectOptions) -> String {
    let server = match options.get_socket() {
        Some(folder) => format!("the socket in {}", folder.display()),
        None => format!("{} port {}", options.get_host(), options.get_port()),
    };
    let database = options.get_database().unwrap_or(options.get_username());
    format!("the database {database} at {server}, as {}", options.get_username())
}

/// A connection to it; where there is none, what to do is among the findings.
pub(super) async fn reach(findings: &mut Findings, options: &PgConnectOptions) -> Option<PgConnection> {
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
    let code = error.as_database_error().and_then(DatabaseError::code).unwrap_or_default().into_owned();
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
