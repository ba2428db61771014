//! The map as the page loads it: the file `terrain`.
//!
//! Its width and its height, 16 bits each with the lower byte first, then a byte a tile, row by row from the
//! north-western corner: the number of the ground's kind, and [`WALKABLE`] where one can stand.

use holdfast::ContentFile;

use super::Terrain;

/// The bit that says that one can stand on a tile.
pub const WALKABLE: u8 = 0x80;

/// The file.
#[must_use]
pub fn terrain(terrain: &Terrain) -> ContentFile {
    let mut bytes = Vec::with_capacity(4 + terrain.ground().len());
    bytes.extend(terrain.width().to_le_bytes());
    bytes.extend(terrain.height().to_le_bytes());
    bytes.extend(terrain.ground().iter().map(|ground| {
        let walkable = if ground.is_walkable { WALKABLE } else { 0 };
        ground.kind.number() | walkable
    }));
    ContentFile::new("terrain", bytes)
}

#[cfg(test)]
mod tests {
    use holdfast::Game as _;

    use super::*;
    use crate::Village;
    use crate::tile::Tile;

    #[test]
    fn the_page_reads_the_same_map_back() {
        let map = Terrain::built_in();
        let [file] = &Village::content()[..] else { panic!("one file") };
        assert_eq!(file.name(), "terrain");
        let (head, tiles) = file.bytes().split_at(4);
        assert_eq!(head, [64, 0, 64, 0]);
        assert_eq!(tiles.len(), 64 * 64);
        for (index, byte) in tiles.iter().enumerate() {
            let index = u16::try_from(index).unwrap();
            let tile = Tile { x: index % 64, y: index / 64 };
            assert_eq!(byte & WALKABLE != 0, map.is_walkable(tile), "{tile:?}");
            let kind = byte & !WALKABLE;
            assert!((1..=6).contains(&kind), "{tile:?}: {kind}");
            // In the built-in tileset water, rock and walls are what one cannot stand on.
            assert_eq!(byte & WALKABLE != 0, [1, 2, 4].contains(&kind), "{tile:?}: {kind}");
        }
        assert_eq!(tiles[0], 5, "the rim is rock");
    }
}
