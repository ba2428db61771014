//! The purses between which transfers go. In the ledger they are pots: nobody's, in no group, rows and nothing else.

use std::collections::HashMap;

use anyhow::{Context as _, Result, ensure};
use holdfast_protocol::{EntityId, decode};
use ledger::action::open_pots::{Opened, POTS_AT_ONCE_MAX};
use ledger::action::{OpenPots, Verb};
use sqlx::{Connection as _, PgConnection};

use super::book::Book;
use super::payer::Payer;

/// What each holds at first: more than a purse loses in hours, whichever way the lots fall.
pub(super) const BALANCE: u32 = 100_000_000;

/// How often it is told how far it has come: after so many pots.
const TOLD_EVERY: usize = 25_000;

/// Opens so many, one order after the other.
pub(super) async fn open(payer: &mut Payer, count: usize, say: fn(&str)) -> Result<Vec<EntityId>> {
    let mut pots = Vec::with_capacity(count);
    while pots.len() < count {
        let wanted = u32::try_from(count - pots.len())?.min(POTS_AT_ONCE_MAX);
        let open = Verb::OpenPots(OpenPots { count: wanted, balance: BALANCE });
        let opened: Opened = decode(&payer.ask(&open).await?.0).context("read which pots were opened")?;
        pots.extend(opened.ids());
        if pots.len() == count || pots.len().is_multiple_of(TOLD_EVERY) {
            say(&format!("{} of {count} purses are open", pots.len()));
        }
    }
    Ok(pots)
}

/// Holds the database against what the clients know: no pot more or fewer, in each what was answered, and as many actions
/// decided as were answered. The world has decided everything that it was asked, and made it durable.
pub(super) async fn check(database_url: &str, pots: &[EntityId], book: &Book, decided: u64) -> Result<()> {
    let mut connection = PgConnection::connect(database_url).await.context("reach the world's database")?;
    let stored: Vec<(i64, i64)> =
        sqlx::query_as("SELECT entity, balance FROM holdfast.pots").fetch_all(&mut connection).await?;
    let last_seqs: i64 =
        sqlx::query_scalar("SELECT coalesce(sum(last_seq), 0)::bigint FROM holdfast.character_actions")
            .fetch_one(&mut connection)
            .await?;
    connection.close().await?;
    ensure!(stored.len() == pots.len(), "{} pots were opened, and {} are stored", pots.len(), stored.len());
    let stored: HashMap<i64, i64> = stored.into_iter().collect();
    let balance = |pot: &EntityId| {
        stored.get(&i64::try_from(pot.0)?).copied().with_context(|| format!("{pot:?} is not stored"))
    };
    book.check(&pots.iter().map(balance).collect::<Result<Vec<_>>>()?)?;
    let answered = i64::try_from(decided)?;
    ensure!(last_seqs == answered, "{answered} actions were answered, and {last_seqs} are stored");
    Ok(())
}
