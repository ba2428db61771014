//! Who has an item.

use bevy_ecs::component::Component;
use holdfast::persistence::cell_value::{CellValue, Cells, column};
use holdfast::persistence::durable::{Column, Durable, Row, RowError};
use holdfast::protocol::EntityId;
use holdfast::{Audience, Replicate};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// An item. It belongs to the world and lies in its owner's group, so that it is there also while its owner is away.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The account that has it.
    pub owner: EntityId,
}

/// An item on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct ItemWire {
    /// The account that has it.
    pub owner: EntityId,
}

impl Durable for Item {
    const TABLE: &'static str = "items";
    const COLUMNS: &'static [Column] = &[column::<EntityId>("owner")];

    fn to_row(&self) -> Row {
        Row(vec![self.owner.to_cell()])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        Ok(Self { owner: Cells::of(row).next("owner")? })
    }
}

impl Replicate for Item {
    const TAG: u16 = 3;
    const AUDIENCE: Audience = Audience::View;
    type Wire = ItemWire;

    fn wire(&self) -> ItemWire {
        ItemWire { owner: self.owner }
    }
}
