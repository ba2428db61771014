//! Everything that a database holds of its worlds, as text: what was not to change is compared with what there is.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::door::PATIENCE;

/// The rows of each table of the schema `holdfast`, sorted.
///
/// What a world's row says of time (its tick and its lease, which every beat renews) is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dump(BTreeMap<String, Vec<String>>);

impl Dump {
    /// Reads all of it, in one snapshot.
    ///
    /// # Errors
    /// Where PostgreSQL says no.
    pub async fn read(connection: &mut PgConnection) -> Result<Self> {
        let mut snapshot = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let tables: Vec<String> =
            // A partition's rows are its parent's.
            sqlx::query_scalar(
                "SELECT relname::text FROM pg_class
                 WHERE relnamespace = 'holdfast'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition",
            )
                .fetch_all(&mut *snapshot)
                .await?;
        let mut dump = BTreeMap::new();
        for table in tables {
            let left_out = if table == "worlds" { " - '{tick, lease_expires}'::text[]" } else { "" };
            let rows =
                format!("SELECT (to_jsonb(t){left_out})::text FROM holdfast.\"{table}\" AS t ORDER BY 1");
            dump.insert(table, sqlx::query_scalar(AssertSqlSafe(rows)).fetch_all(&mut *snapshot).await?);
        }
        snapshot.rollback().await?;
        Ok(Self(dump))
    }

    /// The same, once everything that has been said to the world until now would be in it.
    ///
    /// # Errors
    /// Where PostgreSQL says no.
    pub async fn read_settled(connection: &mut PgConnection) -> Result<Self> {
        // The first write that is seen may have been under way before; the second was made after it.
        for _ in 0..2 {
            let before = tick(connection).await?;
            let deadline = Instant::now() + PATIENCE;
            while tick(connection).await? == before {
                ensure!(Instant::now() < deadline, "nothing was written for {PATIENCE:?}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Self::read(connection).await
    }

    /// Without the tables that say what has been decided for whom: what a rule that says no may write.
    #[must_use]
    pub fn without_verdicts(mut self) -> Self {
        for table in ["character_actions", "journal", "journal_entities"] {
            self.0.remove(table);
        }
        self
    }

    /// In what the other one differs, one line each: `-` for what is gone, `+` for what is new.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let lines = |dump: &Self| -> Vec<String> {
            dump.0
                .iter()
                .flat_map(|(table, rows)| rows.iter().map(move |row| format!("{table} {row}")))
                .collect()
        };
        let (mine, theirs) = (lines(self), lines(other));
        let gone = mine.iter().filter(|line| !theirs.contains(line)).map(|line| format!("- {line}"));
        let new = theirs.iter().filter(|line| !mine.contains(line)).map(|line| format!("+ {line}"));
        gone.chain(new).collect()
    }
}

async fn tick(connection: &mut PgConnection) -> Result<i64> {
    sqlx::query_scalar("SELECT max(tick) FROM holdfast.worlds")
        .fetch_one(connection)
        .await
        .context("read the world's tick")
}
