//! Who has an item.

use bevy_ecs::component::Component;
use holdfast::persistence::cell_value::{CellValue, Cells, column};
use holdfast::persistence::durable::{Column, Durable, Row, RowError};
use holdfast::protocol::EntityId;
use holdfast::{Audience, Replicate};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// An item. It belongs to the world and lies in its holder's group, so that it is there also while its holder is away.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The account that has it.
    pub holder: EntityId,
}

/// An item on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct ItemWire {
    /// The account that has it.
    pub holder: EntityId,
}

impl Durable for Item {
    const TABLE: &'static str = "items";
    const COLUMNS: &'static [Column] = &[column::<EntityId>("holder")];

    fn to_row(&self) -> Row {
        Row(vec![self.holder.to_cell()])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        Ok(Self { holder: Cells::of(row).next("holder")? })
    }
}

impl Replicate for Item {
    const TAG: u16 = 3;
    const AUDIENCE: Audience = Audience::View;
    type Wire = ItemWire;

    fn wire(&self) -> ItemWire {
        ItemWire { holder: self.holder }
    }
}
