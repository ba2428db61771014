//! One call of a stored procedure a transfer: one trip, and everything else within PostgreSQL.

use sqlx::PgConnection;

use crate::transfer::payer::AMOUNT;

/// Makes one transfer.
pub(super) async fn pay(connection: &mut PgConnection, from: i64, to: i64) -> sqlx::Result<()> {
    let call = sqlx::query("SELECT pay($1, $2, $3)").bind(from).bind(to).bind(AMOUNT);
    call.execute(connection).await.map(drop)
}
