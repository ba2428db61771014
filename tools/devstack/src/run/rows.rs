//! What is true in the database, as JSON: how a test compares what people see with what is durable.

use anyhow::{Context as _, Result};
use holdfast_devstack::Stack;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// The most rows that are answered with.
const ROWS_MAX: usize = 10_000;

/// What the question may do and how long it may take; names without a schema are the world's.
const CAUTION: &str =
    "SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '10s'; SET LOCAL search_path = holdfast";

/// The rows of a question, past the proxy and without changing anything.
pub(super) async fn read(stack: &Stack, query: &str) -> Result<Value> {
    let mut connection = PgConnection::connect(&stack.database_url()).await.context("reach the database")?;
    let mut transaction = connection.begin().await?;
    transaction.execute(CAUTION).await?;
    let statement = format!(
        "SELECT coalesce(json_agg(row), '[]')::text FROM (SELECT * FROM ({query}) AS asked LIMIT {ROWS_MAX}) AS row"
    );
    let text: String = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&mut *transaction).await?;
    transaction.rollback().await?;
    connection.close().await?;
    serde_json::from_str(&text).context("read the rows")
}
