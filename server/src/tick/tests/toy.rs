//! The toy: characters on a line, ten places a chunk, and stones that they take, put down, make and crush.

use std::sync::Arc;

use bevy_ecs::component::Component;
use bevy_ecs::system::Query;
use holdfast_protocol::{ChunkId, EntityId};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::persistence::durable::{Cell, Column, ColumnType, Durable, Row, RowError};
use crate::persistence::migrate::Migration;
use crate::world::identity::Identity;
use crate::{
    Action, Actor, App, Audience, Change, Game, Interest, Located, Look, Outcome, Pace, Replicate, Simulate,
};

pub(super) struct Toy;
pub(super) const STONE: u16 = 2;

/// What the world does not bear.
pub(super) const STRENGTH_MAX: u32 = 1_000;

pub(super) const SPOT: u16 = 1;
pub(super) const LABEL: u16 = 2;
pub(super) const STRENGTH: u16 = 3;
pub(super) const DROWSY: u16 = 4;

impl Game for Toy {
    type Verbs = Verb;
    const NAME: &'static str = "toy";
    const CHARACTER_KIND: u16 = 1;
    const ARCHETYPES: &'static [&'static str] = &["toy"];

    fn build(app: &mut App) {
        app.durable::<Spot>()
            .replicate::<Spot>()
            .locate::<Spot>()
            .replicate::<Label>()
            .durable::<Strength>()
            .replicate::<Strength>()
            .replicate::<Drowsy>()
            .add_systems(Simulate, (touch_without_changing, snap))
            .on_new_world(|world| {
                for at in [5, 15, 25] {
                    let stone = world.spawn(STONE, None);
                    world.set(stone, Spot(at));
                }
            })
            .on_first_join(|profile, world| {
                world.set(profile.id, Spot(5));
                world.set(profile.id, Strength(10));
            })
            .on_arrive(|profile, world| world.set(profile.id, Label(profile.name.clone())))
            .on_sleep(|id, world| world.set(id, Drowsy))
            .on_wake(|id, world| {
                world.remove::<Drowsy>(id);
            });
    }

    fn migrations() -> Vec<Migration> {
        Vec::new()
    }

    fn interest() -> Arc<dyn Interest> {
        struct OwnChunk;
        impl Interest for OwnChunk {
            fn view(&self, center: ChunkId) -> Vec<ChunkId> {
                vec![center]
            }
        }
        Arc::new(OwnChunk)
    }
}

/// Touches every spot each tick: nothing of it may be collected.
fn touch_without_changing(mut spots: Query<'_, '_, (&Identity, &mut Spot)>) {
    for (_, mut spot) in &mut spots {
        spot.0 += 1;
        spot.0 -= 1;
    }
}

/// Nobody is that strong: a system that panics over what an action did.
fn snap(strengths: Query<'_, '_, &Strength>) {
    assert!(strengths.iter().all(|strength| strength.0 < STRENGTH_MAX), "somebody was too strong");
}

#[derive(Component, Clone, Debug, PartialEq)]
pub(super) struct Spot(pub(super) u32);

impl Durable for Spot {
    const TABLE: &'static str = "spot";
    const COLUMNS: &'static [Column] = &[Column::new("place", ColumnType::BigInt)];

    fn to_row(&self) -> Row {
        Row(vec![Cell::BigInt(i64::from(self.0))])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        number(row, "place").map(Self)
    }
}

impl Replicate for Spot {
    const TAG: u16 = SPOT;
    const AUDIENCE: Audience = Audience::View;
    type Wire = u32;

    fn wire(&self) -> u32 {
        self.0
    }
}

impl Located for Spot {
    fn chunk(&self) -> Option<ChunkId> {
        Some(ChunkId(u64::from(self.0 / 10)))
    }

    /// The view stays where it is until the character is three places past the border.
    fn center(&self, current: Option<ChunkId>) -> ChunkId {
        let own = ChunkId(u64::from(self.0 / 10));
        match current {
            Some(current) if current.0 < own.0 && self.0 % 10 < 3 => current,
            _ => own,
        }
    }
}

#[derive(Component, Clone, Debug, PartialEq)]
pub(super) struct Strength(pub(super) u32);

impl Durable for Strength {
    const TABLE: &'static str = "strength";
    const COLUMNS: &'static [Column] = &[Column::new("strength", ColumnType::BigInt)];

    fn to_row(&self) -> Row {
        Row(vec![Cell::BigInt(i64::from(self.0))])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        number(row, "strength").map(Self)
    }
}

impl Replicate for Strength {
    const TAG: u16 = STRENGTH;
    const AUDIENCE: Audience = Audience::Owner;
    type Wire = u32;

    fn wire(&self) -> u32 {
        self.0
    }
}

#[derive(Component, Clone, Debug, PartialEq)]
pub(super) struct Label(pub(super) String);

impl Replicate for Label {
    const TAG: u16 = LABEL;
    const AUDIENCE: Audience = Audience::View;
    type Wire = String;

    fn wire(&self) -> String {
        self.0.clone()
    }
}

#[derive(Component, Clone, Debug, PartialEq)]
pub(super) struct Drowsy;

impl Replicate for Drowsy {
    const TAG: u16 = DROWSY;
    const AUDIENCE: Audience = Audience::View;
    type Wire = ();

    fn wire(&self) {}
}

