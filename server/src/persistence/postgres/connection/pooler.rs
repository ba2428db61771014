//! A pooler that gives a session's statements to whichever connection is free (PgBouncer's transaction mode, and what is
//! like it) cannot serve a world: the advisory lock, the settings and the prepared flush belong to a session, and a
//! backend that must be ended is another's tomorrow.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection, Row as _};
use tokio::time::timeout;

/// How often the two connections are compared: a pooler may choose at random.
const ROUND_COUNT: usize = 3;

/// How long all of it may take.
const LOOK_TIMEOUT: Duration = Duration::from_secs(5);

/// What is said of one.
pub(crate) const SENTENCE: &str = "Between this machine and PostgreSQL is a connection pooler that gives one session's \
    statements to several connections, so that locks and settings do not last (as PgBouncer does with pool_mode = \
    transaction). Connect to PostgreSQL itself.";

/// What is said where `error`, of a connection that was just made or could not be, comes of a pooler in between.
pub(crate) fn refusal(error: &sqlx::Error) -> Option<String> {
    let error = error.as_database_error()?;
    let message = error.message();
    if message.contains("unsupported startup parameter") {
        return Some(format!(
            "What answers is a connection pooler, and it does not take the settings of a session ({message}). Connect to \
             PostgreSQL itself."
        ));
    }
    // A statement that this session has just prepared is not there, or one that it has not prepared is.
    matches!(error.code().as_deref(), Some("26000" | "42P05")).then(|| SENTENCE.to_owned())
}

/// Whether `first` shares backends with other connections. A second one is made for it, which takes a backend for itself
/// by beginning a transaction: where it got the one that the first had, or the first then has another, backends are
/// shared.
///
/// # Errors
/// Where a second connection cannot be made, or the answers do not come.
pub(crate) async fn shares_backends(
    options: &PgConnectOptions,
    first: &mut PgConnection,
) -> Result<bool, sqlx::Error> {
    let silent = |_| sqlx::Error::Protocol("the answers are kept waiting".to_owned());
    timeout(LOOK_TIMEOUT, compare(options, first)).await.map_err(silent)?
}

async fn compare(options: &PgConnectOptions, first: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let mut second = options.connect().await?;
    for _ in 0..ROUND_COUNT {
        let before = pid(first).await?;
        second.execute("BEGIN").await?;
        let beside = pid(&mut second).await?;
        if beside == before || pid(first).await? != before {
            return Ok(true);
        }
        second.execute("ROLLBACK").await?;
    }
    second.close().await?;
    Ok(false)
}

/// The backend that answers just now. Not by a prepared statement, which a shared backend might not know.
async fn pid(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    connection.fetch_one("SELECT pg_backend_pid()").await?.try_get(0)
}
