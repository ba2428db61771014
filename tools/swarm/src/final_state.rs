//! What the database holds, read directly and past every server.

use anyhow::{Context as _, Result};
use sqlx::{Connection as _, PgConnection, Row as _};

use holdfast_protocol::EntityId;

use crate::checker::{Beginning, FinalState};
use crate::world::World;

/// What every account of the ledger begins with.
const FIRST_BALANCE: i64 = 1_000;

/// What is there before the bots begin; they are in the world already.
///
/// # Errors
/// Where the database cannot be read.
pub async fn beginning(world: World, database_url: &str) -> Result<Beginning> {
    let state = read(world, database_url).await?;
    Ok(Beginning { balance: FIRST_BALANCE, items: state.items.into_keys().collect() })
}

/// What is there now.
///
/// # Errors
/// Where the database cannot be read.
pub async fn read(world: World, database_url: &str) -> Result<FinalState> {
    let mut connection = PgConnection::connect(database_url).await.context("read the world's database")?;
    let mut state = FinalState::default();
    match world {
        World::Ledger => {
            for row in sqlx::query("SELECT entity, tokens FROM tape").fetch_all(&mut connection).await? {
                let tokens: Vec<i64> = row.try_get(1)?;
                state.tapes.insert(id(row.try_get(0)?), tokens.into_iter().map(i64::cast_unsigned).collect());
            }
        }
        World::Village => {}
    }
    connection.close().await?;
    Ok(state)
}

/// Ids are stored bit for bit.
fn id(stored: i64) -> EntityId {
    EntityId(stored.cast_unsigned())
}
