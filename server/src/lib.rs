//! Holdfast: an authoritative world server that never lets go of what it has acknowledged.

pub mod action;
pub mod app;
pub(crate) mod collect;
pub mod persistence;
pub mod rehearsal;
pub mod schedule;
pub mod tick;
pub mod world;

pub use action::{Action, Actor, Outcome};
pub use app::located::Located;
pub use app::replicate::Replicate;
pub use app::{App, Game};
pub use holdfast_front::{Audience, Interest, Pace};
pub use holdfast_protocol as protocol;
pub use rehearsal::Rehearsal;
pub use schedule::Simulate;
pub use tick::{LoadNumber, LoadRequest, TickOutput, WorldInput, WorldMachine};
pub use world::{Change, Look};

/// What the macros name.
#[doc(hidden)]
pub mod macro_support {
    pub use bevy_ecs::world::World;
    pub use holdfast_front::Pace;
    pub use holdfast_protocol::{Code, CodeEntry};
    pub use postcard_schema::Schema;
    pub use postcard_schema::schema::NamedType;
    pub use serde;
}
