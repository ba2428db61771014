//! A batch as the arguments of `flush_tick`.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_protocol::EntityId;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, SqlSafeStr, SqlStr};

use super::types::FlushTypes;
use crate::persistence::durable::TableDefinition;
use crate::persistence::flush_function::call;
use crate::persistence::journal::entry::Entry;
use crate::persistence::pg_encode::{CellError, RowArray, RowArrayWriter};
use crate::persistence::rows::{Batch, TickRows};
use crate::persistence::store::{StoreError, StoreErrorClass};

/// The one statement that commits, and the tables whose rows it takes.
#[derive(Clone, Debug)]
pub(super) struct FlushStatement {
    sql: SqlStr,
    tables: Arc<[TableDefinition]>,
}

impl FlushStatement {
    /// The statement for these tables.
    pub(super) fn new(tables: Arc<[TableDefinition]>) -> Self {
        Self { sql: AssertSqlSafe(Arc::<str>::from(call(&tables))).into_sql_str(), tables }
    }

    /// Prepares it on a new connection, so that the first flush finds out nothing new.
    pub(super) async fn prepare(
        &self,
        connection: &mut PgConnection,
        types: &FlushTypes,
    ) -> Result<(), sqlx::Error> {
        use sqlx::Executor as _;
        connection.prepare_with(self.sql.clone(), &types.arguments()).await?;
        Ok(())
    }

    /// Binds a batch.
    pub(super) fn bind(
        &self,
        types: &FlushTypes,
        batch: &Batch,
    ) -> Result<Query<'static, Postgres, PgArguments>, StoreError> {
        let rows = &batch.rows;
        let mut query = sqlx::query(self.sql.clone())
            .bind(batch.world.0.cast_signed())
            .bind(batch.epoch.0.cast_signed())
            .bind(batch.tag.0.cast_signed())
            .bind(batch.from.0.cast_signed())
            .bind(batch.to.0.cast_signed())
            .bind(rows.ids_reserved.map(u64::cast_signed))
            .bind(entities(types, rows).map_err(|error| unfit(ENTITIES, &error))?)
            .bind(ids(rows.entities.iter().filter(|(_, row)| row.is_none()).map(|(id, _)| id)))
            .bind(characters(types, rows).map_err(|error| unfit(CHARACTERS, &error))?);
        let Entry { inputs, indexed, images } = Entry::of(batch, &self.tables);
        query = query
            .bind(inputs)
            .bind(ids(indexed.iter()))
            .bind(images)
            .bind(chat(types, rows).map_err(|error| unfit(CHAT, &error.into()))?);
        for (index, table) in self.tables.iter().enumerate() {
            let (changed, removed) =
                component(types, rows, index, table).map_err(|error| unfit(table.table, &error))?;
            query = query.bind(changed).bind(removed);
        }
        Ok(query)
    }
}

/// Tables of the engine's own, as errors name them.
pub(super) const ENTITIES: &str = "entities";
pub(super) const CHARACTERS: &str = "character_actions";
pub(super) const CHAT: &str = "chat";

/// A row that cannot be encoded.
struct Unfit {
    /// Whose row it is; none where it is all of them together.
    entity: Option<EntityId>,
    error: CellError,
}

impl From<CellError> for Unfit {
    fn from(error: CellError) -> Self {
        Self { entity: None, error }
    }
}

/// The batch can never be written: a row does not fit its own component's columns.
fn unfit(table: &str, unfit: &Unfit) -> StoreError {
    let message = format!("a row cannot be encoded: {}", unfit.error);
    StoreError {
        table: Some(table.to_owned()),
        entity: unfit.entity,
        ..StoreError::new(StoreErrorClass::Permanent, "", &message)
    }
}

/// Writes one row after the other, and says whose it is that cannot be written.
fn each<'r, T: 'r>(
    writer: &mut RowArrayWriter<'_>,
    rows: impl Iterator<Item = (EntityId, T)>,
    write: impl Fn(&mut RowArrayWriter<'_>, T) -> Result<(), CellError>,
) -> Result<(), Unfit> {
    for (id, row) in rows {
        writer.begin_row();
        let written = writer.bigint(id.0.cast_signed()).and_then(|()| write(writer, row));
        let ended = written.and_then(|()| writer.end_row());
        ended.map_err(|error| Unfit { entity: Some(id), error })?;
    }
    Ok(())
}

fn ids<'a>(ids: impl Iterator<Item = &'a EntityId>) -> Vec<i64> {
    ids.map(|id| id.0.cast_signed()).collect()
}

fn entities(types: &FlushTypes, rows: &TickRows) -> Result<RowArray, Unfit> {
    let mut writer = RowArrayWriter::new(&types.entities, rows.entities.len());
    let living = rows.entities.iter().filter_map(|(id, row)| Some((*id, row.as_ref()?)));
    each(&mut writer, living, |writer, row| {
        writer.bigint(row.tick.0.cast_signed())?;
        writer.int(i32::from(row.kind))?;
        match row.home {
            Some(home) => writer.bigint(home.0.cast_signed())?,
            None => writer.null()?,
        }
        writer.bigint(row.entered.0.cast_signed())
    })?;
    Ok(writer.finish()?)
}

fn characters(types: &FlushTypes, rows: &TickRows) -> Result<RowArray, Unfit> {
    let mut writer = RowArrayWriter::new(&types.characters, rows.characters.len());
    each(&mut writer, rows.characters.iter().map(|(id, row)| (*id, row)), |writer, row| {
        writer.bigint(row.tick.0.cast_signed())?;
        writer.bigint(row.last_seq.0.cast_signed())?;
        writer.bigint(row.session_epoch.0.cast_signed())?;
        writer.cell(&row.ring)
    })?;
    Ok(writer.finish()?)
}

fn chat(types: &FlushTypes, rows: &TickRows) -> Result<RowArray, CellError> {
    let mut writer = RowArrayWriter::new(&types.chat, rows.chat.len());
    for line in &rows.chat {
        writer.begin_row();
        writer.bigint(line.tick.0.cast_signed())?;
        writer.bigint(line.speaker.0.cast_signed())?;
        writer.cell(line.channel.as_bytes())?;
        writer.cell(line.text.as_bytes())?;
        writer.end_row()?;
    }
    writer.finish()
}

/// The changed rows of one component's table, and the entities that have lost the component.
fn component(
    types: &FlushTypes,
    rows: &TickRows,
    index: usize,
    table: &TableDefinition,
) -> Result<(RowArray, Vec<i64>), Unfit> {
    let changes = rows.components.get(index);
    let mut writer = RowArrayWriter::new(&types.components[index], changes.map_or(0, BTreeMap::len));
    let changed = changes.into_iter().flatten().filter_map(|(id, row)| Some((*id, row.as_ref()?)));
    each(&mut writer, changed, |writer, row| {
        writer.bigint(row.tick.0.cast_signed())?;
        writer.row(table.columns, &row.row)
    })?;
    let removed = changes.into_iter().flatten().filter(|(_, row)| row.is_none()).map(|(id, _)| id);
    Ok((writer.finish()?, ids(removed)))
}
