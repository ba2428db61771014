//! The map: what the ground is, where one can walk, where newcomers arrive, and where a new world's berries lie.
//!
//! It is made in the Tiled editor ([`load`]), and never changes while a world runs. The page gets it as a file
//! ([`content`]).

pub mod content;
pub mod ground;
pub mod load;

use bevy_ecs::resource::Resource;

use self::ground::Ground;
use self::load::MapError;
use crate::tile::Tile;

/// What the map says.
#[derive(Resource, Clone, Debug, PartialEq, Eq)]
pub struct Terrain {
    width: u16,
    height: u16,
    /// Row by row.
    ground: Vec<Ground>,
    spawn: Tile,
    berries: Vec<Tile>,
}

impl Terrain {
    /// The map that is built in.
    ///
    /// # Panics
    /// Where it cannot be read, which a test would have found.
    #[must_use]
    pub fn built_in() -> Self {
        let map = include_str!("../content/village.tmx");
        let tileset = include_str!("../content/terrain.tsx");
        load::load(map, tileset).expect("the built-in map is read by a test")
    }

    /// A map of `width` columns, from its tiles row by row.
    ///
    /// # Errors
    /// Where nobody could arrive on it, or it is not a rectangle.
    pub fn new(width: u16, ground: Vec<Ground>, spawn: Tile, berries: Vec<Tile>) -> Result<Self, MapError> {
        let rows = ground.len().checked_div(usize::from(width)).ok_or(MapError::NoTiles)?;
        let height = u16::try_from(rows).map_err(|_| MapError::TooLarge)?;
        let terrain = Self { width, height, ground, spawn, berries };
        if terrain.ground.len() != usize::from(width) * usize::from(height) {
            return Err(MapError::NoTiles);
        }
        let is_lost = |tile: &Tile| !terrain.is_walkable(*tile);
        let lost = terrain.berries.iter().copied().chain([spawn]).find(is_lost);
        match lost {
            Some(Tile { x, y }) => Err(MapError::OutOfReach { x, y }),
            None => Ok(terrain),
        }
    }

    /// How many tiles it measures from west to east.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// How many tiles it measures from north to south.
    #[must_use]
    pub fn height(&self) -> u16 {
        self.height
    }

    /// Whether one can stand on a tile; never outside of the map.
    #[must_use]
    pub fn is_walkable(&self, tile: Tile) -> bool {
        let index = usize::from(tile.y) * usize::from(self.width) + usize::from(tile.x);
        tile.x < self.width && self.ground.get(index).is_some_and(|ground| ground.is_walkable)
    }

    /// What every tile is, row by row from the north-western corner.
    #[must_use]
    pub fn ground(&self) -> &[Ground] {
        &self.ground
    }

    /// Where newcomers arrive.
    #[must_use]
    pub fn spawn(&self) -> Tile {
        self.spawn
    }

    /// Where a new world's berries lie.
    #[must_use]
    pub fn berries(&self) -> &[Tile] {
        &self.berries
    }
}
