//! The checker: from what clients did and saw, and what is stored in the end, whether every promise was kept.
//!
//! It believes no server and no log: clients' histories and the final tables are all that it reads. Read [`history`]
//! (what clients did and saw), then [`mod@check`] (the invariants).

pub mod check;
pub mod history;

pub use check::{Beginning, FinalState, Finding, Findings, check};
pub use history::{End, History, Meaning, Recorder};
