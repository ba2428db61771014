//! Accounts follow the sign-in.
//!
//! An account is a pair of issuer and subject, and the development sign-in's name is its address: when its port changes,
//! Ada would be somebody else and would not find her characters. A kept world has one sign-in at a time, which is ours,
//! so before the server starts all accounts become those of where it is now.

use anyhow::{Context as _, Result};
use sqlx::{Connection as _, PgConnection};

/// Makes all accounts those of `issuer`. No server may run on the database.
///
/// # Errors
/// Where the database says no; then no account has moved.
pub(super) async fn move_to(issuer: &str, database_url: &str) -> Result<()> {
    let mut connection = PgConnection::connect(database_url).await.context("reach the world's database")?;
    sqlx::query("UPDATE holdfast.accounts SET issuer = $1 WHERE issuer <> $1")
        .bind(issuer)
        .execute(&mut connection)
        .await
        .context("move the accounts to where the sign-in is now")?;
    connection.close().await.context("take leave of the world's database")
}
