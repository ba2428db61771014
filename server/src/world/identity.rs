//! What every durable entity has, and the two indexes that are exact at any moment within a tick.
//!
//! The components are immutable and their hooks keep the indexes, so no system can bring the two apart.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::lifecycle::HookContext;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::DeferredWorld;
use holdfast_protocol::EntityId;

use crate::collect::Draft;

/// An entity's durable name. The ECS's own are not the same after a restart.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[component(immutable, on_insert = enter_index, on_remove = leave_index)]
pub struct Identity(pub(crate) EntityId);

impl Identity {
    /// The name itself.
    #[must_use]
    pub fn id(self) -> EntityId {
        self.0
    }
}

/// What an entity is, in the game's numbering; never changes.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[component(immutable)]
pub struct Kind(pub(crate) u16);

/// The character to whom an entity belongs, and with whom it leaves and comes back; none for what belongs to the
/// world. A character belongs to itself.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[component(immutable, on_insert = enter_home, on_discard = leave_home)]
pub struct Home(pub(crate) Option<EntityId>);

/// Which entity of the ECS bears a durable name.
#[derive(Resource, Debug, Default)]
pub(crate) struct Entities(HashMap<EntityId, Entity>);

impl Entities {
    pub(crate) fn get(&self, id: EntityId) -> Option<Entity> {
        self.0.get(&id).copied()
    }
}

/// What belongs to each character that is in the world.
#[derive(Resource, Debug, Default)]
pub(crate) struct Belongings(BTreeMap<EntityId, BTreeSet<EntityId>>);

impl Belongings {
    pub(crate) fn of(&self, character: EntityId) -> impl Iterator<Item = EntityId> + '_ {
        self.0.get(&character).into_iter().flatten().copied()
    }
}

fn enter_index(mut world: DeferredWorld<'_>, context: HookContext) {
    if let Some(&Identity(id)) = world.get::<Identity>(context.entity) {
        let before = world.resource_mut::<Entities>().0.insert(id, context.entity);
        assert!(before.is_none_or(|entity| entity == context.entity), "{id} names two entities");
        world.resource_mut::<Draft>().look_at(id);
    }
}

fn leave_index(mut world: DeferredWorld<'_>, context: HookContext) {
    if let Some(&Identity(id)) = world.get::<Identity>(context.entity) {
        world.resource_mut::<Entities>().0.remove(&id);
        world.resource_mut::<Draft>().look_at(id);
    }
}

fn enter_home(mut world: DeferredWorld<'_>, context: HookContext) {
    let Some((id, home)) = home_of(&world, context.entity) else { return };
    if let Some(home) = home {
        world.resource_mut::<Belongings>().0.entry(home).or_default().insert(id);
    }
    world.resource_mut::<Draft>().look_at(id);
}

fn leave_home(mut world: DeferredWorld<'_>, context: HookContext) {
    let Some((id, Some(home))) = home_of(&world, context.entity) else { return };
    let mut belongings = world.resource_mut::<Belongings>();
    if let Some(things) = belongings.0.get_mut(&home) {
        things.remove(&id);
        if things.is_empty() {
            belongings.0.remove(&home);
        }
    }
}

fn home_of(world: &DeferredWorld<'_>, entity: Entity) -> Option<(EntityId, Option<EntityId>)> {
    Some((world.get::<Identity>(entity)?.0, world.get::<Home>(entity)?.0))
}
