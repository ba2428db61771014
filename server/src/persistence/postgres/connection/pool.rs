//! The small pool beside the writer's connection: everything that reads, and the making of characters.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Postgres};

use super::connect_options;
use super::server_facts::ServerFacts;

/// How many connections read at once: loads, lists and the making of characters. Beyond, they wait their turn.
const READ_CONNECTION_COUNT_MAX: u32 = 4;

/// How long a read waits for its turn.
const READ_TURN_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a read may take once it has its turn. PostgreSQL gives a statement up after five seconds.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(6);

/// The small pool of everything that reads, and of the making of characters. It connects when it is first asked. A
/// character that was made must last like everything else, so a connection whose commits would not is not used.
#[must_use]
pub fn read_pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(READ_CONNECTION_COUNT_MAX)
        .acquire_timeout(READ_TURN_TIMEOUT)
        .after_connect(|connection, _| {
            Box::pin(async move {
                let facts = ServerFacts::read(connection).await?;
                facts.check_commits().map_err(|text| sqlx::Error::Configuration(text.into()))
            })
        })
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
