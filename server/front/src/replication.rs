//! Replication: the public copy, and what each session is missing of it.
//!
//! In reading order: [`place`] (entities that are seen together, and when what of them changed) → [`known`] (an
//! entity with all its parts) → [`public_copy`] (the committed world, made from committed ticks alone) → [`delta`] (what of a view a client is missing) →
//! [`encode`] (each chunk once, for all who miss the same of it) → [`frame`] (one session's message, put together
//! from those bytes). [`history`] tells what a token of an earlier ownership is worth; [`interest`] is the game's rule
//! of who sees what.

pub(crate) mod delta;
pub(crate) mod encode;
pub(crate) mod frame;
pub(crate) mod history;
pub mod interest;
pub(crate) mod known;
pub(crate) mod place;
pub(crate) mod public_copy;
