//! A checkpoint before each measurement: what others have written, nobody pays for in the time that counts.

use anyhow::{Context as _, Result};
use sqlx::{Connection as _, Executor as _, PgConnection};

/// Makes PostgreSQL write everything that it has not written yet, and waits until it is done. The URL is its superuser's,
/// and of any database: a checkpoint is the whole cluster's.
pub(super) async fn make(superuser_url: &str) -> Result<()> {
    let mut connection = PgConnection::connect(superuser_url).await?;
    connection.execute("CHECKPOINT").await.context("make a checkpoint")?;
    connection.close().await?;
    Ok(())
}
