//! Bots: load with honest figures, and faults while they play, with the checker's findings in the end.
//!
//! Read the modules in this order:
//!
//! 1. [`world`]: what bots know of the two worlds.
//! 2. [`stage`]: the world that they play in; [`http`], what they ask before they connect; [`crowd`], how they do.
//! 3. [`load`]: bots on a schedule, and what their players would have felt; [`usage`], what it cost.
//! 4. [`torture`]: faults while bots play; [`final_state`], what the database holds when they are over; then the
//!    checker (holdfast-checker) says whether every promise was kept.
//! 5. [`sabotage`]: whether all of this would notice a server that breaks its promises.

pub mod crowd;
pub mod final_state;
pub mod http;
pub mod load;
pub mod sabotage;
pub mod stage;
pub mod torture;
pub mod usage;
pub mod world;
