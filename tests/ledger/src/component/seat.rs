//! In which group something has its seat.

use bevy_ecs::component::Component;
use holdfast::Located;
use holdfast::persistence::cell_value::{CellValue, Cells, column};
use holdfast::persistence::durable::{Column, Durable, Row, RowError};
use holdfast::protocol::ChunkId;

use crate::group::GROUP_COUNT;

/// The group of an account, a tape or an item.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Below [`GROUP_COUNT`].
    pub group: u16,
}

impl Durable for Seat {
    const TABLE: &'static str = "seats";
    const COLUMNS: &'static [Column] = &[column::<u16>("group_number")];

    fn to_row(&self) -> Row {
        Row(vec![self.group.to_cell()])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        let is_group = |group: u16| (group < GROUP_COUNT).then_some(group);
        Ok(Self { group: Cells::of(row).next_where("group_number", is_group)? })
    }
}

impl Located for Seat {
    fn chunk(&self) -> Option<ChunkId> {
        Some(ChunkId(u64::from(self.group)))
    }

    fn center(&self, _current: Option<ChunkId>) -> ChunkId {
        ChunkId(u64::from(self.group))
    }
}
