//! From the Tiled editor's files to a [`Terrain`].
//!
//! The tileset's tiles are of a type that names a [`GroundKind`], and have a property `walkable`; the tile layer `ground` is what one walks on; the objects are of type
//! `berry`, or `spawn` (exactly one).

use std::io::{Cursor, Error, ErrorKind};
use std::path::Path;

use tiled::{LayerType, Loader, Map, ObjectLayer, PropertyValue, TileLayer};

use super::Terrain;
use super::ground::{Ground, GroundKind};
use crate::tile::Tile;

/// Why files are no map.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// The files are not what the editor writes.
    #[error("read the map")]
    Format(#[from] tiled::Error),
    /// There is no tile layer `ground` of finite size, or it has holes.
    #[error("the layer `ground` is missing or has holes")]
    NoTiles,
    /// A tile of a type that means nothing here.
    #[error("tile {id} of the tileset is of type {found:?}, which is no kind of ground")]
    Ground {
        /// The tile's number in the tileset.
        id: u32,
        /// Its type.
        found: String,
    },
    /// More tiles than coordinates can name.
    #[error("the map is too large")]
    TooLarge,
    /// No object of type `spawn`, or several.
    #[error("{0} objects of type `spawn`, instead of one")]
    Spawn(usize),
    /// An object of a type that means nothing here.
    #[error("object {id} is of type {found:?}, which is neither `spawn` nor `berry`")]
    Object {
        /// The object's number in the editor.
        id: u32,
        /// Its type.
        found: String,
    },
    /// An object lies where nobody can go.
    #[error("what lies at ({x}, {y}) cannot be reached")]
    OutOfReach {
        /// The column.
        x: u16,
        /// The row.
        y: u16,
    },
}

/// Reads a map, and the one tileset that it refers to.
///
/// # Errors
/// Where they are not a map that one can play on.
pub fn load(map: &'static str, tileset: &'static str) -> Result<Terrain, MapError> {
    let reader = |path: &Path| match path.extension().and_then(|extension| extension.to_str()) {
        Some("tmx") => Ok(Cursor::new(map)),
        Some("tsx") => Ok(Cursor::new(tileset)),
        _ => Err(Error::from(ErrorKind::NotFound)),
    };
    let map = Loader::with_reader(reader).load_tmx_map("/village.tmx")?;
    let width = u16::try_from(map.width).map_err(|_| MapError::TooLarge)?;
    let mut ground = None;
    let mut things = Things::default();
    for layer in map.layers() {
        match layer.layer_type() {
            LayerType::Tiles(tiles) if layer.name == "ground" => ground = Some(read_ground(&map, &tiles)?),
            LayerType::Objects(objects) => things.read(&map, &objects)?,
            _ => {}
        }
    }
    let [spawn] = things.spawns[..] else { return Err(MapError::Spawn(things.spawns.len())) };
    Terrain::new(width, ground.ok_or(MapError::NoTiles)?, spawn, things.berries)
}

fn read_ground(map: &Map, layer: &TileLayer<'_>) -> Result<Vec<Ground>, MapError> {
    let coordinate = |number: u32| i32::try_from(number).map_err(|_| MapError::TooLarge);
    let (width, height) = (coordinate(map.width)?, coordinate(map.height)?);
    let mut ground = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let placed = layer.get_tile(x, y).ok_or(MapError::NoTiles)?;
            let tile = placed.get_tile().ok_or(MapError::NoTiles)?;
            let unknown = || MapError::Ground { id: placed.id(), found: tile.user_type.clone() };
            let kind = GroundKind::of_name(&tile.user_type).ok_or_else(unknown)?;
            let walkable = tile.properties.get("walkable");
            ground
                .push(Ground { kind, is_walkable: matches!(walkable, Some(PropertyValue::BoolValue(true))) });
        }
    }
    Ok(ground)
}

#[derive(Default)]
struct Things {
    spawns: Vec<Tile>,
    berries: Vec<Tile>,
}

impl Things {
    fn read(&mut self, map: &Map, layer: &ObjectLayer<'_>) -> Result<(), MapError> {
        for object in layer.objects() {
            let tile = Tile { x: column(object.x, map.tile_width)?, y: column(object.y, map.tile_height)? };
            match object.user_type.as_str() {
                "spawn" => self.spawns.push(tile),
                "berry" => self.berries.push(tile),
                other => return Err(MapError::Object { id: object.id(), found: other.to_owned() }),
            }
        }
        Ok(())
    }
}

/// The column (or row) that a distance in pixels falls into.
fn column(pixels: f32, tile_pixels: u32) -> Result<u16, MapError> {
    let tile_pixels = u16::try_from(tile_pixels).map_err(|_| MapError::TooLarge)?;
    let tiles = (pixels / f32::from(tile_pixels)).floor();
    if !(0.0..=f32::from(u16::MAX)).contains(&tiles) {
        return Err(MapError::TooLarge);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was checked to fit")]
    Ok(tiles as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_map_can_be_played_on() {
        let terrain = Terrain::built_in();
        assert_eq!((terrain.width(), terrain.height()), (64, 64));
        assert!(terrain.berries().len() > 100);
        assert!(terrain.is_walkable(terrain.spawn()));
        assert!(!terrain.is_walkable(Tile { x: 0, y: 0 }), "the rim is rock");
        assert!(!terrain.is_walkable(Tile { x: 64, y: 10 }), "there is nothing beyond it");
        assert!(!terrain.is_walkable(Tile { x: 10, y: 64 }));
    }

    #[test]
    fn a_map_that_nobody_can_arrive_on_is_refused() {
        let without_spawn = include_str!("../../content/village.tmx").replace("\"spawn\"", "\"berry\"");
        let tileset = include_str!("../../content/terrain.tsx");
        assert!(matches!(load(without_spawn.leak(), tileset), Err(MapError::Spawn(0))));
        let all_water = tileset.replace("value=\"true\"", "value=\"false\"");
        let map = include_str!("../../content/village.tmx");
        assert!(matches!(load(map, all_water.leak()), Err(MapError::OutOfReach { .. })));
        let lava = tileset.replace("\"water\"", "\"lava\"");
        let error = load(map, lava.leak()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "tile 2 of the tileset is of type \"lava\", which is no kind of ground"
        );
        assert!(matches!(load("<map", tileset), Err(MapError::Format(_))));
    }
}
