//! Everything that PostgreSQL has of a world, read without the engine's own loader.

use std::collections::BTreeMap;

use holdfast::persistence::durable::{Cell, ColumnType, Row};
use holdfast::persistence::rows::{CharacterRow, ComponentRow, EntityRow};
use holdfast::persistence::store::WorldMark;
use holdfast_front::EpochEnd;
use holdfast_protocol::{EntityId, Epoch, EpochTag, Seq, SessionEpoch, Tick, WorldId};
use holdfast_simulator::model_store::tables::Tables;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::tables::TABLES;

async fn all(connection: &mut PgConnection, what: &str, world: WorldId) -> Vec<PgRow> {
    sqlx::query(AssertSqlSafe(what.to_owned()))
        .bind(world.0.cast_signed())
        .fetch_all(connection)
        .await
        .unwrap()
}

fn number(row: &PgRow, column: &str) -> u64 {
    row.get::<i64, _>(column).cast_unsigned()
}

fn cell(row: &PgRow, column: &str, ty: ColumnType) -> Cell {
    let found = match ty {
        ColumnType::Bool => row.get::<Option<bool>, _>(column).map(Cell::Bool),
        ColumnType::SmallInt => row.get::<Option<i16>, _>(column).map(Cell::SmallInt),
        ColumnType::Int => row.get::<Option<i32>, _>(column).map(Cell::Int),
        ColumnType::BigInt => row.get::<Option<i64>, _>(column).map(Cell::BigInt),
        ColumnType::Text => row.get::<Option<String>, _>(column).map(Cell::Text),
        ColumnType::Bytes => row.get::<Option<Vec<u8>>, _>(column).map(Cell::Bytes),
        ColumnType::BigInts => row.get::<Option<Vec<i64>>, _>(column).map(Cell::BigInts),
    };
    found.unwrap_or(Cell::Null)
}

/// Reads all of it.
pub(crate) async fn dump(connection: &mut PgConnection, world: WorldId) -> Tables {
    let worlds = all(connection, "SELECT * FROM holdfast.worlds WHERE id = $1", world).await;
    let row = &worlds[0];
    let mark = WorldMark {
        epoch: Epoch(number(row, "epoch")),
        tag: EpochTag(number(row, "epoch_tag")),
        tick: Tick(number(row, "tick")),
    };
    let next_id = number(row, "next_id");
    let history = all(connection, "SELECT * FROM holdfast.epoch_ends WHERE world = $1 ORDER BY epoch", world)
        .await
        .iter()
        .map(|row| EpochEnd {
            epoch: Epoch(number(row, "epoch")),
            tag: EpochTag(number(row, "tag")),
            end: Tick(number(row, "end_tick")),
        })
        .collect();
    let entities = all(connection, "SELECT * FROM holdfast.entities WHERE world = $1", world)
        .await
        .iter()
        .map(|row| {
            let home: Option<i64> = row.get("home");
            let entity = EntityRow {
                tick: Tick(number(row, "tick")),
                kind: u16::try_from(row.get::<i32, _>("kind")).unwrap(),
                home: home.map(|home| EntityId(home.cast_unsigned())),
                entered: Tick(number(row, "entered")),
            };
            (EntityId(number(row, "entity")), entity)
        })
        .collect();
    let mut components = Vec::new();
    for table in TABLES {
        let what = format!("SELECT * FROM holdfast.\"{}\" WHERE world = $1", table.table);
        let rows: BTreeMap<_, _> = all(connection, &what, world)
            .await
            .iter()
            .map(|row| {
                let cells = table.columns.iter().map(|column| cell(row, column.name, column.ty));
                let component = ComponentRow { tick: Tick(number(row, "tick")), row: Row(cells.collect()) };
                (EntityId(number(row, "entity")), component)
            })
            .collect();
        components.push(rows);
    }
    let characters = all(connection, "SELECT * FROM holdfast.character_actions WHERE world = $1", world)
        .await
        .iter()
        .map(|row| {
            let actions = CharacterRow {
                tick: Tick(number(row, "tick")),
                last_seq: Seq(number(row, "last_seq")),
                session_epoch: SessionEpoch(number(row, "session_epoch")),
                ring: row.get("ring"),
            };
            (EntityId(number(row, "entity")), actions)
        })
        .collect();
    Tables { mark, next_id, history, entities, components, characters }
}
