//! Which component says where an entity is.

use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;
use holdfast_protocol::ChunkId;

/// A component that says where its entity is. An entity without it is in no chunk.
pub trait Located: Component + Clone + PartialEq {
    /// The chunk whose viewers see the entity; none where nobody does but who carries it.
    fn chunk(&self) -> Option<ChunkId>;

    /// Where the view of a character here is centred, when it is centred on `current` (none: it has just come).
    /// Holding on to `current` for a while keeps a view from moving to and fro with every step over a border.
    fn center(&self, current: Option<ChunkId>) -> ChunkId;
}

/// The game's answer to where things are.
#[derive(Resource, Clone, Copy, Default)]
pub(crate) struct Locator(Option<Functions>);

#[derive(Clone, Copy)]
struct Functions {
    chunk: fn(&World, Entity) -> Option<ChunkId>,
    center: fn(&World, Entity, Option<ChunkId>) -> Option<ChunkId>,
}

impl Locator {
    pub(crate) fn set<C: Located>(&mut self) {
        assert!(self.0.is_none(), "one component says where things are");
        self.0 = Some(Functions {
            chunk: |world, entity| world.get::<C>(entity)?.chunk(),
            center: |world, entity, current| Some(world.get::<C>(entity)?.center(current)),
        });
    }

    pub(crate) fn chunk(self, world: &World, entity: Entity) -> Option<ChunkId> {
        (self.0?.chunk)(world, entity)
    }

    /// Where a view is centred; nowhere in particular (chunk 0) where the game does not say.
    pub(crate) fn center(self, world: &World, entity: Entity, current: Option<ChunkId>) -> ChunkId {
        let answer = self.0.and_then(|functions| (functions.center)(world, entity, current));
        answer.or(current).unwrap_or(ChunkId(0))
    }
}