fn number(row: &Row, column: &'static str) -> Result<u32, RowError> {
    match row.0.first() {
        Some(Cell::BigInt(number)) => u32::try_from(*number).ok(),
        _ => None,
    }
    .ok_or_else(|| RowError { column, found: row.0.first().map(Cell::kind) })
}

crate::actions! {
    /// What can be done with stones.
    pub(super) enum Verb { 1: Step, 2: Take, 3: Put, 4: Make, 5: Crush, 6: Train, 7: Stumble, 200: Count }
}

crate::rejections! {
    /// Why a stone cannot be had.
    pub(super) enum CannotHave {
        1 NotThere "not_there" "There is no such stone.";
        2 NotYours "not_yours" "That stone is not yours.";
    }
}

crate::rejections! {
    /// This always works.
    pub(super) enum Never {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Schema)]
pub(super) struct Step {
    pub(super) to: u32,
}

impl Action for Step {
    const NAME: &'static str = "step";
    const PACE: Pace = Pace::Move;
    const COOLDOWN_TICKS: u64 = 2;
    type Rejection = Never;
    type Plan = u32;

    fn validate(&self, _me: Actor, _world: &Look<'_>) -> Result<u32, Never> {
        Ok(self.to)
    }

    fn apply(to: u32, me: Actor, world: &mut Change<'_>) -> Outcome {
        world.set(me.character, Spot(to));
        Outcome::done()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Schema)]
pub(super) struct Take {
    pub(super) stone: EntityId,
}

impl Action for Take {
    const NAME: &'static str = "take";
    type Rejection = CannotHave;
    type Plan = EntityId;

    fn validate(&self, _me: Actor, world: &Look<'_>) -> Result<EntityId, CannotHave> {
        let lies_there = world.kind(self.stone) == Some(STONE) && world.get::<Spot>(self.stone).is_some();
        if lies_there { Ok(self.stone) } else { Err(CannotHave::NotThere) }
    }

    fn apply(stone: EntityId, me: Actor, world: &mut Change<'_>) -> Outcome {
        world.remove::<Spot>(stone);
        world.set_home(stone, Some(me.character));
        Outcome::done()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Schema)]
pub(super) struct Put {
    pub(super) stone: EntityId,
}

impl Action for Put {
    const NAME: &'static str = "put";
    type Rejection = CannotHave;
    type Plan = (EntityId, u32);

    fn validate(&self, me: Actor, world: &Look<'_>) -> Result<Self::Plan, CannotHave> {
        mine(self.stone, me, world)?;
        Ok((self.stone, world.get::<Spot>(me.character).map_or(0, |spot| spot.0)))
    }

    fn apply((stone, at): Self::Plan, _me: Actor, world: &mut Change<'_>) -> Outcome {
        world.set_home(stone, None);
        world.set(stone, Spot(at));
        Outcome::done()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Schema)]
pub(super) struct Make;

impl Action for Make {
    const NAME: &'static str = "make";
    type Rejection = Never;
    type Plan = ();

    fn validate(&self, _me: Actor, _world: &Look<'_>) -> Result<(), Never> {
        Ok(())
    }

    fn apply((): (), me: Actor, world: &mut Change<'_>) -> Outcome {
        let stone = world.spawn(STONE, Some(me.character));
        Outcome::number(u32::try_from(stone.0).unwrap())
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Schema)]
pub(super) struct Crush {
    pub(super) stone: EntityId,
}

impl Action for Crush {
    const NAME: &'static str = "crush";
    type Rejection = CannotHave;
    type Plan = EntityId;

    fn validate(&self, me: Actor, world: &Look<'_>) -> Result<EntityId, CannotHave> {
        mine(self.stone, me, world)
    }

    fn apply(stone: EntityId, _me: Actor, world: &mut Change<'_>) -> Outcome {
        world.despawn(stone);
        Outcome::done()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Schema)]
pub(super) struct Train {
    pub(super) to: u32,
}

impl Action for Train {
    const NAME: &'static str = "train";
    type Rejection = Never;
    type Plan = u32;

    fn validate(&self, _me: Actor, _world: &Look<'_>) -> Result<u32, Never> {
        Ok(self.to)
    }

    fn apply(to: u32, me: Actor, world: &mut Change<'_>) -> Outcome {
        world.set(me.character, Strength(to));
        Outcome::done()
    }
}

/// Its plan is wrong: it panics in the middle of its effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Schema)]
pub(super) struct Stumble;

impl Action for Stumble {
    const NAME: &'static str = "stumble";
    type Rejection = Never;
    type Plan = ();

    fn validate(&self, _me: Actor, _world: &Look<'_>) -> Result<(), Never> {
        Ok(())
    }

    fn apply((): (), me: Actor, world: &mut Change<'_>) -> Outcome {
        world.set(me.character, Spot(0));
        panic!("stumbled");
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Schema)]
pub(super) struct Count;

impl Action for Count {
    const NAME: &'static str = "count";
    type Rejection = Never;
    type Plan = usize;

    fn validate(&self, me: Actor, world: &Look<'_>) -> Result<usize, Never> {
        Ok(world.belongings(me.character).count() - 1)
    }

    fn apply(count: usize, _me: Actor, _world: &mut Change<'_>) -> Outcome {
        Outcome::reply(&count)
    }
}

fn mine(stone: EntityId, me: Actor, world: &Look<'_>) -> Result<EntityId, CannotHave> {
    let is_mine = world.kind(stone) == Some(STONE) && world.home(stone) == Some(me.character);
    if is_mine { Ok(stone) } else { Err(CannotHave::NotYours) }
}
