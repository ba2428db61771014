//! The client's side of a Holdfast world, for anything that plays without a page: tests, bots, tools.
//!
//! The crate knows the protocol and no engine. Read the modules in this order:
//!
//! 1. [`copy`]: what a client holds of the world, kept current by frames.

pub mod copy;

pub use copy::{Divergence, WorldCopy};
