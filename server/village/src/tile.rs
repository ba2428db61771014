//! Tiles, the directions between them, and the chunks that they make up.

use holdfast::protocol::ChunkId;
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// How many tiles a chunk measures each way.
pub const CHUNK_TILES: u16 = 16;

/// How many tiles past the border of its chunk a character must be for its view to move on.
const VIEW_LAG_TILES: u16 = 4;

/// One tile of the map. (0, 0) is the north-western corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Schema)]
pub struct Tile {
    /// Eastwards.
    pub x: u16,
    /// Southwards.
    pub y: u16,
}

impl Tile {
    /// How many steps lie between two tiles; a diagonal one counts as one.
    #[must_use]
    pub fn steps_to(self, other: Self) -> u16 {
        self.x.abs_diff(other.x).max(self.y.abs_diff(other.y))
    }

    /// The tile this many steps away; none where the coordinates end.
    #[must_use]
    pub fn offset(self, dx: i16, dy: i16) -> Option<Self> {
        Some(Self { x: self.x.checked_add_signed(dx)?, y: self.y.checked_add_signed(dy)? })
    }

    /// The tiles at exactly this many steps, row by row. Some may lie outside of the map.
    pub fn ring(self, steps: i16) -> impl Iterator<Item = Self> {
        let rows = -steps..=steps;
        rows.flat_map(move |dy| {
            let is_edge = dy.abs() == steps;
            (-steps..=steps).filter(move |dx| is_edge || dx.abs() == steps).map(move |dx| (dx, dy))
        })
        .filter_map(move |(dx, dy)| self.offset(dx, dy))
    }

    /// The chunk that the tile is in.
    #[must_use]
    pub fn chunk(self) -> ChunkId {
        chunk_at(self.x / CHUNK_TILES, self.y / CHUNK_TILES)
    }

    /// Where the view of somebody on this tile is centred, having been centred on `current`.
    #[must_use]
    pub fn center(self, current: Option<ChunkId>) -> ChunkId {
        let is_near = |current: ChunkId| {
            let Some((column, row)) = chunk_place(current) else { return false };
            past(self.x, column).max(past(self.y, row)) < VIEW_LAG_TILES
        };
        current.filter(|current| is_near(*current)).unwrap_or(self.chunk())
    }
}

/// The chunk in this column and row of chunks.
#[must_use]
pub fn chunk_at(column: u16, row: u16) -> ChunkId {
    ChunkId(u64::from(row) << 16 | u64::from(column))
}

/// The column and row of a chunk; none for a number that no chunk has.
#[must_use]
pub fn chunk_place(chunk: ChunkId) -> Option<(u16, u16)> {
    let column = u16::try_from(chunk.0 & 0xffff).ok()?;
    let row = u16::try_from(chunk.0 >> 16).ok()?;
    Some((column, row))
}

/// How many tiles a coordinate lies outside of a column or row of chunks.
fn past(coordinate: u16, chunk: u16) -> u16 {
    let first = chunk.saturating_mul(CHUNK_TILES);
    let last = first.saturating_add(CHUNK_TILES - 1);
    first.saturating_sub(coordinate).max(coordinate.saturating_sub(last))
}

/// One of the eight ways to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Facing(u8);

impl Facing {
    /// Where newcomers look.
    pub const SOUTH: Self = Self(4);

    /// The way from one tile to another; none between a tile and itself.
    #[must_use]
    pub fn towards(from: Tile, to: Tile) -> Option<Self> {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let number = match (to.x.cmp(&from.x), to.y.cmp(&from.y)) {
            (Equal, Less) => 0,
            (Greater, Less) => 1,
            (Greater, Equal) => 2,
            (Greater, Greater) => 3,
            (Equal, Greater) => 4,
            (Less, Greater) => 5,
            (Less, Equal) => 6,
            (Less, Less) => 7,
            (Equal, Equal) => return None,
        };
        Some(Self(number))
    }

    /// Clockwise from north: 0 to 7.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// The way with this number.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        (number < 8).then_some(Self(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_moves_on_four_tiles_past_the_border() {
        let home = chunk_at(1, 1);
        let center = |x, y| Tile { x, y }.center(Some(home));
        assert_eq!(center(16, 16), home);
        assert_eq!(center(13, 34), home);
        assert_eq!(center(12, 20), chunk_at(0, 1));
        assert_eq!(center(34, 20), home);
        assert_eq!(center(35, 20), chunk_at(2, 1));
        assert_eq!(Tile { x: 31, y: 32 }.center(None), chunk_at(1, 2));
        assert_eq!(Tile { x: 0, y: 0 }.center(Some(ChunkId(u64::MAX))), chunk_at(0, 0));
    }

    #[test]
    fn a_ring_has_every_tile_at_its_distance_once() {
        let center = Tile { x: 5, y: 5 };
        assert_eq!(center.ring(0).collect::<Vec<_>>(), [center]);
        let ring: std::collections::BTreeSet<_> = center.ring(2).collect();
        assert_eq!(ring.len(), 16);
        assert!(ring.iter().all(|tile| tile.steps_to(center) == 2));
        assert_eq!(Tile { x: 0, y: 0 }.ring(1).count(), 3);
    }
}
