//! What the database holds, read directly and past every server.

use anyhow::{Context as _, Result};
use sqlx::{Connection as _, PgConnection, Row as _};

use holdfast_protocol::EntityId;

use ledger::beginning::{BALANCE_AT_FIRST, ITEMS_AT_FIRST};

use crate::world::World;
use holdfast_checker::{Beginning, FinalState};

/// What is there before the bots begin; they are in the world already. The ledger's items come with its accounts, of
/// which more may join.
///
/// # Errors
/// Where the database cannot be read.
pub async fn beginning(world: World, database_url: &str) -> Result<Beginning> {
    let (items, items_each) = match world {
        World::Village | World::Meadow => {
            (read(world, database_url).await?.items.into_keys().collect(), None)
        }
        World::Ledger => (Vec::new(), Some(ITEMS_AT_FIRST)),
    };
    Ok(Beginning { balance: i64::from(BALANCE_AT_FIRST), items, items_each })
}

/// What is there now.
///
/// # Errors
/// Where the database cannot be read.
pub async fn read(world: World, database_url: &str) -> Result<FinalState> {
    let mut connection = PgConnection::connect(database_url).await.context("reach the world's database")?;
    let state = look(world, &mut connection).await.context("read the world's tables")?;
    connection.close().await?;
    Ok(state)
}

/// All of it as it was at one moment, also while the world goes on.
pub(crate) async fn look(world: World, connection: &mut PgConnection) -> sqlx::Result<FinalState> {
    let mut moment = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let state = match world {
        World::Ledger => ledger(&mut moment).await,
        World::Village | World::Meadow => village(&mut moment).await,
    };
    moment.rollback().await?;
    state
}

async fn ledger(connection: &mut PgConnection) -> sqlx::Result<FinalState> {
    let mut state = FinalState::default();
    for row in sqlx::query("SELECT entity, tokens FROM tapes").fetch_all(&mut *connection).await? {
        let entries: Vec<i64> = row.try_get(1)?;
        state.tapes.insert(id(row.try_get(0)?), entries.into_iter().map(i64::cast_unsigned).collect());
    }
    for row in sqlx::query("SELECT entity, balance FROM purses").fetch_all(&mut *connection).await? {
        state.balances.insert(id(row.try_get(0)?), row.try_get(1)?);
    }
    for row in sqlx::query("SELECT entity, holder FROM items").fetch_all(&mut *connection).await? {
        state.items.insert(id(row.try_get(0)?), Some(id(row.try_get(1)?)));
    }
    Ok(state)
}

async fn village(connection: &mut PgConnection) -> sqlx::Result<FinalState> {
    let question = "SELECT i.entity, e.home, p.entity IS NOT NULL, c.entity IS NOT NULL
        FROM items i
        JOIN entities e USING (world, entity)
        LEFT JOIN positions p USING (world, entity)
        LEFT JOIN carried c USING (world, entity)";
    let mut state = FinalState::default();
    for row in sqlx::query(question).fetch_all(connection).await? {
        let (item, home) = (id(row.try_get(0)?), row.try_get::<Option<i64>, _>(1)?.map(id));
        let (lies, is_carried): (bool, bool) = (row.try_get(2)?, row.try_get(3)?);
        state.items.insert(item, home);
        if lies == is_carried || is_carried != home.is_some() {
            state.misplaced.push(item);
        }
    }
    Ok(state)
}

/// Ids are stored bit for bit.
fn id(stored: i64) -> EntityId {
    EntityId(stored.cast_unsigned())
}
