//! What a game declares: its components, its systems, and what happens when somebody comes or goes.
//!
//! To make a world: a type that is a [`Game`], its verbs by [`actions!`](crate::actions), and a `build` that tells the
//! [`App`] which components are kept ([`Durable`]) and shown ([`Replicate`]), and where an entity is ([`Located`]).

pub mod content;
pub mod located;
pub mod replicate;

use std::sync::Arc;

use bevy_ecs::component::Component;
use bevy_ecs::resource::Resource;
use bevy_ecs::schedule::{IntoScheduleConfigs, Schedule};
use bevy_ecs::system::ScheduleSystem;
use bevy_ecs::world::World;
use holdfast_front::Interest;
use holdfast_protocol::build::GameWire;
use holdfast_protocol::{EntityId, PartTag};
use postcard_schema::Schema;

use self::content::ContentFile;
use self::located::{Located, Locator};
use self::replicate::Replicate;
use crate::action::Verbs;
use crate::collect::collector::Collector;
use crate::collect::collector::collect;
use crate::persistence::durable::{Durable, TableDefinition};
use crate::persistence::migrate::Migration;
use crate::persistence::rows::CharacterProfile;
use crate::schedule::{Simulate, TickSystems, tick_schedule};
use crate::tick::Phase;
use crate::world::Change;
use crate::world::arrive::TableLoader;

/// One world's rules, as the engine takes them.
pub trait Game: 'static {
    /// Everything that can be done in it.
    type Verbs: Verbs;
    /// Its name: part of the build id.
    const NAME: &'static str;
    /// What a character is, in the game's numbering of kinds.
    const CHARACTER_KIND: u16;
    /// What kinds of characters there are to choose from.
    const ARCHETYPES: &'static [&'static str];

    /// Declares components, systems and hooks.
    fn build(app: &mut App);
    /// The steps that make the game's tables.
    fn migrations() -> Vec<Migration>;
    /// Which chunks a session sees.
    fn interest() -> Arc<dyn Interest>;

    /// The files that the game's page loads, each under a name of its own. Asked once, when a server starts.
    fn content() -> Vec<ContentFile> {
        Vec::new()
    }
}

