//! What the store had becomes entities.

use std::collections::BTreeMap;

use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::{Mut, World};
use holdfast_protocol::{EntityId, Seq, SessionEpoch};

use super::characters::{Character, Characters, Stay};
use super::identity::{Home, Identity, Kind};
use super::{Change, Now};
use crate::action::ring::{Ring, RingError};
use crate::app::Hooks;
use crate::app::located::Locator;
use crate::collect::Draft;
use crate::collect::collector::Collector;
use crate::collect::fates::{Header, Headers};
use crate::persistence::durable::{Durable, Row, RowError, TableDefinition};
use crate::persistence::images::EntityBefore;
use crate::persistence::loaded::{LoadedCharacter, LoadedEntity};
use crate::persistence::rows::ComponentRow;

/// What the store had is no world of this build.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A row is no value of its component.
    #[error("table {table}, entity {entity}")]
    Row {
        /// The table.
        table: &'static str,
        /// The entity.
        entity: EntityId,
        /// What is wrong with it.
        #[source]
        source: RowError,
    },
    /// A row of a table that the game does not have.
    #[error("entity {entity} has a row in table number {table}, which the game does not have")]
    Table {
        /// The entity.
        entity: EntityId,
        /// The table's place in the registry.
        table: usize,
    },
    /// The verdict ring is of another build, or damaged.
    #[error("the verdict ring of character {character}: {reason}")]
    Ring {
        /// The character.
        character: EntityId,
        /// What is wrong with it.
        reason: String,
    },
}

/// How rows of one table become components.
pub(crate) struct TableLoader {
    pub(crate) definition: TableDefinition,
    check: fn(&Row) -> Result<(), RowError>,
    insert: fn(&mut World, Entity, EntityId, &ComponentRow),
}

/// The loaders of all tables, in the registry's order.
#[derive(Resource)]
pub(crate) struct Loaders(pub(crate) Vec<TableLoader>);

impl TableLoader {
    pub(crate) fn of<C: Durable>() -> Self {
        Self {
            definition: TableDefinition::of::<C>(),
            check: |row| C::from_row(row).map(|_| ()),
            insert: |world, entity, id, stored| {
                let value =
                    C::from_row(&stored.row).expect("all rows were checked before the first was inserted");
                world.resource_scope(|world, mut collector: Mut<'_, Collector<C>>| {
                    collector.remember(id, &value, stored.tick, &mut world.resource_mut::<Draft>());
                });
                world.entity_mut(entity).insert(value);
            },
        }
    }
}

impl Loaders {
    fn check(&self, entities: &[LoadedEntity]) -> Result<(), LoadError> {
        for entity in entities {
            for (table, stored) in &entity.components {
                let (id, table) = (entity.id, *table);
                let loader = self.0.get(table).ok_or(LoadError::Table { entity: id, table })?;
                let table = loader.definition.table;
                (loader.check)(&stored.row).map_err(|source| LoadError::Row { table, entity: id, source })?;
            }
        }
        Ok(())
    }
}

/// Everything that belongs to the world itself, when it is loaded. It entered its chunks when the store says it did.
pub(crate) fn load_world(entities: &[LoadedEntity], world: &mut World) -> Result<(), LoadError> {
    world.resource_scope(|world, loaders: Mut<'_, Loaders>| {
        loaders.check(entities)?;
        for loaded in entities {
            let entity = insert(loaded, &loaders, world);
            let chunk = world.resource::<Locator>().chunk(world, entity);
            let LoadedEntity { id, kind, home, entered, .. } = *loaded;
            world.resource_mut::<Headers>().0.insert(id, Header { kind, home, chunk, entered });
        }
        Ok(())
    })
}

/// A character comes into the world, with all that it carries. For everybody who sees it, it enters with this tick.
pub(crate) fn arrive(
    found: LoadedCharacter,
    characters: &mut Characters,
    world: &mut World,
) -> Result<(), LoadError> {
    let LoadedCharacter { profile, last_seq, session_epoch, ring, entities } = found;
    let ring = ring.map_or(Ok(Ring::new()), |bytes| Ring::from_bytes(&bytes));
    let ring = ring
        .map_err(|error: RingError| LoadError::Ring { character: profile.id, reason: error.to_string() })?;
    world.resource_scope(|world, loaders: Mut<'_, Loaders>| {
        loaders.check(&entities)?;
        for loaded in &entities {
            insert(loaded, &loaders, world);
        }
        Ok(())
    })?;
    characters.insert(profile.id, character(&profile.account, session_epoch, last_seq, ring, world));
    let hooks = *world.resource::<Hooks>();
    if !entities.iter().any(|entity| entity.id == profile.id) {
        world.spawn((Identity(profile.id), Kind(hooks.character_kind), Home(Some(profile.id))));
        (hooks.first_join)(&profile, &mut Change::new(world));
    }
    (hooks.arrive)(&profile, &mut Change::new(world));
    Ok(())
}

fn character(
    account: &holdfast_front::Account,
    session_epoch: SessionEpoch,
    last_seq: Seq,
    ring: Ring,
    world: &World,
) -> Character {
    Character {
        account: account.clone(),
        conn: None,
        session_epoch,
        last_seq,
        ring,
        ready_at: BTreeMap::new(),
        center: None,
        stay: Stay::Awake,
        last_change: world.resource::<Now>().0,
    }
}

fn insert(loaded: &LoadedEntity, loaders: &Loaders, world: &mut World) -> Entity {
    let bundle = (Identity(loaded.id), Kind(loaded.kind), Home(loaded.home));
    let entity = world.spawn(bundle).id();
    let LoadedEntity { kind, home, entered, .. } = *loaded;
    world.resource_mut::<Draft>().look_at(loaded.id).loaded = Some(EntityBefore { kind, home, entered });
    for (table, stored) in &loaded.components {
        (loaders.0[*table].insert)(world, entity, loaded.id, stored);
    }
    entity
}
