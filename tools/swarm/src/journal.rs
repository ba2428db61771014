//! What was committed, and where ownerships ended, as the database tells it: read directly and past every server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use holdfast_checker::{Commit, Commits};
use holdfast_protocol::{Epoch, Tick};
use sqlx::{Connection as _, PgConnection, Row as _};

/// What the database tells of its writers.
#[derive(Debug)]
pub(crate) struct Journal {
    /// What was committed and asked for something, in its order.
    pub(crate) commits: Commits,
    /// Where ownerships ended.
    pub(crate) ends: Ends,
}

/// Where each ownership ended that is over, in ascending order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ends(pub(crate) Vec<(Epoch, Tick)>);

impl Ends {
    /// Whether the ownership was over before this tick of it.
    pub(crate) fn is_beyond(&self, epoch: Epoch, tick: Tick) -> bool {
        self.0.iter().any(|(other, end)| *other == epoch && tick > *end)
    }
}

/// Reads the journal. Times are since `start`, by the clock of this machine, on which the database runs too; each was
/// taken when its flush began.
///
/// # Errors
/// Where the database cannot be read.
pub(crate) async fn read(database_url: &str, start: SystemTime) -> Result<Journal> {
    let mut connection = PgConnection::connect(database_url).await.context("reach the world's database")?;
    let list = flushes(&mut connection, start).await.context("read the journal")?;
    // After the journal, so that each of its flushes is held against an end that there was by then.
    let ends = ends(&mut connection).await.context("read where ownerships ended")?;
    connection.close().await?;
    Ok(Journal { commits: in_order(list, &ends), ends })
}

/// By the time at which each began.
async fn flushes(connection: &mut PgConnection, start: SystemTime) -> Result<Vec<Commit>> {
    let question = "SELECT epoch, from_tick, to_tick, (extract(epoch FROM at) * 1000000)::bigint
        FROM holdfast.journal ORDER BY at, to_tick";
    let start_us = i64::try_from(start.duration_since(UNIX_EPOCH)?.as_micros())?;
    let mut list = Vec::new();
    for row in sqlx::query(question).fetch_all(connection).await? {
        let number = |place: usize| row.try_get::<i64, _>(place).map(i64::cast_unsigned);
        let at_us = row.try_get::<i64, _>(3)?.checked_sub(start_us);
        list.push(Commit {
            epoch: Epoch(number(0)?),
            from: Tick(number(1)?),
            to: Tick(number(2)?),
            changed: true,
            at: at_us.and_then(|us| u64::try_from(us).ok()).map(Duration::from_micros),
        });
    }
    Ok(list)
}

async fn ends(connection: &mut PgConnection) -> sqlx::Result<Ends> {
    let question = "SELECT epoch, end_tick FROM holdfast.epoch_ends ORDER BY epoch";
    let rows: Vec<(i64, i64)> = sqlx::query_as(question).fetch_all(connection).await?;
    let point = |(epoch, end): (i64, i64)| (Epoch(epoch.cast_unsigned()), Tick(end.cast_unsigned()));
    Ok(Ends(rows.into_iter().map(point).collect()))
}

/// In the order of commits. It is that in which flushes began, but for those that are beyond the end of their ownership:
/// they may have begun before the world was taken over, and were committed after it. How long after is not known, so they
/// come last.
fn in_order(mut list: Vec<Commit>, ends: &Ends) -> Commits {
    list.sort_by_key(|commit| ends.is_beyond(commit.epoch, commit.to));
    Commits { list, with_beats: false }
}

#[cfg(test)]
mod tests {
    use holdfast_checker::{Beginning, Evidence, FinalState, History};

    use super::*;

    #[test]
    fn a_flush_that_began_before_a_takeover_and_was_committed_after_it_is_a_second_writer() {
        let commit = |epoch, from, to| Commit {
            epoch: Epoch(epoch),
            from: Tick(from),
            to: Tick(to),
            changed: true,
            at: Some(Duration::from_millis(to)),
        };
        let (history, beginning, end) = (History::default(), Beginning::default(), FinalState::default());
        let broken = |list: &[Commit], ends: &[(Epoch, Tick)]| {
            let commits = in_order(list.to_vec(), &Ends(ends.to_vec()));
            Evidence { commits: Some(&commits), ..Evidence::new(&history, &beginning, &end) }.check().broken()
        };
        let late = [commit(1, 0, 5), commit(1, 5, 7), commit(2, 8, 9)];
        assert_eq!(broken(&late, &[(Epoch(1), Tick(5))]), ["I9"]);
        assert_eq!(broken(&late, &[(Epoch(1), Tick(7))]), Vec::<&str>::new(), "it was not late");
        assert_eq!(
            broken(&late, &[]),
            Vec::<&str>::new(),
            "by the time at which they began nothing is wrong"
        );
    }
}
