//! Where something is.

use bevy_ecs::component::Component;
use holdfast::persistence::cell_value::{CellValue, Cells, column};
use holdfast::persistence::durable::{Column, Durable, Row, RowError};
use holdfast::protocol::ChunkId;
use holdfast::{Audience, Located, Replicate};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::tile::{Facing, Tile};
use crate::tile_index;

/// Where something stands or lies. What is carried has none.
///
/// It cannot be changed in place: another one takes its place, and the tile index sees both.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[component(immutable, on_insert = tile_index::enter, on_discard = tile_index::leave)]
pub struct Position {
    /// The tile.
    pub tile: Tile,
    /// Which way it looks.
    pub facing: Facing,
}

/// A position on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct PositionWire {
    /// The tile.
    pub tile: Tile,
    /// Clockwise from north, 0 to 7.
    pub facing: u8,
}

impl Position {
    /// On this tile, looking south.
    #[must_use]
    pub fn on(tile: Tile) -> Self {
        Self { tile, facing: Facing::SOUTH }
    }
}

impl Durable for Position {
    const TABLE: &'static str = "positions";
    const COLUMNS: &'static [Column] = &[column::<u16>("x"), column::<u16>("y"), column::<u8>("facing")];

    fn to_row(&self) -> Row {
        Row(vec![self.tile.x.to_cell(), self.tile.y.to_cell(), self.facing.number().to_cell()])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        let mut cells = Cells::of(row);
        let tile = Tile { x: cells.next("x")?, y: cells.next("y")? };
        Ok(Self { tile, facing: cells.next_where("facing", Facing::of_number)? })
    }
}

impl Replicate for Position {
    const TAG: u16 = 1;
    const AUDIENCE: Audience = Audience::View;
    type Wire = PositionWire;

    fn wire(&self) -> PositionWire {
        PositionWire { tile: self.tile, facing: self.facing.number() }
    }
}

impl Located for Position {
    fn chunk(&self) -> Option<ChunkId> {
        Some(self.tile.chunk())
    }

    fn center(&self, current: Option<ChunkId>) -> ChunkId {
        self.tile.center(current)
    }
}
