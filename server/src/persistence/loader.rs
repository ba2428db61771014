//! Back from rows into a world: what belongs to it at the start, what a character brings when it joins.
//!
//! Everything that belongs together is read in one snapshot of the database, so that no flush can come between two
//! tables of one entity. A character's own entity is at home with itself, so that its load brings it as it brings what
//! it carries.

mod decode;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::TryStreamExt;
#[cfg(feature = "sabotage")]
use holdfast_front::failpoint::{Failpoint::Load, hit};
use holdfast_front::{Account, EpochEnd};
use holdfast_protocol::{EntityId, Epoch, EpochTag, Seq, SessionEpoch, Tick, WorldId};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Row as _};
use tokio::time::timeout;
use tracing::error;

use self::decode::{component_row, entity, number};
use super::durable::TableDefinition;
use super::loaded::{CharacterLoad, LoadedCharacter, LoadedEntity};
use super::postgres::{READ_TIMEOUT, Turn};
use super::rows::CharacterProfile;
use super::store::WorldMark;

/// One snapshot for all that follows; it writes nothing.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Why rows could not be read, or are no world.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The database could not be asked, or a column is not of the type that the code expects.
    #[error("read {table}")]
    Database {
        /// The table that was being read.
        table: String,
        /// What went wrong.
        source: sqlx::Error,
    },
    /// An entity of a kind that no game can have.
    #[error("entity {entity} is of kind {kind}, which is beyond 65535")]
    Kind {
        /// The entity.
        entity: EntityId,
        /// Its kind.
        kind: i32,
    },
    /// The key that signs resume tokens is not 32 bytes.
    #[error("the world's resume key is not 32 bytes")]
    ResumeKey,
    /// The server that answered lacks what is known to be written: it is not, or no longer, the one that the writer
    /// writes to.
    #[error("the server that was read is behind the one that is written to")]
    Behind,
    /// PostgreSQL has fallen silent.
    #[error("PostgreSQL did not answer within {} s", READ_TIMEOUT.as_secs())]
    Silent,
    /// The task that was reading has ended without a result.
    #[error("the load broke off")]
    BrokenOff,
}

fn reading(table: &str) -> impl FnOnce(sqlx::Error) -> LoadError + use<'_> {
    move |source| LoadError::Database { table: table.to_owned(), source }
}

/// Whose entities are read.
#[derive(Clone, Copy, Debug)]
enum Home {
    World,
    Character(EntityId),
}

/// What a world is made of at its start.
pub(super) struct WorldContents {
    pub(super) history: Vec<EpochEnd>,
    pub(super) is_new: bool,
    pub(super) entities: Vec<LoadedEntity>,
}

/// Reads a world whose ownership is committed.
pub(super) async fn load_world(
    connection: &mut PgConnection,
    world: WorldId,
    tables: &[TableDefinition],
) -> Result<WorldContents, LoadError> {
    let mut snapshot = connection.begin_with(SNAPSHOT).await.map_err(reading("worlds"))?;
    // A start reads the whole world: it may take longer than any other statement.
    sqlx::query("SET LOCAL statement_timeout = '60s'")
        .execute(&mut *snapshot)
        .await
        .map_err(reading("worlds"))?;
    let ends =
        sqlx::query("SELECT epoch, tag, end_tick FROM holdfast.epoch_ends WHERE world = $1 ORDER BY epoch")
            .bind(world.0.cast_signed())
            .fetch_all(&mut *snapshot)
            .await
            .map_err(reading("epoch_ends"))?;
    let history = ends
        .iter()
        .map(|row| {
            Ok(EpochEnd {
                epoch: Epoch(number(row, 0)?),
                tag: EpochTag(number(row, 1)?),
                end: Tick(number(row, 2)?),
            })
        })
        .collect::<Result<_, sqlx::Error>>()
        .map_err(reading("epoch_ends"))?;
    let is_new = sqlx::query_scalar("SELECT NOT EXISTS (SELECT FROM holdfast.entities WHERE world = $1)")
        .bind(world.0.cast_signed())
        .fetch_one(&mut *snapshot)
        .await
        .map_err(reading("entities"))?;
    #[cfg(feature = "sabotage")]
    hit(Load);
    let entities = read_entities(&mut snapshot, world, Home::World, tables).await?;
    snapshot.commit().await.map_err(reading("worlds"))?;
    Ok(WorldContents { history, is_new, entities })
}

/// Loads characters for a world, through the pool.
#[derive(Clone, Debug)]
pub struct CharacterLoader {
    pool: PgPool,
    world: WorldId,
    tables: Arc<[TableDefinition]>,
}

impl CharacterLoader {
    /// A loader for one world.
    #[must_use]
    pub fn new(pool: PgPool, world: WorldId, tables: &[TableDefinition]) -> Self {
        Self { pool, world, tables: tables.into() }
    }

    /// Loads a character with all that it carries, if it is the account's, from a store that has at least what `since`
    /// says: after a failover the pool may still reach the server of before. What went wrong is logged here; the
    /// caller learns only that it may ask again.
    pub async fn load(&self, character: EntityId, account: Account, since: WorldMark) -> CharacterLoad {
        let loader = self.clone();
        // In a task of its own: a caller that stops waiting must not leave a transaction half begun in the pool.
        let task = tokio::spawn(async move { loader.read(character, account, since).await });
        match task.await.unwrap_or(Err(LoadError::BrokenOff)) {
            Ok(Some(found)) => CharacterLoad::Found(Box::new(found)),
            Ok(None) => CharacterLoad::NoSuchCharacter,
            Err(failure) => {
                let failure: &dyn std::error::Error = &failure;
                error!(failure, "could not load a character");
                CharacterLoad::Failed
            }
        }
    }

