//! The village's rules on a map of nothing but grass, 256 tiles each way: room for thousands, and a whole view of 25
//! chunks around most of them. The village's own map is a sixteenth of that.

use std::sync::Arc;

use holdfast::persistence::migrate::Migration;
use holdfast::{App, Game, Interest};
use village::Village;
use village::interest::FiveByFive;
use village::map::Terrain;
use village::map::ground::{Ground, GroundKind};
use village::tile::Tile;

/// How many tiles the meadow measures each way.
pub const SIDE: u16 = 256;

/// The meadow.
pub struct Meadow;

impl Game for Meadow {
    type Verbs = <Village as Game>::Verbs;
    const NAME: &'static str = Village::NAME;
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

fn terrain() -> Terrain {
    let grass = Ground { kind: GroundKind::Grass, is_walkable: true };
    let ground = vec![grass; usize::from(SIDE) * usize::from(SIDE)];
    let middle = Tile { x: SIDE / 2, y: SIDE / 2 };
    Terrain::new(SIDE, ground, middle, Vec::new()).expect("a square on which one can stand")
}
