//! What stands in front of the gate: truth, and how it reaches people.
//!
//! Behind the gate a world speculates; here nothing is known but what is committed. The crate depends on no ECS, no
//! SQL driver and no async runtime, so nothing in it can reach the speculating world:
//!
//! ```compile_fail
//! use bevy_ecs::prelude::World; // no such crate here
//! ```
//!
//! and nothing outside [`gate`] can make a [`Committed`]:
//!
//! ```compile_fail
//! let early = holdfast_front::Committed(7);
//! ```
//!
//! The data path, in reading order: [`changes`] (what a tick caused) → [`gate`] (waits until it is durable) →
//! [`replication`] (the public copy, and what each session is missing of it) → [`session`] (who is there, and what
//! goes to whom). [`front`] ties them into one synchronous state machine, `step(now, event) → effects`; [`event`] is
//! the closed list of all that can wake it and all that it can ask for.
//!
//! Beside the path stand two things that come in from outside: [`moment`], a reading of the clock, handed to every step;
//! and [`trust`], whether this owner may still speak for the world, which the writer extends, and front and sockets ask. [`bucket`] is how all of them limit a rate;
//! [`measurement`] is what operators are told of it.

pub mod bucket;
pub mod changes;
pub mod event;
#[cfg(feature = "sabotage")]
pub mod failpoint;
pub mod front;
pub mod gate;
pub mod measurement;
pub mod moment;
pub mod replication;
#[cfg(feature = "sabotage")]
pub mod sabotage;
pub mod session;
pub mod trust;

pub use bucket::Bucket;
pub use changes::{
    Account, Answer, AnswerKind, Attachment, Audience, CharacterGone, EntityChange, Fate, JoinOutcome,
    JoinRefusal, PartChange, TickChanges, TickTimes,
};
pub use event::{Conn, FrontEffect, FrontEvent, HelloRequest, JoinRequest, Pace, WorldEvent};
pub use front::{Front, FrontConfig};
pub use gate::{Committed, Gate};
pub use measurement::{ActionTimes, AnswerSort, Measurement};
pub use moment::Moment;
pub use replication::history::EpochEnd;
pub use replication::interest::Interest;
pub use session::limits::Limits;
pub use trust::Trust;
