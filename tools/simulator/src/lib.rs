//! The whole core under every fault, in one thread: a seed is a run.
//!
//! A run has servers (world machine, hub, poison guard), a database (a model of the tables and of `flush_tick`), a
//! network and clients (the client's core), all of them stepped event by event. Time, randomness and every fault follow
//! from the seed, so a run that fails can be had again, and its list of faults cut down to those that matter.
//!
//! Read the modules in this order:
//!
//! 1. [`fault`] and [`point`]: what can go wrong, and where; [`plan`]: a run as plain data.
//! 2. [`process`] and [`model_store`]: a server without threads, a store without a database. Tests that step by hand
//!    stand on the same two.
//! 3. [`run`]: one run, and its checks.
//! 4. [`shrink`]: the shortest plan that still fails; [`campaign`]: many seeds.

mod agenda;
pub mod campaign;
mod database;
pub mod fault;
pub mod game;
mod host;
pub mod model_store;
mod network;
pub mod plan;
mod player;
pub mod point;
pub mod process;
pub mod run;
pub mod shrink;
pub mod snapshot;
pub mod trace;
mod workload;

pub use model_store::ModelStore;
pub use plan::Plan;
pub use run::{Options, Outcome, Stage};
