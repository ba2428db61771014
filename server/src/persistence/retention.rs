//! The journal's partitions: a week of days ahead, and none that is over.
//!
//! The database decides what is due (`holdfast.keep_partitions`, by its own clock and by `holdfast.retention`); this
//! calls it until nothing is. A server does so once an hour on a connection of its own, beside the tick's path: that it
//! fails is logged, and harms nobody, since rows without a day of their own fall into a DEFAULT partition.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::postgres::connect_options;

/// How often a server sees to the partitions.
const EVERY: Duration = Duration::from_secs(3_600);

/// After what time a server tries again where it failed.
const AGAIN_AFTER: Duration = Duration::from_secs(300);

/// How many things one run does at most: a year of days, for each of the four tables, and some.
const STEP_COUNT_MAX: usize = 2_000;

/// How often what is locked is tried again before the run is given up.
const LOCKED_COUNT_MAX: u32 = 20;

/// How long to wait before what is locked is tried again: flushes go first.
const LOCKED_WAIT: Duration = Duration::from_millis(500);

/// How long a run may take.
const RUN_TIMEOUT: Duration = Duration::from_secs(300);

/// Why the partitions are not as they should be.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// Somebody reads what is to go, or writes down what a new day is to be made for.
    #[error("a table of the journal stays locked; it is seen to in the next run")]
    Locked(#[source] sqlx::Error),
    /// The database refused, or broke off.
    #[error("see to the journal's partitions")]
    Database(#[source] sqlx::Error),
    /// It took too long.
    #[error("seeing to the journal's partitions took longer than {} s", RUN_TIMEOUT.as_secs())]
    Timeout,
}

/// Makes the days ahead, and removes what is over. Hands out what was done, in order.
///
/// # Errors
/// Where a table stays locked for ten seconds, or the database fails. What was done before stays done.
pub async fn keep_partitions(connection: &mut PgConnection) -> Result<Vec<String>, RetentionError> {
    let mut done = Vec::new();
    let mut locked_count = 0;
    while done.len() < STEP_COUNT_MAX {
        let step = sqlx::query_scalar::<_, Option<String>>("SELECT holdfast.keep_partitions()");
        match step.fetch_one(&mut *connection).await {
            Ok(Some(step)) => done.push(step),
            Ok(None) => break,
            Err(error) if is_locked(&error) => {
                locked_count += 1;
                if locked_count == LOCKED_COUNT_MAX {
                    return Err(RetentionError::Locked(error));
                }
                sleep(LOCKED_WAIT).await;
            }
            Err(error) => return Err(RetentionError::Database(error)),
        }
    }
    Ok(done)
}

/// One run on a connection of its own.
///
/// # Errors
/// As [`keep_partitions`], and where there is no connection.
pub async fn run_retention(database: &PgConnectOptions) -> Result<Vec<String>, RetentionError> {
    let run = async {
        let options = connect_options(database.clone(), "holdfast retention");
        let mut connection = options.connect().await.map_err(RetentionError::Database)?;
        // What fell into DEFAULT over days may take longer to move than a statement of a server may otherwise take.
        connection.execute("SET statement_timeout = '60s'").await.map_err(RetentionError::Database)?;
        let done = keep_partitions(&mut connection).await?;
        // What was to be done is committed, whatever becomes of the connection.
        let _ = connection.close().await;
        Ok(done)
    };
    timeout(RUN_TIMEOUT, run).await.map_err(|_| RetentionError::Timeout)?
}

/// Sees to the partitions once an hour, for as long as it is polled: the owner of a world lets this run beside it.
pub async fn keep_partitions_hourly(database: PgConnectOptions) {
    loop {
        let wait = match run_retention(&database).await {
            Ok(done) => {
                for step in done {
                    info!(step, "kept the journal's partitions");
                }
                EVERY
            }
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                warn!(error, "the journal's partitions were not seen to; the world is not affected");
                AGAIN_AFTER
            }
        };
        sleep(wait).await;
    }
}

fn is_locked(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "55P03")
}
