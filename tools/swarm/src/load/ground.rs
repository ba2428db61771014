//! The ground, as far as bots must know it to walk: where one can stand, and how far it is from there.

use std::collections::VecDeque;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde::Serialize;
use village::map::Terrain;
use village::tile::Tile;

/// How large a map is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MapSize {
    /// Tiles from west to east.
    pub width: u16,
    /// Tiles from north to south.
    pub height: u16,
    /// On how many of them one can stand.
    pub walkable: usize,
}

/// A map, and the tiles that can be reached on foot.
#[derive(Debug)]
pub(super) struct Ground {
    terrain: &'static Terrain,
    /// Those that can be reached from where newcomers arrive, nearest first.
    reached: Vec<Tile>,
}

/// How many steps lie between one tile and every other.
#[derive(Debug)]
pub(super) struct Steps(Vec<u16>);

impl Ground {
    /// That of this map.
    pub(super) fn of(terrain: &'static Terrain) -> Self {
        let mut ground = Self { terrain, reached: Vec::new() };
        let spawn = ground.terrain.spawn();
        ground.reached = ground.around(spawn).0;
        ground
    }

    pub(super) fn size(&self) -> MapSize {
        let (width, height) = (self.terrain.width(), self.terrain.height());
        let walkable = self.terrain.ground().iter().filter(|ground| ground.is_walkable).count();
        MapSize { width, height, walkable }
    }

    /// The tiles that can be reached from where newcomers arrive, nearest first.
    pub(super) fn reached(&self) -> &[Tile] {
        &self.reached
    }

    pub(super) fn steps_to(&self, goal: Tile) -> Steps {
        self.around(goal).1
    }

    /// The neighbour from which the goal is nearest, one of them by lot; none where there is no way, or no need of one.
    pub(super) fn nearer(&self, here: Tile, goal: &Steps, rng: &mut StdRng) -> Option<Tile> {
        let now = self.distance(here, goal);
        let neighbours: Vec<_> = self.neighbours(here).collect();
        let least = neighbours.iter().map(|tile| self.distance(*tile, goal)).min()?;
        let best: Vec<_> =
            neighbours.into_iter().filter(|tile| self.distance(*tile, goal) == least).collect();
        best.choose(rng).copied().filter(|_| least < now)
    }

    pub(super) fn distance(&self, tile: Tile, goal: &Steps) -> u16 {
        goal.0.get(self.index(tile)).copied().unwrap_or(u16::MAX)
    }

    pub(super) fn neighbours(&self, tile: Tile) -> impl Iterator<Item = Tile> {
        tile.ring(1).filter(|tile| self.terrain.is_walkable(*tile))
    }

    pub(super) fn index(&self, tile: Tile) -> usize {
        usize::from(tile.y) * usize::from(self.terrain.width()) + usize::from(tile.x)
    }

    /// Everything from a tile on, nearest first, and how far it is.
    fn around(&self, from: Tile) -> (Vec<Tile>, Steps) {
        let mut steps = vec![u16::MAX; self.terrain.ground().len()];
        let (mut found, mut next) = (Vec::new(), VecDeque::from([(from, 0_u16)]));
        steps[self.index(from)] = 0;
        while let Some((tile, distance)) = next.pop_front() {
            found.push(tile);
            for neighbour in self.neighbours(tile) {
                let known = &mut steps[self.index(neighbour)];
                if *known == u16::MAX {
                    *known = distance.saturating_add(1);
                    next.push_back((neighbour, *known));
                }
            }
        }
        (found, Steps(steps))
    }
}
