//! What a game sees of the world: [`Look`] to read, [`Change`] to write.
//!
//! Behind them stand, in the order in which a character meets them: [`loads`] (joins that wait for the store),
//! [`arrive`] (what the store had becomes entities), [`attach`] (a connection plays a character), [`characters`] (what
//! the engine knows of each), [`leave`] (sleep, and the way out). [`identity`] and [`ids`] name things. [`touches`] notes what
//! an action changes.

pub(crate) mod arrive;
pub(crate) mod attach;
pub(crate) mod characters;
pub mod identity;
pub(crate) mod ids;
pub(crate) mod leave;
pub mod loads;
pub(crate) mod touches;

use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::{Mut, World};
use holdfast_protocol::{EntityId, Tick};

use self::identity::{Belongings, Entities, Home, Identity, Kind};
use self::ids::Ids;
use self::touches::Touches;
use crate::collect::Draft;
use crate::persistence::chat::{ChatLine, TEXT_CHARS_MAX};
use crate::persistence::journal::HomeChange;

pub use bevy_ecs::component::Mutable;

/// The tick that is being run.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now(pub Tick);

/// The world, to be read by rules.
#[derive(Clone, Copy)]
pub struct Look<'w> {
    pub(crate) world: &'w World,
}

impl<'w> Look<'w> {
    /// The tick that is being run.
    #[must_use]
    pub fn now(self) -> Tick {
        self.world.resource::<Now>().0
    }

    /// Component `C` of an entity; none where the entity does not have it, or is not in the world.
    #[must_use]
    pub fn get<C: Component>(self, id: EntityId) -> Option<&'w C> {
        self.world.get::<C>(self.entity(id)?)
    }

    /// A resource that the game has put into its world.
    ///
    /// # Panics
    /// Where it has not.
    #[must_use]
    pub fn resource<R: Resource>(self) -> &'w R {
        self.world.resource::<R>()
    }

    /// Whether the entity is in the world: also a character that sleeps, or whatever somebody in the world carries.
    #[must_use]
    pub fn is_present(self, id: EntityId) -> bool {
        self.entity(id).is_some()
    }

    /// What an entity is, in the game's numbering; none where it is not in the world.
    #[must_use]
    pub fn kind(self, id: EntityId) -> Option<u16> {
        self.get::<Kind>(id).map(|kind| kind.0)
    }

    /// The character to whom an entity belongs; none for what belongs to the world, or is not in it.
    #[must_use]
    pub fn home(self, id: EntityId) -> Option<EntityId> {
        self.get::<Home>(id)?.0
    }

    /// Everything that belongs to a character, itself included, in ascending order.
    pub fn belongings(self, character: EntityId) -> impl Iterator<Item = EntityId> + 'w {
        self.world.resource::<Belongings>().of(character)
    }

    fn entity(self, id: EntityId) -> Option<Entity> {
        self.world.resource::<Entities>().get(id)
    }
}

/// The world, to be changed by what the rules have allowed.
///
/// Every write names an entity that validation has seen in the world. Where it is not there, the game's plan is wrong
/// and the method panics. The panic is caught around the tick: nothing of the tick is written or shown, the world is
/// loaded anew from the last durable one, and the action is rejected as `internal` when its client asks for it again
/// ([`poison`](crate::poison)). That loses less than half an action would. Still, a panic in the log is a fault of the
/// game, to be mended there.
pub struct Change<'w> {
    pub(crate) world: &'w mut World,
}

impl<'w> Change<'w> {
    /// The world of an exclusive system.
    pub fn new(world: &'w mut World) -> Self {
        Self { world }
    }

