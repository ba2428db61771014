//! Bots: load with honest figures, and faults while they play, with the checker's findings in the end.
//!
//! Read the modules in this order:
//!
//! 1. [`world`]: what bots know of the two worlds.
//! 2. [`stage`]: the world that they play in; [`http`], what they ask before they connect; [`crowd`], how they do.
//! 3. [`load`]: bots on a schedule, and what their players would have felt; [`usage`], what it cost; [`staff`], what the
//!    server measured of itself. [`transfer`]: clients that wait for answers alone, and what others make of the same PostgreSQL.
//! 4. `players`, bots at an even pace for the rest; `by_hand`, clients that are driven by hand; `narrow`, connections for
//!    those who do not keep up; `trial`, what they did held against the database; `lateness`, whether this process kept up.
//! 5. [`storm`]: everybody is cut off at once, and comes back; [`deaf`]: half of the crowd stops reading; [`frames`]:
//!    clients that send what must have no effect.
//! 6. [`torture`]: faults while bots play; [`final_state`], what the database holds when they are over, and
//!    `journal`, what was committed on the way; then the checker (holdfast-checker) says whether every promise was kept.
//! 7. [`check`]: the same of a history that was saved.
//! 8. [`sabotage`]: whether all of this would notice a server that breaks its promises.

mod by_hand;
pub mod check;
pub mod crowd;
pub mod deaf;
pub mod final_state;
pub mod frames;
pub mod http;
mod journal;
mod lateness;
pub mod load;
mod narrow;
mod players;
pub mod sabotage;
pub mod staff;
pub mod stage;
pub mod storm;
pub mod times;
pub mod torture;
pub mod transfer;
mod trial;
pub mod usage;
pub mod world;
