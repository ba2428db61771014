//! A connection that the engine is willing to use: its settings, and what it refuses of a server.
//!
//! Every new connection of a writer is looked at, also after it was lost: a failover may have landed elsewhere, and
//! what was right at the start may have been changed since. In this order: what the server says of itself
//! ([`server_facts`]), whether anything between us and it loses a session's state ([`pooler`]), what our login may do
//! ([`rights`]). Which server it is ([`identity`]) is compared with the one of before.

pub(crate) mod identity;
mod pool;
pub(crate) mod pooler;
pub(crate) mod server_facts;

use std::time::Duration;

#[cfg(feature = "sabotage")]
use holdfast_front::sabotage::{Sabotage::S7, is_on};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::time::timeout;
use tracing::{info, warn};

pub use self::pool::read_pool;
pub(crate) use self::pool::{READ_TIMEOUT, Turn};
pub use self::server_facts::Durability;
use self::server_facts::ServerFacts;
use crate::persistence::rights::{self, Part};

/// How long a new connection may take, with all that is asked of it first.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The settings that every session asks for, and what PostgreSQL then calls their values: nothing waits for ever, and
/// the locks of a client that is gone go soon after it.
pub(crate) const SESSION_SETTINGS: [(&str, &str); 4] = [
    ("statement_timeout", "5s"),
    ("lock_timeout", "2s"),
    ("idle_in_transaction_session_timeout", "5s"),
    ("client_connection_check_interval", "250ms"),
];

/// The same for a session over TCP. Over a Unix socket these mean nothing, and are accepted. In seconds; the last one in
/// milliseconds.
pub(crate) const TCP_SETTINGS: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
];

/// Why a connection is not used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is none.
    #[error("connect to PostgreSQL")]
    Database(#[from] sqlx::Error),
    /// It took too long.
    #[error("PostgreSQL did not answer within {} s", CONNECT_TIMEOUT.as_secs())]
    Timeout,
    /// The server would not keep what it acknowledges, cannot be written to, or lets us do too much or too little. The
    /// text says what to change.
    #[error("{0}")]
    Refused(String),
}

/// A server's process that serves one connection. The pid alone may be used again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Backend {
    /// Its process number.
    pub(crate) pid: i32,
    /// When it began, in PostgreSQL's own words.
    pub(crate) started: String,
}

/// The options of every connection of the engine.
#[must_use]
pub fn connect_options(options: PgConnectOptions, application_name: &str) -> PgConnectOptions {
    // S7 breaks the promise that what is acknowledged is on the disk.
    #[cfg(feature = "sabotage")]
    let options = if is_on(S7) { options.options([("synchronous_commit", "off")]) } else { options };
    options.application_name(application_name).options(SESSION_SETTINGS).options(TCP_SETTINGS)
}

/// A new connection, whose server has been found fit.
pub(crate) async fn connect(
    options: &PgConnectOptions,
    durability: &Durability,
) -> Result<(PgConnection, Backend), ConnectError> {
    // Dropped midway, a connection that is being made is simply not made.
    timeout(CONNECT_TIMEOUT, connect_and_check(options, durability))
        .await
        .map_err(|_| ConnectError::Timeout)?
}

async fn connect_and_check(
    options: &PgConnectOptions,
    durability: &Durability,
) -> Result<(PgConnection, Backend), ConnectError> {
    let mut connection = open(options).await?;
    let facts = ServerFacts::read(&mut connection).await.map_err(not_usable)?;
    facts.check(durability).map_err(ConnectError::Refused)?;
    let found = rights::differences(&mut connection, &facts.role, Part::Writer).await.map_err(not_usable)?;
    if let Some(text) = rights::excess(&facts.role, &found) {
        return Err(ConnectError::Refused(text));
    }
    for text in facts.doubts(durability) {
        warn!("{text}");
    }
    info!(
        version = facts.version(),
        role = facts.role,
        wal_sync_method = facts.wal_sync_method,
        synchronous_commit = facts.synchronous_commit,
        over_tcp = facts.over_tcp,
        "PostgreSQL is fit for a world"
    );
    Ok((connection, facts.backend))
}

/// A connection that nobody has looked at yet.
pub(crate) async fn open(options: &PgConnectOptions) -> Result<PgConnection, ConnectError> {
    options.connect().await.map_err(not_usable)
}

fn not_usable(error: sqlx::Error) -> ConnectError {
    match pooler::refusal(&error) {
        Some(text) => ConnectError::Refused(text),
        None => ConnectError::Database(error),
    }
}
