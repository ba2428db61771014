//! What can be carried.

use bevy_ecs::component::Component;
use holdfast::persistence::cell_value::{CellValue, Cells, column};
use holdfast::persistence::durable::{Column, Durable, Row, RowError};
use holdfast::{Audience, Replicate};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// Some pieces of a kind. On the ground everybody around sees them, in a bag only who carries it.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Of what.
    pub kind: ItemKind,
    /// How many; never zero.
    pub count: u16,
}

/// The kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// A berry.
    Berry,
}

/// An item on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct ItemWire {
    /// The kind's number: 1 is a berry.
    pub kind: u16,
    /// How many.
    pub count: u16,
}

impl ItemKind {
    /// The kind's stable number, on the wire and in the store.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::Berry => 1,
        }
    }

    /// The kind with this number.
    #[must_use]
    pub fn of_number(number: u16) -> Option<Self> {
        match number {
            1 => Some(Self::Berry),
            _ => None,
        }
    }
}

impl Durable for Item {
    const TABLE: &'static str = "items";
    const COLUMNS: &'static [Column] = &[column::<u16>("kind"), column::<u16>("count")];

    fn to_row(&self) -> Row {
        Row(vec![self.kind.number().to_cell(), self.count.to_cell()])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        let mut cells = Cells::of(row);
        let kind = cells.next_where("kind", ItemKind::of_number)?;
        Ok(Self { kind, count: cells.next_where("count", |count: u16| (count > 0).then_some(count))? })
    }
}

impl Replicate for Item {
    const TAG: u16 = 4;
    const AUDIENCE: Audience = Audience::View;
    type Wire = ItemWire;

    fn wire(&self) -> ItemWire {
        ItemWire { kind: self.kind.number(), count: self.count }
    }
}
