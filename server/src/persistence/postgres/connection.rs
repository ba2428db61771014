//! A connection that the engine is willing to use: its settings, and what it refuses of a server.

use std::time::Duration;

#[cfg(feature = "sabotage")]
use holdfast_front::sabotage::{Sabotage::S7, is_on};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgConnection, PgPool, Postgres, Row as _};
use tokio::time::timeout;

/// How long a new connection may take, with all that is asked of it first.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How many connections read at once: loads, lists and the making of characters. Beyond, they wait their turn.
const READ_CONNECTION_COUNT_MAX: u32 = 4;

/// How long a read waits for its turn.
const READ_TURN_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a read may take once it has its turn. PostgreSQL gives a statement up after five seconds.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(6);

/// The oldest PostgreSQL that is supported.
const SERVER_VERSION_MIN: i32 = 15;

/// Why a connection is not used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is none.
    #[error("connect to PostgreSQL")]
    Database(#[from] sqlx::Error),
    /// It took too long.
    #[error("PostgreSQL did not answer within {} s", CONNECT_TIMEOUT.as_secs())]
    Timeout,
    /// The server would not keep what it acknowledges, or cannot be written to. The text says what to change.
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

/// The settings of every connection of the engine: nothing waits for ever, and the locks of a client that is gone go
/// soon after it.
#[must_use]
pub fn connect_options(options: PgConnectOptions, application_name: &str) -> PgConnectOptions {
    // S7 breaks the promise that what is acknowledged is on the disk.
    #[cfg(feature = "sabotage")]
    let options = if is_on(S7) { options.options([("synchronous_commit", "off")]) } else { options };
    options.application_name(application_name).options([
        ("statement_timeout", "5s"),
        ("lock_timeout", "2s"),
        ("idle_in_transaction_session_timeout", "5s"),
        ("client_connection_check_interval", "250ms"),
        // Over a Unix socket these four mean nothing, and are accepted.
        ("tcp_keepalives_idle", "10"),
        ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "3"),
        ("tcp_user_timeout", "10s"),
    ])
}

/// The small pool of everything that reads, and of the making of characters. It connects when it is first asked.
#[must_use]
pub fn read_pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(READ_CONNECTION_COUNT_MAX)
        .acquire_timeout(READ_TURN_TIMEOUT)
        .connect_lazy_with(connect_options(options, "holdfast reader"))
}

/// A connection of the pool, for one read. It goes back only when the read has come to its end. One that was given up
/// midway is closed instead: the pool would wait for its answer, for ever where the way to PostgreSQL is lost.
pub(crate) struct Turn(Option<PoolConnection<Postgres>>);

impl Turn {
    /// Waits for a turn.
    pub(crate) async fn of(pool: &PgPool) -> Result<Self, sqlx::Error> {
        Ok(Self(Some(pool.acquire().await?)))
    }

    /// The connection to read from.
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        self.0.as_mut().expect("it is there until the turn ends")
    }

    /// The read has come to its end.
    pub(crate) fn end(mut self) {
        self.0 = None;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.0.take().map(PoolConnection::detach));
    }
}

/// A new connection, whose server has been found fit.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<(PgConnection, Backend), ConnectError> {
    // Dropped midway, a connection that is being made is simply not made.
    timeout(CONNECT_TIMEOUT, connect_and_check(options)).await.map_err(|_| ConnectError::Timeout)?
}

async fn connect_and_check(options: &PgConnectOptions) -> Result<(PgConnection, Backend), ConnectError> {
    let mut connection = options.connect().await?;
    let row = sqlx::query(
        "SELECT current_setting('server_version_num')::integer, pg_is_in_recovery(),
            current_setting('transaction_read_only'), current_setting('fsync'),
            current_setting('synchronous_commit'), current_setting('full_page_writes'),
            pid, backend_start::text
         FROM pg_stat_activity WHERE pid = pg_backend_pid()",
    )
    .fetch_one(&mut connection)
    .await?;
    let facts = ServerFacts {
        version_num: row.try_get(0)?,
        in_recovery: row.try_get(1)?,
        read_only: row.try_get(2)?,
        fsync: row.try_get(3)?,
        synchronous_commit: row.try_get(4)?,
        full_page_writes: row.try_get(5)?,
    };
    facts.check().map_err(ConnectError::Refused)?;
    let backend = Backend { pid: row.try_get(6)?, started: row.try_get(7)? };
    Ok((connection, backend))
}

/// What a server says of itself.
#[derive(Clone, Debug)]
struct ServerFacts {
    version_num: i32,
    in_recovery: bool,
    read_only: String,
    fsync: String,
    synchronous_commit: String,
    full_page_writes: String,
}

impl ServerFacts {
    /// One sentence on the first thing that does not do.
    fn check(&self) -> Result<(), String> {
        let version = self.version_num / 10_000;
        if version < SERVER_VERSION_MIN {
            return Err(format!(
                "PostgreSQL {SERVER_VERSION_MIN} or newer is needed; this one is {version}."
            ));
        }
        if self.in_recovery {
            return Err("This PostgreSQL is a replica; connect to the primary.".to_owned());
        }
        if self.read_only != "off" {
            return Err("This PostgreSQL is read-only: set default_transaction_read_only = off.".to_owned());
        }
        if self.fsync != "on" {
            return Err("A power failure would lose what was acknowledged: set fsync = on.".to_owned());
        }
        let waits_for_disk =
            matches!(self.synchronous_commit.as_str(), "on" | "remote_write" | "remote_apply");
        #[cfg(feature = "sabotage")]
        let waits_for_disk = waits_for_disk || is_on(S7);
        if !waits_for_disk {
            return Err(format!(
                "A crash could lose what was acknowledged: synchronous_commit is {}, set it to on.",
                self.synchronous_commit
            ));
        }
        if self.full_page_writes != "on" {
            return Err("A power failure could tear pages: set full_page_writes = on.".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit() -> ServerFacts {
        ServerFacts {
            version_num: 150_008,
            in_recovery: false,
            read_only: "off".into(),
            fsync: "on".into(),
            synchronous_commit: "on".into(),
            full_page_writes: "on".into(),
        }
    }

    #[test]
    fn a_server_that_could_lose_what_it_acknowledged_is_refused() {
        assert_eq!(fit().check(), Ok(()));
        assert_eq!(ServerFacts { synchronous_commit: "remote_apply".into(), ..fit() }.check(), Ok(()));
        let unfit = [
            (ServerFacts { version_num: 140_012, ..fit() }, "15 or newer"),
            (ServerFacts { in_recovery: true, ..fit() }, "replica"),
            (ServerFacts { read_only: "on".into(), ..fit() }, "read-only"),
            (ServerFacts { fsync: "off".into(), ..fit() }, "fsync = on"),
            (ServerFacts { synchronous_commit: "off".into(), ..fit() }, "synchronous_commit is off"),
            (ServerFacts { synchronous_commit: "local".into(), ..fit() }, "synchronous_commit is local"),
            (ServerFacts { full_page_writes: "off".into(), ..fit() }, "full_page_writes = on"),
        ];
        for (facts, says) in unfit {
            assert!(facts.check().unwrap_err().contains(says), "{facts:?}");
        }
    }
}
