//! The front from outside: hand-made ticks go in, messages come out, and nothing else is there: no socket, no store,
//! no clock.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod chain;
mod delta_chain;
mod gate;
mod harness;
mod measured;
mod model;
mod outages;
mod rates;
mod replication;
mod resume;
mod sessions;
