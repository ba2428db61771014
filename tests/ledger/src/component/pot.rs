//! Money that is nobody's.

use bevy_ecs::component::Component;
use holdfast::persistence::cell_value::{CellValue, Cells, column};
use holdfast::persistence::durable::{Column, Durable, Row, RowError};

/// A balance that belongs to the world and is in no group: it is kept, and shown to nobody. The sum of all is what they
/// were opened with. An account's own money is a [`Purse`](super::Purse), so that no pot is ever among those that the
/// checker adds up.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pot {
    /// What is in it.
    pub balance: u32,
}

impl Durable for Pot {
    const TABLE: &'static str = "pots";
    const COLUMNS: &'static [Column] = &[column::<u32>("balance")];

    fn to_row(&self) -> Row {
        Row(vec![self.balance.to_cell()])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        Ok(Self { balance: Cells::of(row).next("balance")? })
    }
}
