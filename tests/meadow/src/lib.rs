//! The village's rules on a map of nothing but grass, 200 tiles each way: room for thousands, and a whole view of 25
//! chunks around most of them. The village's own map is a tenth of that, so a crowd there is one single view.

use std::sync::Arc;

use holdfast::persistence::migrate::Migration;
use holdfast::{App, Game, Interest};
use village::Village;
use village::interest::FiveByFive;
use village::map::Terrain;
use village::map::ground::{Ground, GroundKind};
use village::tile::Tile;

/// How many tiles the meadow measures each way.
pub const SIDE: u16 = 200;

/// How many tiles lie between two berries of a new world, each way.
const BERRY_EVERY: u16 = 8;

/// The meadow.
pub struct Meadow;

impl Game for Meadow {
    type Verbs = <Village as Game>::Verbs;
    const NAME: &'static str = "meadow";
    const CHARACTER_KIND: u16 = Village::CHARACTER_KIND;
    const ARCHETYPES: &'static [&'static str] = Village::ARCHETYPES;

    fn build(app: &mut App) {
        Village::build(app);
        app.insert_resource(terrain());
    }

    fn migrations() -> Vec<Migration> {
        Village::migrations()
    }

    fn interest() -> Arc<dyn Interest> {
        Arc::new(FiveByFive::over(&terrain()))
    }
}

/// The map: newcomers arrive in its middle, and berries lie all over it.
///
/// # Panics
/// Never: it is a square on which one can stand.
#[must_use]
pub fn terrain() -> Terrain {
    let grass = Ground { kind: GroundKind::Grass, is_walkable: true };
    let ground = vec![grass; usize::from(SIDE) * usize::from(SIDE)];
    let middle = Tile { x: SIDE / 2, y: SIDE / 2 };
    let along = || (BERRY_EVERY / 2..SIDE).step_by(usize::from(BERRY_EVERY));
    let berries = along().flat_map(|y| along().map(move |x| Tile { x, y })).collect();
    Terrain::new(SIDE, ground, middle, berries).expect("a square on which one can stand")
}
