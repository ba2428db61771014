//! What somebody sees: the chunk in the middle of the view, and two more each way.

use holdfast::Interest;
use holdfast::protocol::ChunkId;

use crate::map::Terrain;
use crate::tile::{CHUNK_TILES, chunk_at, chunk_place};

/// Five by five chunks, as far as there is a map.
#[derive(Clone, Copy, Debug)]
pub struct FiveByFive {
    columns: u16,
    rows: u16,
}

impl FiveByFive {
    /// The views of this map.
    #[must_use]
    pub fn over(terrain: &Terrain) -> Self {
        Self { columns: terrain.width().div_ceil(CHUNK_TILES), rows: terrain.height().div_ceil(CHUNK_TILES) }
    }
}

impl Interest for FiveByFive {
    fn view(&self, center: ChunkId) -> Vec<ChunkId> {
        let Some((column, row)) = chunk_place(center) else { return Vec::new() };
        let mut seen = Vec::with_capacity(25);
        for dy in -2..=2_i16 {
            for dx in -2..=2_i16 {
                let place = (column.checked_add_signed(dx), row.checked_add_signed(dy));
                if let (Some(x), Some(y)) = place
                    && x < self.columns
                    && y < self.rows
                {
                    seen.push((dx.abs().max(dy.abs()), chunk_at(x, y)));
                }
            }
        }
        seen.sort_unstable();
        seen.into_iter().map(|(_, chunk)| chunk).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_nearest_first_and_ends_where_the_map_does() {
        let interest = FiveByFive { columns: 4, rows: 4 };
        let view = interest.view(chunk_at(0, 3));
        assert_eq!(view[0], chunk_at(0, 3));
        assert_eq!(view[1..4], [chunk_at(0, 2), chunk_at(1, 2), chunk_at(1, 3)]);
        assert_eq!(view.len(), 9);
        assert!(interest.view(chunk_at(9, 9)).is_empty());
        assert!(interest.view(ChunkId(u64::MAX)).is_empty());
    }
}
