//! The database: whether it keeps what it acknowledges, what stands in between, and whether locks and ends of connections
//! work as a world needs them.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tokio::time::timeout;

use super::finding::Findings;
use super::reach::reach;
use super::rights::rights;
use super::{chain, measure, schema};
use crate::config::{ServeConfig, StoreConfig};
use crate::persistence::durable::TableDefinition;
use crate::persistence::migrate::Migration;
use crate::persistence::postgres::Durability;
use crate::persistence::postgres::connection::identity::Identity;
use crate::persistence::postgres::connection::server_facts::ServerFacts;
use crate::persistence::postgres::connection::{ConnectError, connect_options, pooler};
use crate::persistence::postgres::trial::{self, Trial};
use crate::persistence::rights::Roles;

/// How long all questions may take. Beyond, PostgreSQL counts as silent.
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
