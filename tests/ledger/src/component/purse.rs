//! What an account has.

use bevy_ecs::component::Component;
use holdfast::persistence::cell_value::{CellValue, Cells, column};
use holdfast::persistence::durable::{Column, Durable, Row, RowError};
use holdfast::{Audience, Replicate};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

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

/// A balance on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct PurseWire {
    /// What is in it.
    pub balance: u32,
}

impl Replicate for Purse {
    const TAG: u16 = 4;
    const AUDIENCE: Audience = Audience::View;
    type Wire = PurseWire;

    fn wire(&self) -> PurseWire {
        PurseWire { balance: self.balance }
    }
}
