//! One row of the database as the value that it is.

use holdfast_protocol::{EntityId, Tick};
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::{LoadError, reading};
use crate::persistence::durable::{Cell, Column, ColumnType, Row};
use crate::persistence::loaded::LoadedEntity;
use crate::persistence::rows::ComponentRow;

/// A number that the database keeps as the signed type of the same size, bit for bit.
pub(super) fn number(row: &PgRow, place: usize) -> Result<u64, sqlx::Error> {
    row.try_get::<i64, _>(place).map(i64::cast_unsigned)
}

/// An entity's own row: entity, kind, home, entered.
pub(super) fn entity(row: &PgRow) -> Result<LoadedEntity, LoadError> {
    let id = EntityId(number(row, 0).map_err(reading("entities"))?);
    let kind: i32 = row.try_get(1).map_err(reading("entities"))?;
    let home: Option<i64> = row.try_get(2).map_err(reading("entities"))?;
    Ok(LoadedEntity {
        id,
        kind: u16::try_from(kind).map_err(|_| LoadError::Kind { entity: id, kind })?,
        home: home.map(|home| EntityId(home.cast_unsigned())),
        entered: Tick(number(row, 3).map_err(reading("entities"))?),
        components: Vec::new(),
    })
}

/// A component's row: entity, tick, and its columns.
pub(super) fn component_row(
    row: &PgRow,
    columns: &[Column],
) -> Result<(EntityId, ComponentRow), sqlx::Error> {
    let cells = columns.iter().enumerate().map(|(place, column)| cell(row, place + 2, column.ty));
    let component = ComponentRow { tick: Tick(number(row, 1)?), row: Row(cells.collect::<Result<_, _>>()?) };
    Ok((EntityId(number(row, 0)?), component))
}

fn cell(row: &PgRow, place: usize, ty: ColumnType) -> Result<Cell, sqlx::Error> {
    let cell = match ty {
        ColumnType::Bool => row.try_get::<Option<bool>, _>(place)?.map(Cell::Bool),
        ColumnType::SmallInt => row.try_get::<Option<i16>, _>(place)?.map(Cell::SmallInt),
        ColumnType::Int => row.try_get::<Option<i32>, _>(place)?.map(Cell::Int),
        ColumnType::BigInt => row.try_get::<Option<i64>, _>(place)?.map(Cell::BigInt),
        ColumnType::Text | ColumnType::FreeText => row.try_get::<Option<String>, _>(place)?.map(Cell::Text),
        ColumnType::Bytes => row.try_get::<Option<Vec<u8>>, _>(place)?.map(Cell::Bytes),
        ColumnType::BigInts => row.try_get::<Option<Vec<i64>>, _>(place)?.map(Cell::BigInts),
    };
    Ok(cell.unwrap_or(Cell::Null))
}