    /// The same world, to be read.
    #[must_use]
    pub fn look(&self) -> Look<'_> {
        Look { world: self.world }
    }

    /// The tick that is being run.
    #[must_use]
    pub fn now(&self) -> Tick {
        self.look().now()
    }

    /// Component `C` of an entity; none where the entity does not have it, or is not in the world.
    #[must_use]
    pub fn get<C: Component>(&self, id: EntityId) -> Option<&C> {
        self.look().get(id)
    }

    /// Gives an entity component `C`, or another value of it. The same value again changes nothing.
    ///
    /// # Panics
    /// Where the entity is not in the world.
    pub fn set<C: Component + PartialEq>(&mut self, id: EntityId, value: C) {
        let entity = self.entity(id);
        if self.world.get::<C>(entity) != Some(&value) {
            self.world.entity_mut(entity).insert(value);
            self.touch(id, HomeChange::Same);
        }
    }

    /// Takes component `C` off an entity, and hands it out where it was there.
    ///
    /// # Panics
    /// Where the entity is not in the world.
    pub fn remove<C: Component>(&mut self, id: EntityId) -> Option<C> {
        let entity = self.entity(id);
        let taken = self.world.entity_mut(entity).take::<C>();
        if taken.is_some() {
            self.touch(id, HomeChange::Same);
        }
        taken
    }

    /// A resource of the game, to be changed.
    ///
    /// # Panics
    /// Where the game has not put it into its world.
    pub fn resource_mut<R: Resource + Component<Mutability = Mutable>>(&mut self) -> Mut<'_, R> {
        self.world.resource_mut::<R>()
    }

    /// Makes an entity of `kind` that belongs to `home`, or to the world where there is none. It has no components
    /// yet. Its id has never been used before.
    ///
    /// # Panics
    /// Where `home` is not in the world: what belongs to an absent character cannot be in memory.
    pub fn spawn(&mut self, kind: u16, home: Option<EntityId>) -> EntityId {
        self.assert_home(home);
        let (id, reserved) = self.world.resource_mut::<Ids>().hand_out();
        if let Some(below) = reserved {
            self.world.resource_mut::<Draft>().rows.ids_reserved = Some(below);
        }
        self.world.spawn((Identity(id), Kind(kind), Home(home)));
        self.touch(id, HomeChange::Made { to: home });
        id
    }

    /// Destroys an entity, for good.
    ///
    /// # Panics
    /// Where it is not in the world, or is a character: those leave, they are never destroyed.
    pub fn despawn(&mut self, id: EntityId) {
        assert!(!id.is_character(), "characters leave the world, they are not destroyed");
        let entity = self.entity(id);
        let from = self.look().home(id);
        self.world.despawn(entity);
        self.touch(id, HomeChange::Destroyed { from });
    }

    /// Makes an entity belong to another character, or to the world.
    ///
    /// # Panics
    /// Where either is not in the world, or the entity is a character: those belong to themselves.
    pub fn set_home(&mut self, id: EntityId, home: Option<EntityId>) {
        assert!(!id.is_character(), "a character belongs to itself");
        self.assert_home(home);
        let from = self.look().home(id);
        self.set(id, Home(home));
        if from != home {
            self.touch(id, HomeChange::Moved { from, to: home });
        }
    }

    /// Keeps what somebody said, for as long as chat is kept: in rows of its own, flushed with the tick. Free text goes
    /// here, and into columns of type [`FreeText`](crate::persistence::durable::ColumnType::FreeText); the journal holds
    /// none.
    ///
    /// # Panics
    /// Where the text is longer than [`TEXT_CHARS_MAX`] characters, or holds NUL, which no store takes: validation must
    /// have refused it.
    pub fn record_text(&mut self, speaker: EntityId, channel: &'static str, text: &str) {
        assert!(text.chars().count() <= TEXT_CHARS_MAX && !text.contains('\0'), "a text that nobody may say");
        let line = ChatLine { tick: self.now(), speaker, channel: channel.to_owned(), text: text.to_owned() };
        self.world.resource_mut::<Draft>().rows.chat.push(line);
    }

    fn touch(&mut self, id: EntityId, change: HomeChange) {
        self.world.resource_mut::<Touches>().note(id, change);
    }

    fn assert_home(&self, home: Option<EntityId>) {
        if let Some(home) = home {
            assert!(home.is_character(), "things belong to characters, or to the world");
            assert!(self.look().is_present(home), "character {home} is not in the world");
        }
    }

    fn entity(&self, id: EntityId) -> Entity {
        let entity = self.world.resource::<Entities>().get(id);
        entity
            .unwrap_or_else(|| panic!("entity {id} is not in the world: validation must have seen it there"))
    }
}