    async fn read(
        &self,
        character: EntityId,
        account: Account,
        since: WorldMark,
    ) -> Result<Option<LoadedCharacter>, LoadError> {
        let mut turn = Turn::of(&self.pool).await.map_err(reading("characters"))?;
        let found = timeout(READ_TIMEOUT, self.read_from(turn.connection(), character, account, since))
            .await
            .map_err(|_| LoadError::Silent)??;
        turn.end();
        Ok(found)
    }

    async fn read_from(
        &self,
        connection: &mut PgConnection,
        character: EntityId,
        account: Account,
        since: WorldMark,
    ) -> Result<Option<LoadedCharacter>, LoadError> {
        let mut snapshot = connection.begin_with(SNAPSHOT).await.map_err(reading("characters"))?;
        let mark = read_mark(&mut snapshot, self.world).await.map_err(reading("worlds"))?;
        if (mark.epoch, mark.tag) != (since.epoch, since.tag) || mark.tick < since.tick {
            return Err(LoadError::Behind);
        }
        let row = sqlx::query(
            "SELECT c.name, c.archetype, a.last_seq, a.session_epoch, a.ring
             FROM holdfast.characters AS c
             JOIN holdfast.accounts AS o ON o.id = c.account AND o.issuer = $3 AND o.subject = $4
             LEFT JOIN holdfast.character_actions AS a ON a.world = c.world AND a.entity = c.id
             WHERE c.world = $1 AND c.id = $2",
        )
        .bind(self.world.0.cast_signed())
        .bind(character.0.cast_signed())
        .bind(account.issuer.as_ref())
        .bind(account.subject.as_ref())
        .fetch_optional(&mut *snapshot)
        .await
        .map_err(reading("characters"))?;
        let Some(row) = row else {
            snapshot.commit().await.map_err(reading("characters"))?;
            return Ok(None);
        };
        let entities =
            read_entities(&mut snapshot, self.world, Home::Character(character), &self.tables).await?;
        snapshot.commit().await.map_err(reading("characters"))?;
        let played = |place: usize| -> Result<u64, LoadError> {
            let number: Option<i64> = row.try_get(place).map_err(reading("character_actions"))?;
            Ok(number.unwrap_or_default().cast_unsigned())
        };
        Ok(Some(LoadedCharacter {
            profile: CharacterProfile {
                id: character,
                account,
                name: row.try_get(0).map_err(reading("characters"))?,
                archetype: row.try_get(1).map_err(reading("characters"))?,
            },
            last_seq: Seq(played(2)?),
            session_epoch: SessionEpoch(played(3)?),
            ring: row.try_get(4).map_err(reading("character_actions"))?,
            entities,
        }))
    }
}

async fn read_mark(connection: &mut PgConnection, world: WorldId) -> Result<WorldMark, sqlx::Error> {
    let row = sqlx::query("SELECT epoch, epoch_tag, tick FROM holdfast.worlds WHERE id = $1")
        .bind(world.0.cast_signed())
        .fetch_one(connection)
        .await?;
    Ok(WorldMark {
        epoch: Epoch(number(&row, 0)?),
        tag: EpochTag(number(&row, 1)?),
        tick: Tick(number(&row, 2)?),
    })
}

async fn read_entities(
    connection: &mut PgConnection,
    world: WorldId,
    home: Home,
    tables: &[TableDefinition],
) -> Result<Vec<LoadedEntity>, LoadError> {
    let (whose, character) = match home {
        Home::World => ("e.home IS NULL AND $2::bigint IS NULL", None),
        Home::Character(character) => ("e.home = $2", Some(character.0.cast_signed())),
    };
    let sql = format!(
        "SELECT e.entity, e.kind, e.home, e.entered FROM holdfast.entities AS e WHERE e.world = $1 AND {whose}"
    );
    let mut found = BTreeMap::new();
    let mut rows =
        sqlx::query(AssertSqlSafe(sql)).bind(world.0.cast_signed()).bind(character).fetch(&mut *connection);
    while let Some(row) = rows.try_next().await.map_err(reading("entities"))? {
        let entity = entity(&row)?;
        found.insert(entity.id, entity);
    }
    drop(rows);
    for (index, table) in tables.iter().enumerate() {
        let columns: String = table.columns.iter().map(|column| format!(", c.\"{}\"", column.name)).collect();
        let sql = format!(
            "SELECT c.entity, c.tick{columns} FROM holdfast.\"{}\" AS c
             JOIN holdfast.entities AS e ON e.world = c.world AND e.entity = c.entity
             WHERE c.world = $1 AND {whose}",
            table.table
        );
        let mut rows = sqlx::query(AssertSqlSafe(sql))
            .bind(world.0.cast_signed())
            .bind(character)
            .fetch(&mut *connection);
        while let Some(row) = rows.try_next().await.map_err(reading(table.table))? {
            let (id, component) = component_row(&row, table.columns).map_err(reading(table.table))?;
            if let Some(entity) = found.get_mut(&id) {
                entity.components.push((index, component));
            }
        }
    }
    Ok(found.into_values().collect())
}
