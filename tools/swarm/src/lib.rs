//! Bots: load with honest figures, faults while they play, and a checker that believes only what clients saw.
//!
//! Read the modules in this order:
//!
//! 1. [`world`]: what bots know of the two worlds.
//! 2. [`stage`]: the world that they play in; [`http`], what they ask before they connect; [`crowd`], how they do.
//! 3. [`load`]: bots on a schedule, and what their players would have felt; [`usage`], what it cost.
//! 4. [`history`]: what clients did and saw; [`final_state`], what the database holds; [`checker`], whether every
//!    promise was kept.
//! 5. [`torture`]: faults while bots play, then the checker.

pub mod checker;
pub mod crowd;
pub mod final_state;
pub mod history;
pub mod http;
pub mod load;
pub mod stage;
pub mod torture;
pub mod usage;
pub mod world;