/// What a game does when somebody comes or goes.
#[derive(Resource, Clone, Copy)]
pub(crate) struct Hooks {
    pub(crate) character_kind: u16,
    pub(crate) new_world: fn(&mut Change<'_>),
    pub(crate) first_join: fn(&CharacterProfile, &mut Change<'_>),
    pub(crate) arrive: fn(&CharacterProfile, &mut Change<'_>),
    pub(crate) sleep: fn(EntityId, &mut Change<'_>),
    pub(crate) wake: fn(EntityId, &mut Change<'_>),
}

/// A game's declaration, from which worlds are made.
pub struct App {
    pub(crate) world: World,
    pub(crate) schedule: Schedule,
    pub(crate) loaders: Vec<TableLoader>,
    pub(crate) hooks: Hooks,
    wire: GameWire,
}

impl App {
    /// What `G` declares.
    #[must_use]
    pub fn of<G: Game>() -> Self {
        let mut app = Self {
            world: World::new(),
            schedule: tick_schedule(Phase::is_running),
            loaders: Vec::new(),
            hooks: Hooks {
                character_kind: G::CHARACTER_KIND,
                new_world: |_| {},
                first_join: |_, _| {},
                arrive: |_, _| {},
                sleep: |_, _| {},
                wake: |_, _| {},
            },
            wire: GameWire {
                name: G::NAME,
                actions: G::Verbs::wire(),
                parts: Vec::new(),
                replies: G::Verbs::replies(),
                codes: G::Verbs::codes(),
            },
        };
        app.world.insert_resource(Locator::default());
        G::build(&mut app);
        app.wire.parts.sort_by_key(|(tag, ..)| *tag);
        app
    }

    /// Keeps a component: it has a table of its own, and every change of it is in the flush of its tick.
    ///
    /// # Panics
    /// Where another component has the same table.
    pub fn durable<C: Durable>(&mut self) -> &mut Self {
        assert!(
            self.loaders.iter().all(|loader| loader.definition.table != C::TABLE),
            "two tables {}",
            C::TABLE
        );
        let table = self.loaders.len();
        self.loaders.push(TableLoader::of::<C>());
        self.collector::<C>().keep(table);
        self
    }

    /// Shows a component: every change of it reaches its audience, once its tick is durable.
    ///
    /// # Panics
    /// Where another component has the same tag.
    pub fn replicate<C: Replicate>(&mut self) -> &mut Self {
        assert!(self.wire.parts.iter().all(|(tag, ..)| *tag != C::TAG), "two parts with tag {}", C::TAG);
        self.wire.parts.push((C::TAG, C::Wire::SCHEMA.name, C::Wire::SCHEMA));
        self.collector::<C>().show(PartTag(C::TAG));
        self
    }

    /// Lets a component say where an entity is, and where a character's view goes. One component does.
    ///
    /// # Panics
    /// Where another one does already.
    pub fn locate<C: Located>(&mut self) -> &mut Self {
        self.collector::<C>();
        self.world.resource_mut::<Locator>().set::<C>();
        self
    }

    /// Adds what happens by itself. Systems that must not see each other's half-done work are to be chained.
    pub fn add_systems<M>(
        &mut self,
        _simulate: Simulate,
        systems: impl IntoScheduleConfigs<ScheduleSystem, M>,
    ) -> &mut Self {
        self.schedule.add_systems(systems.in_set(TickSystems::Simulate));
        self
    }

    /// Puts a resource into the world. It is not kept: a game must be able to make it again from what is.
    pub fn insert_resource<R: Resource>(&mut self, resource: R) -> &mut Self {
        self.world.insert_resource(resource);
        self
    }

    /// Makes a new world's first things, in its first tick.
    pub fn on_new_world(&mut self, hook: fn(&mut Change<'_>)) -> &mut Self {
        self.hooks.new_world = hook;
        self
    }

    /// Gives a character that has never played what it begins with. The entity is there, without components.
    pub fn on_first_join(&mut self, hook: fn(&CharacterProfile, &mut Change<'_>)) -> &mut Self {
        self.hooks.first_join = hook;
        self
    }

    /// A character has come into the world, with everything that the store has of it (after the first join: what
    /// [`Self::on_first_join`] gave it): the game adds what is not kept.
    pub fn on_arrive(&mut self, hook: fn(&CharacterProfile, &mut Change<'_>)) -> &mut Self {
        self.hooks.arrive = hook;
        self
    }

    /// A character's connection is lost; it stays in the world for a while.
    pub fn on_sleep(&mut self, hook: fn(EntityId, &mut Change<'_>)) -> &mut Self {
        self.hooks.sleep = hook;
        self
    }

    /// A sleeping character is played again.
    pub fn on_wake(&mut self, hook: fn(EntityId, &mut Change<'_>)) -> &mut Self {
        self.hooks.wake = hook;
        self
    }

    /// The tables of all durable components: their order is the registry's, by which rows name their table.
    #[must_use]
    pub fn tables(&self) -> Vec<TableDefinition> {
        self.loaders.iter().map(|loader| loader.definition).collect()
    }

    /// What the game adds to the wire.
    #[must_use]
    pub fn wire(&self) -> GameWire {
        self.wire.clone()
    }

    /// The collector of a component, made at its first mention.
    fn collector<C: Component + Clone + PartialEq>(&mut self) -> bevy_ecs::world::Mut<'_, Collector<C>> {
        if !self.world.contains_resource::<Collector<C>>() {
            self.world.insert_resource(Collector::<C>::new());
            self.world.add_observer(crate::collect::collector::notice_removal::<C>);
            self.schedule.add_systems(collect::<C>.in_set(TickSystems::Collect));
        }
        self.world.resource_mut::<Collector<C>>()
    }
}
