//! `retain`: sees to the journal's days once, for who would rather have it done by a timer of their own.

use std::io::Write as _;

use sqlx::postgres::PgConnectOptions;

use crate::config::StoreConfig;
use crate::persistence::retention::{RetentionError, run_retention};

/// Why the days are not as they should be.
#[derive(Debug, thiserror::Error)]
pub(super) enum RetainError {
    #[error("DATABASE_URL is not a PostgreSQL address")]
    Address(#[source] sqlx::Error),
    #[error(transparent)]
    Retention(#[from] RetentionError),
    #[error("print what was done")]
    Print(#[from] std::io::Error),
}

/// Makes the days ahead, removes those that are over, and prints what was done.
pub(super) async fn retain(store: &StoreConfig) -> Result<(), RetainError> {
    let options: PgConnectOptions = store.database_url.parse().map_err(RetainError::Address)?;
    let done = run_retention(&options).await?;
    let mut out = std::io::stdout().lock();
    for step in &done {
        writeln!(out, "{step}")?;
    }
    if done.is_empty() {
        writeln!(out, "nothing was due")?;
    }
    Ok(())
}
