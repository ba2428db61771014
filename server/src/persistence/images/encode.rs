//! From a batch's rows, and what they were before, to one value.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use holdfast_protocol::{EntityId, encode};

use super::{EntityBefore, ImageCell, RowImage, TableImages, VERSION};
use crate::persistence::durable::{Cell, Column, ColumnType, Row, TableDefinition};
use crate::persistence::rows::{EntityRow, TickRows};

/// The images of everything that `rows` changes, as they are kept; none where that is nothing.
pub(crate) fn images_of(rows: &TickRows, tables: &[TableDefinition]) -> Option<Vec<u8>> {
    let mut images = Vec::new();
    push(&mut images, "entities", ENTITY_COLUMNS.iter().copied(), entity_images(rows));
    for (index, table) in tables.iter().enumerate() {
        let columns = table.columns.iter().map(|column| column.name);
        push(&mut images, table.table, columns, component_images(rows, index, table.columns));
    }
    if images.is_empty() {
        return None;
    }
    let mut bytes = vec![VERSION];
    bytes.extend(encode(&images));
    Some(bytes)
}

fn push<'a>(
    images: &mut Vec<TableImages<'a>>,
    table: &'static str,
    columns: impl Iterator<Item = &'static str>,
    rows: Vec<RowImage<'a>>,
) {
    if !rows.is_empty() {
        images.push(TableImages { table: table.into(), columns: columns.map(Cow::from).collect(), rows });
    }
}

/// What an image of an entity's own row says.
const ENTITY_COLUMNS: [&str; 3] = ["kind", "home", "entered"];

fn entity_cells(row: EntityBefore) -> Vec<ImageCell<'static>> {
    vec![
        ImageCell::Int(row.kind.into()),
        row.home.map_or(ImageCell::Null, |home| ImageCell::BigInt(home.0.cast_signed())),
        ImageCell::BigInt(row.entered.0.cast_signed()),
    ]
}

fn entity_images(rows: &TickRows) -> Vec<RowImage<'static>> {
    let image = |(id, row): (&EntityId, &Option<EntityRow>)| {
        let before = rows.befores.entities.get(id).copied().flatten().map(entity_cells);
        let after = row
            .as_ref()
            .map(|row| entity_cells(EntityBefore { kind: row.kind, home: row.home, entered: row.entered }));
        (before.is_some() || after.is_some()).then_some(RowImage { entity: *id, before, after })
    };
    rows.entities.iter().filter_map(image).collect()
}

fn component_images<'r>(rows: &'r TickRows, index: usize, columns: &[Column]) -> Vec<RowImage<'r>> {
    let changed = rows.components.get(index);
    let befores = rows.befores.components.get(index);
    // What died is not among the changed rows any more, but was there before.
    let ids: BTreeSet<EntityId> = changed
        .into_iter()
        .flat_map(BTreeMap::keys)
        .chain(befores.into_iter().flat_map(BTreeMap::keys))
        .copied()
        .collect();
    let image = |entity: EntityId| {
        let before = befores.and_then(|befores| befores.get(&entity)).and_then(Option::as_ref);
        let after = changed.and_then(|changed| changed.get(&entity)).and_then(Option::as_ref);
        let before = before.map(|row| cells(row, columns));
        let after = after.map(|row| cells(&row.row, columns));
        (before.is_some() || after.is_some()).then_some(RowImage { entity, before, after })
    };
    ids.into_iter().filter_map(image).collect()
}

fn cells<'r>(row: &'r Row, columns: &[Column]) -> Vec<ImageCell<'r>> {
    row.0.iter().zip(columns).map(|(cell, column)| image_cell(cell, column.ty)).collect()
}

fn image_cell(cell: &Cell, ty: ColumnType) -> ImageCell<'_> {
    if ty == ColumnType::FreeText {
        return ImageCell::LeftOut;
    }
    match cell {
        Cell::Null => ImageCell::Null,
        Cell::Bool(value) => ImageCell::Bool(*value),
        Cell::SmallInt(value) => ImageCell::SmallInt(*value),
        Cell::Int(value) => ImageCell::Int(*value),
        Cell::BigInt(value) => ImageCell::BigInt(*value),
        Cell::Text(value) => ImageCell::Text(value.as_str().into()),
        Cell::Bytes(value) => ImageCell::Bytes(value.as_slice().into()),
        Cell::BigInts(values) => ImageCell::BigInts(values.as_slice().into()),
    }
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::Tick;

    use super::*;
    use crate::persistence::images::images_from_bytes;
    use crate::persistence::rows::ComponentRow;

    const SIGNS: TableDefinition = TableDefinition {
        table: "signs",
        columns: &[Column::new("size", ColumnType::Int), Column::new("text", ColumnType::FreeText)],
    };

    fn sign(size: i32) -> Row {
        Row(vec![Cell::Int(size), Cell::Text("Beware".to_owned())])
    }

    /// One sign grows, one is new, one goes with its entity.
    fn rows() -> TickRows {
        let mut rows = TickRows::new(1);
        let written = |size| Some(ComponentRow { tick: Tick(7), row: sign(size) });
        rows.components[0] = BTreeMap::from([(EntityId(2), written(2)), (EntityId(4), written(3))]);
        rows.befores.components[0] = BTreeMap::from([
            (EntityId(2), Some(sign(1))),
            (EntityId(4), None),
            (EntityId(6), Some(sign(-1))),
            (EntityId(8), None),
        ]);
        rows.entities.insert(EntityId(6), None);
        let before = EntityBefore { kind: 3, home: None, entered: Tick(5) };
        rows.befores.entities.insert(EntityId(6), Some(before));
        rows
    }

    /// These bytes stand in databases: a change of them needs a new version.
    #[test]
    fn the_bytes_at_rest_are_these() {
        let golden: &[&[u8]] = &[
            &[1, 2], // version, tables
            b"\x08entities\x03\x04kind\x04home\x07entered",
            &[1, 6, 1, 3, 3, 6, 0, 4, 10, 0], // one row: kind 3, no home, entered at 5; gone
            b"\x05signs\x02\x04size\x04text",
            &[3],                               // rows
            &[2, 1, 2, 3, 2, 8, 1, 2, 3, 4, 8], // 1 → 2
            &[4, 0, 1, 2, 3, 6, 8],             // new: 3
            &[6, 1, 2, 3, 1, 8, 0],             // -1, gone
        ];
        let bytes = images_of(&rows(), &[SIGNS]).unwrap();
        assert_eq!(bytes, golden.concat());
        assert_eq!(images_from_bytes(&bytes).unwrap().len(), 2);
        assert!(images_from_bytes(&bytes[1..]).is_err());
    }

    #[test]
    fn free_text_stands_in_no_image() {
        let bytes = images_of(&rows(), &[SIGNS]).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"Beware"));
        assert_eq!(
            images_from_bytes(&bytes).unwrap()[1].rows[0].after.as_ref().unwrap()[1],
            ImageCell::LeftOut
        );
    }

    #[test]
    fn where_no_row_changed_there_is_no_image() {
        assert_eq!(images_of(&TickRows::new(1), &[SIGNS]), None);
    }
}
