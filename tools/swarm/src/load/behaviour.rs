//! Where bots stand and where they go.
//!
//! The ground is divided among the bots of a load: each has a patch of its own, of which nobody else's bot takes a tile.
//! So people are as dense as was asked for, from the first second to the last, and few of them reach for one tile.

use std::sync::Arc;

use anyhow::{Result, ensure};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde::{Deserialize, Serialize};
use village::tile::Tile;

use super::ground::{Ground, Steps};

/// How many steps a market reaches at most from where newcomers arrive: as far as who stands there sees in any case.
const MARKET_STEPS: u16 = 32;

/// How many tiles of a market there are for each who comes, as long as it reaches so far.
const MARKET_TILES_EACH: usize = 4;

/// Between how many places people walk.
const PLACES: usize = 32;

/// From so few steps away one has been at a place: not all can stand on one tile.
const THERE_STEPS: u16 = 3;

/// What people do with the ground.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Behaviour {
    /// They walk between places that the seed chooses.
    Walk,
    /// They crowd within one view, around where newcomers arrive.
    Market,
    /// They are spread evenly over the map, and each wanders about its own part.
    #[default]
    Spread,
}

impl Behaviour {
    /// Its name on the command line and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Walk => "walk",
            Self::Market => "market",
            Self::Spread => "spread",
        }
    }

    /// A patch for each of so many bots, in the order of their numbers. The first tile of each is where its bot begins.
    ///
    /// # Errors
    /// Where there are more bots than tiles.
    pub(super) fn patches(self, ground: &Ground, count: usize) -> Result<Vec<Vec<Tile>>> {
        let reached = ground.reached();
        let region = match self {
            Self::Walk | Self::Spread => reached,
            Self::Market => {
                let spawn = reached.first().copied().unwrap_or(Tile { x: 0, y: 0 });
                let within = reached.iter().filter(|tile| tile.steps_to(spawn) <= MARKET_STEPS).count();
                reached.get(..within.min(count.saturating_mul(MARKET_TILES_EACH))).unwrap_or(reached)
            }
        };
        ensure!(
            count <= region.len(),
            "{count} bots do not fit: a {} has {} tiles on which one can stand",
            self.name(),
            region.len()
        );
        Ok(divide(ground, region, count))
    }
}

/// Divides a region evenly, by a race: every patch grows from its first tile by one step at a time.
fn divide(ground: &Ground, region: &[Tile], count: usize) -> Vec<Vec<Tile>> {
    let mut ordered = region.to_vec();
    ordered.sort_unstable_by_key(|tile| along_a_z(*tile));
    let mut free = vec![false; region.iter().map(|tile| ground.index(*tile) + 1).max().unwrap_or(0)];
    region.iter().for_each(|tile| free[ground.index(*tile)] = true);
    let mut take = |tile: Tile| free.get_mut(ground.index(tile)).is_some_and(std::mem::take);
    let firsts = (0..count).filter_map(|number| ordered.get(number * ordered.len() / count.max(1)).copied());
    let mut patches: Vec<Vec<Tile>> = firsts.filter(|tile| take(*tile)).map(|tile| vec![tile]).collect();
    let mut looked_at = vec![0; patches.len()];
    while patches.iter().zip(&looked_at).any(|(patch, looked_at)| *looked_at < patch.len()) {
        for (patch, looked_at) in patches.iter_mut().zip(&mut looked_at) {
            let Some(tile) = patch.get(*looked_at).copied() else { continue };
            *looked_at += 1;
            patch.extend(ground.neighbours(tile).filter(|tile| take(*tile)));
        }
    }
    patches
}

/// The place of a tile on a curve that keeps neighbours together: its coordinates' bits, in turn.
fn along_a_z(tile: Tile) -> u32 {
    (0..16).fold(0, |place, bit| {
        let (x, y) = (u32::from(tile.x >> bit & 1), u32::from(tile.y >> bit & 1));
        place | x << (2 * bit) | y << (2 * bit + 1)
    })
}

/// The places between which people walk.
pub(super) fn places(ground: &Ground, seed: u64) -> Vec<Steps> {
    let mut rng = StdRng::seed_from_u64(seed);
    ground.reached().sample(&mut rng, PLACES).map(|tile| ground.steps_to(*tile)).collect()
}

/// How a bot walks.
#[derive(Debug)]
pub(super) struct Walker {
    ground: Arc<Ground>,
    patch: Vec<Tile>,
    /// Where it may go besides: nowhere, for who stays on its patch.
    places: Arc<Vec<Steps>>,
    goal: usize,
    /// The way back to the patch, for who is not on it.
    home: Option<Steps>,
    bumped: bool,
}

impl Walker {
    /// A bot with this patch, that goes between these places where there are any.
    pub(super) fn new(
        ground: Arc<Ground>,
        patch: Vec<Tile>,
        places: Arc<Vec<Steps>>,
        rng: &mut StdRng,
    ) -> Self {
        let goal = rng.random_range(0..places.len().max(1));
        Self { ground, patch, places, goal, home: None, bumped: false }
    }

    /// Something was in the way: the next step is aside.
    pub(super) fn bump(&mut self) {
        self.bumped = true;
    }

    /// The next tile; none where there is nowhere to go.
    pub(super) fn step(&mut self, here: Tile, rng: &mut StdRng) -> Option<Tile> {
        let on_way = !self.places.is_empty() || !self.patch.contains(&here);
        if std::mem::take(&mut self.bumped) && on_way {
            return self.ground.neighbours(here).collect::<Vec<_>>().choose(rng).copied();
        }
        if let Some(goal) = self.places.get(self.goal) {
            if self.ground.distance(here, goal) <= THERE_STEPS {
                self.goal = rng.random_range(0..self.places.len());
            }
            return self.ground.nearer(here, self.places.get(self.goal)?, rng);
        }
        if on_way {
            let first = *self.patch.first()?;
            let home = self.home.get_or_insert_with(|| self.ground.steps_to(first));
            return self.ground.nearer(here, home, rng);
        }
        self.home = None;
        let next: Vec<_> = self.patch.iter().filter(|tile| tile.steps_to(here) == 1).collect();
        next.choose(rng).map(|tile| **tile)
    }
}

#[cfg(test)]
mod tests;
