//! Everything that PostgreSQL has of a world, read without the engine's own loader.

use std::collections::BTreeMap;

use holdfast::persistence::chat::ChatLine;
use holdfast::persistence::durable::{Cell, ColumnType, Row};
use holdfast::persistence::rows::{CharacterRow, ComponentRow, EntityRow};
use holdfast::persistence::store::WorldMark;
use holdfast_front::EpochEnd;
use holdfast_protocol::{EntityId, Epoch, EpochTag, Seq, SessionEpoch, Tick, WorldId};
use holdfast_simulator::model_store::tables::{Kept, Tables};
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
        ColumnType::Text | ColumnType::FreeText => row.get::<Option<String>, _>(column).map(Cell::Text),
        ColumnType::Bytes => row.get::<Option<Vec<u8>>, _>(column).map(Cell::Bytes),
        ColumnType::BigInts => row.get::<Option<Vec<i64>>, _>(column).map(Cell::BigInts),
    };
    found.unwrap_or(Cell::Null)
}

/// What the flushes wrote down in a table of theirs, in their order.
async fn kept(connection: &mut PgConnection, table: &str, bytes: &str, world: WorldId) -> Vec<Kept> {
    let what = format!("SELECT * FROM holdfast.{table} WHERE world = $1 ORDER BY at");
    let rows = all(connection, &what, world).await;
    let kept = rows.iter().map(|row| Kept {
        epoch: Epoch(number(row, "epoch")),
        from: Tick(number(row, "from_tick")),
        to: Tick(number(row, "to_tick")),
        bytes: row.get(bytes),
    });
    kept.collect()
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
    let journal = kept(connection, "journal", "inputs", world).await;
    let row_images = kept(connection, "row_images", "images", world).await;
    let journal_entities = all(connection, "SELECT * FROM holdfast.journal_entities WHERE world = $1", world)
        .await
        .iter()
        .map(|row| (EntityId(number(row, "entity")), Tick(number(row, "to_tick"))))
        .collect();
    let chat = all(connection, "SELECT * FROM holdfast.chat WHERE world = $1 ORDER BY at, line", world)
        .await
        .iter()
        .map(|row| ChatLine {
            tick: Tick(number(row, "tick")),
            speaker: EntityId(number(row, "speaker")),
            channel: row.get("channel"),
            text: row.get("text"),
        })
        .collect();
    Tables {
        mark,
        next_id,
        history,
        entities,
        components,
        characters,
        journal,
        journal_entities,
        row_images,
        chat,
    }
}
