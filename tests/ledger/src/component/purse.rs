//! What an account has.

use bevy_ecs::component::Component;
use holdfast::persistence::cell_value::{CellValue, Cells, column};
use holdfast::persistence::durable::{Column, Durable, Row, RowError};

/// An account's balance. The sum of all is constant but for new accounts.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purse {
    /// What is in it.
    pub balance: u32,
}

impl Durable for Purse {
    const TABLE: &'static str = "purses";
    const COLUMNS: &'static [Column] = &[column::<u32>("balance")];

    fn to_row(&self) -> Row {
        Row(vec![self.balance.to_cell()])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        Ok(Self { balance: Cells::of(row).next("balance")? })
    }
}
