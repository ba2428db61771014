//! Holdfast: an authoritative world server that never lets go of what it has acknowledged.
//!
//! The engine is a library; a game is built on it (`holdfast::run::<MyGame>()`) and knows nothing of sockets or the
//! database. What a tick does is decided by state machines that wait for nothing; what waits is around them.
//!
//! The data path, in reading order:
//!
//! 1. [`socket`] and [`auth`]: a frame comes in, from somebody who is who they say.
//! 2. `holdfast_front`: whose it is, and whether they are too fast. Then it waits in the world's queue.
//! 3. [`tick`]: the world machine. [`schedule`] names the order inside a tick; [`action`] decides what is asked;
//!    [`world`] is what rules see; [`app`] is what a game declares; `collect` turns what changed into two values.
//! 4. [`persistence`]: one of them becomes rows that PostgreSQL has committed.
//! 5. [`hub`]: the other waits at the gate for that, and then goes out to people.
//! 6. [`poison`]: what is done where a tick panics or a batch can never be written.
//! 7. [`bridge`]: the threads and tasks around all this. [`http`], [`clock`], [`config`], [`telemetry`],
//!    [`shutdown`] serve it; [`run`](mod@run) is the command line.
//!
//! [`rehearsal`] runs a game's world by hand, for the game's own tests.

pub mod action;
pub mod app;
pub mod auth;
pub mod bridge;
pub mod clock;
pub(crate) mod collect;
pub mod config;
pub mod http;
pub mod hub;
pub mod persistence;
pub mod poison;
pub mod rehearsal;
pub mod run;
pub mod schedule;
pub mod shutdown;
pub mod socket;
pub mod telemetry;
pub mod tick;
pub mod world;

pub use action::{Action, Actor, Outcome};
pub use app::content::ContentFile;
pub use app::located::Located;
pub use app::replicate::Replicate;
pub use app::{App, Game};
#[cfg(feature = "sabotage")]
pub use holdfast_front::sabotage;
pub use holdfast_front::{Audience, Interest, Pace};
pub use holdfast_protocol as protocol;
pub use rehearsal::Rehearsal;
pub use run::run;
pub use schedule::Simulate;
pub use tick::{LoadNumber, LoadRequest, TickOutput, WorldInput, WorldMachine};
pub use world::{Change, Look};

/// What the macros name.
#[doc(hidden)]
pub mod macro_support {
    pub use bevy_ecs::world::World;
    pub use holdfast_front::Pace;
    pub use holdfast_protocol::{Code, CodeEntry, encode};
    pub use postcard_schema::Schema;
    pub use postcard_schema::schema::NamedType;
    pub use serde;
}
