//! What is on each tile, exact at any moment within a tick: the hooks of [`Position`] keep
//! it, and a position cannot be changed but by another one.

use std::collections::{BTreeMap, BTreeSet};

use bevy_ecs::entity::Entity;
use bevy_ecs::lifecycle::HookContext;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::DeferredWorld;
use holdfast::protocol::EntityId;
use holdfast::world::identity::Identity;

use crate::component::Position;
use crate::tile::Tile;

/// Everything that has a position, by tile.
#[derive(Resource, Debug, Default)]
pub struct TileIndex(BTreeMap<Tile, BTreeSet<EntityId>>);

impl TileIndex {
    /// Everything on a tile, in ascending order: characters, items and what was said there.
    pub fn on(&self, tile: Tile) -> impl Iterator<Item = EntityId> + '_ {
        self.0.get(&tile).into_iter().flatten().copied()
    }

    /// Whether a character other than `me` is on the tile.
    #[must_use]
    pub fn is_taken(&self, tile: Tile, me: EntityId) -> bool {
        self.on(tile).any(|id| id.is_character() && id != me)
    }
}

pub(crate) fn enter(mut world: DeferredWorld<'_>, context: HookContext) {
    if let Some((id, tile)) = place_of(&world, context.entity) {
        world.resource_mut::<TileIndex>().0.entry(tile).or_default().insert(id);
    }
}

pub(crate) fn leave(mut world: DeferredWorld<'_>, context: HookContext) {
    let Some((id, tile)) = place_of(&world, context.entity) else { return };
    let mut index = world.resource_mut::<TileIndex>();
    if let Some(things) = index.0.get_mut(&tile) {
        things.remove(&id);
        if things.is_empty() {
            index.0.remove(&tile);
        }
    }
}

fn place_of(world: &DeferredWorld<'_>, entity: Entity) -> Option<(EntityId, Tile)> {
    Some((world.get::<Identity>(entity)?.id(), world.get::<Position>(entity)?.tile))
}
