//! What things and people are made of. Each component has a file: what it is, its row, and its twin on the wire.
//!
//! The parts' tags, which clients know: 1 [`Position`], 2 [`Looks`], 3 [`Vitals`], 4 [`Item`], 5 [`Carried`],
//! 6 [`Utterance`], 7 [`Asleep`].

mod asleep;
mod carried;
mod item;
mod looks;
mod position;
mod utterance;
mod vitals;

pub use asleep::{Asleep, AsleepWire};
pub use carried::{BAG_SLOTS, Carried, CarriedWire};
pub use item::{Item, ItemKind, ItemWire};
pub use looks::{Looks, LooksWire};
pub use position::{Position, PositionWire};
pub use utterance::{Utterance, UtteranceWire};
pub use vitals::{VITALS_MAX, Vitals, VitalsWire};

#[cfg(test)]
mod tests;
