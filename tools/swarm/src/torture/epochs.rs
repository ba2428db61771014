//! Whether an owner that had lost the world has written to it: from the database and from what clients were shown.

use anyhow::{Context as _, Result};
use holdfast_protocol::{Epoch, Tick};
use sqlx::{Connection as _, PgConnection};

use super::report::Ownerships;
use super::witness::Witness;

/// Where each ownership ended that is over, in ascending order.
async fn ends(connection: &mut PgConnection) -> sqlx::Result<Vec<(Epoch, Tick)>> {
    let rows: Vec<(i64, i64)> =
        sqlx::query_as("SELECT epoch, end_tick FROM holdfast.epoch_ends ORDER BY epoch")
            .fetch_all(connection)
            .await?;
    Ok(rows
        .into_iter()
        .map(|(epoch, end)| (Epoch(epoch.cast_unsigned()), Tick(end.cast_unsigned())))
        .collect())
}

/// How many flushes the journal has of ownerships that were over by then. Zero where there is no journal yet.
async fn flushes_beyond(connection: &mut PgConnection) -> sqlx::Result<u64> {
    let has_journal: bool = sqlx::query_scalar("SELECT to_regclass('holdfast.journal') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !has_journal {
        return Ok(0);
    }
    let question =
        "SELECT count(*) FROM holdfast.journal AS j JOIN holdfast.epoch_ends AS e USING (world, epoch)
        WHERE j.to_tick > e.end_tick";
    let count: i64 = sqlx::query_scalar(question).fetch_one(connection).await?;
    Ok(count.cast_unsigned())
}

/// How many ownerships there were, and what is known of those that were over: flushes that the journal has, ticks that
/// clients were shown as durable beyond the end of their ownership, and frames that came too late.
///
/// # Errors
/// Where the database cannot be read.
pub(super) async fn ownerships(database_url: &str, witness: &Witness) -> Result<Ownerships> {
    let mut connection = PgConnection::connect(database_url).await.context("reach the world's database")?;
    let ends = ends(&mut connection).await.context("read where ownerships ended")?;
    let flushes = flushes_beyond(&mut connection).await.context("read the journal")?;
    connection.close().await?;
    Ok(Ownerships {
        count: ends.len() + 1,
        late_writes: flushes + beyond(&ends, &witness.last_ticks()),
        late_frames: witness.late_frame_count(),
        listened: witness.listened_count(),
    })
}

/// How many ownerships were shown beyond their ends, or end before an earlier one does.
fn beyond(ends: &[(Epoch, Tick)], shown: &[(Epoch, Tick)]) -> u64 {
    let is_beyond =
        |(epoch, last): &&(Epoch, Tick)| ends.iter().any(|(other, end)| other == epoch && last > end);
    let out_of_order = ends.windows(2).filter(|pair| pair[0].1 >= pair[1].1).count();
    u64::try_from(shown.iter().filter(is_beyond).count() + out_of_order).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_beyond_the_end_of_its_ownership_was_written_too_late() {
        let ends = [(Epoch(1), Tick(10)), (Epoch(2), Tick(20))];
        let shown = |first, second| {
            beyond(&ends, &[(Epoch(1), Tick(first)), (Epoch(2), Tick(second)), (Epoch(3), Tick(99))])
        };
        assert_eq!(shown(10, 20), 0);
        assert_eq!(shown(11, 20), 1);
        assert_eq!(shown(12, 25), 2);
        assert_eq!(
            beyond(&[(Epoch(1), Tick(10)), (Epoch(2), Tick(10))], &[]),
            1,
            "an ownership begins with a tick of its own"
        );
    }
}
