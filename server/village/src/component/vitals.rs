//! How a character is.

use bevy_ecs::component::Component;
use holdfast::persistence::cell_value::{CellValue, Cells, column};
use holdfast::persistence::durable::{Column, Durable, Row, RowError};
use holdfast::{Audience, Replicate};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// The most of either.
pub const VITALS_MAX: u8 = 100;

/// How a character is: its own business.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vitals {
    /// From 0 to [`VITALS_MAX`].
    pub health: u8,
    /// From 0 to [`VITALS_MAX`].
    pub energy: u8,
}

/// Vitals on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct VitalsWire {
    /// From 0 to 100.
    pub health: u8,
    /// From 0 to 100.
    pub energy: u8,
}

impl Vitals {
    /// In the best of health.
    pub const FULL: Self = Self { health: VITALS_MAX, energy: VITALS_MAX };
}

impl Durable for Vitals {
    const TABLE: &'static str = "vitals";
    const COLUMNS: &'static [Column] = &[column::<u8>("health"), column::<u8>("energy")];

    fn to_row(&self) -> Row {
        Row(vec![self.health.to_cell(), self.energy.to_cell()])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        let in_bounds = |number: u8| (number <= VITALS_MAX).then_some(number);
        let mut cells = Cells::of(row);
        Ok(Self {
            health: cells.next_where("health", in_bounds)?,
            energy: cells.next_where("energy", in_bounds)?,
        })
    }
}

impl Replicate for Vitals {
    const TAG: u16 = 3;
    const AUDIENCE: Audience = Audience::Owner;
    type Wire = VitalsWire;

    fn wire(&self) -> VitalsWire {
        VitalsWire { health: self.health, energy: self.energy }
    }
}
