//! One transaction a transfer: BEGIN, both purses in the order of their ids, COMMIT.
//!
//! There is no `SELECT … FOR UPDATE` before: the UPDATEs lock the rows in the same order, and it would be one trip more.

use sqlx::{Connection as _, PgConnection};

use crate::transfer::payer::AMOUNT;

/// Makes one transfer.
pub(super) async fn pay(connection: &mut PgConnection, from: i64, to: i64) -> sqlx::Result<()> {
    let mut changes = [(from, -AMOUNT), (to, AMOUNT)];
    changes.sort_unstable();
    let mut transaction = connection.begin().await?;
    for (id, change) in changes {
        sqlx::query("UPDATE pot SET balance = balance + $2 WHERE id = $1")
            .bind(id)
            .bind(change)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await
}
