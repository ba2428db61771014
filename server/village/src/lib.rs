//! The village: a small tile world that strangers share.
//!
//! Read [`map`] (where one can walk), [`tile`] and [`tile_index`] (what lies where), [`component`] (what things are made
//! of), [`interest`] (who sees what), [`action`] (what people can do), [`simulation`] (what happens by itself),
//! [`arrival`] (how people come and sleep).

pub mod action;
pub mod arrival;
pub mod component;
pub mod interest;
pub mod map;
#[cfg(test)]
mod rehearsal;
pub mod simulation;
pub mod tile;
pub mod tile_index;

use std::sync::Arc;

use holdfast::persistence::migrate::Migration;
use holdfast::{App, ContentFile, Game, Interest, Simulate};

use self::action::Verb;
use self::component::{Asleep, Carried, Item, Looks, Position, Utterance, Vitals};
use self::interest::FiveByFive;
use self::map::Terrain;
use self::tile_index::TileIndex;

/// A character.
pub const KIND_CHARACTER: u16 = 1;
/// Something that can lie about and be carried.
pub const KIND_ITEM: u16 = 2;
/// Something that was said.
pub const KIND_UTTERANCE: u16 = 3;

/// The village's rules.
pub struct Village;

impl Game for Village {
    type Verbs = Verb;
    const NAME: &'static str = "village";
    const CHARACTER_KIND: u16 = KIND_CHARACTER;
    const ARCHETYPES: &'static [&'static str] = &["villager", "gardener", "fisher"];

    fn build(app: &mut App) {
        app.insert_resource(Terrain::built_in())
            .insert_resource(TileIndex::default())
            .durable::<Position>()
            .replicate::<Position>()
            .locate::<Position>()
            .replicate::<Looks>()
            .durable::<Vitals>()
            .replicate::<Vitals>()
            .durable::<Item>()
            .replicate::<Item>()
            .durable::<Carried>()
            .replicate::<Carried>()
            .durable::<Utterance>()
            .replicate::<Utterance>()
            .replicate::<Asleep>()
            .add_systems(Simulate, simulation::fade::fade_utterances)
            .on_new_world(arrival::lay_out)
            .on_first_join(arrival::begin_life)
            .on_arrive(arrival::arrive)
            .on_sleep(arrival::fall_asleep)
            .on_wake(arrival::wake);
    }

    fn migrations() -> Vec<Migration> {
        vec![Migration {
            version: 20_261_124_110_000,
            name: "create_components",
            sql: include_str!("../../../migrations/village/20261124110000_create_components.sql"),
        }]
    }

    fn interest() -> Arc<dyn Interest> {
        Arc::new(FiveByFive::over(&Terrain::built_in()))
    }

    fn content() -> Vec<ContentFile> {
        vec![map::content::terrain(&Terrain::built_in())]
    }
}
