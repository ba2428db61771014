//! In which place of a bag an item is.

use bevy_ecs::component::Component;
use holdfast::persistence::cell_value::{CellValue, Cells, column};
use holdfast::persistence::durable::{Column, Durable, Row, RowError};
use holdfast::{Audience, Replicate};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// How many places a bag has.
pub const BAG_SLOTS: u8 = 12;

/// The item is in somebody's bag.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The place, below [`BAG_SLOTS`].
    pub slot: u8,
}

/// A place in a bag on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct CarriedWire {
    /// The place, from 0 to 11.
    pub slot: u8,
}

impl Durable for Carried {
    const TABLE: &'static str = "carried";
    const COLUMNS: &'static [Column] = &[column::<u8>("slot")];

    fn to_row(&self) -> Row {
        Row(vec![self.slot.to_cell()])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        let slot = Cells::of(row).next_where("slot", |slot: u8| (slot < BAG_SLOTS).then_some(slot))?;
        Ok(Self { slot })
    }
}

impl Replicate for Carried {
    const TAG: u16 = 5;
    const AUDIENCE: Audience = Audience::Owner;
    type Wire = CarriedWire;

    fn wire(&self) -> CarriedWire {
        CarriedWire { slot: self.slot }
    }
}
