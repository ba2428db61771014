//! A run, as plain data: the seed that everything else is drawn from, and what goes wrong in it.

mod draw;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// How many clients a run has at most: those of one group of the ledger, so that all see each other.
pub const CLIENTS_MAX: u8 = 8;

/// What is to be simulated. It can be printed, read back, and cut down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What everything is drawn from that the plan does not say.
    pub seed: u64,
    /// How many clients play; at most [`CLIENTS_MAX`].
    pub clients: u8,
    /// For how many ticks the world runs before the faults are over.
    pub ticks: u32,
    /// What the world is when the run begins.
    pub begins: Begins,
    /// Whether a second server stands by from the beginning.
    pub standby: bool,
    /// Whether characters leave the world soon after their connection is lost, and sessions are forgotten soon.
    pub short_stays: bool,
    /// Whether the server takes so few actions at a time that it turns many away as too many.
    #[serde(default)]
    pub crowded: bool,
    /// What goes wrong, in the order of the moments from which on it may.
    pub faults: Vec<Fault>,
}

/// What a world is when a run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Begins {
    /// Nobody has owned it.
    Empty,
    /// Its tapes are there, and nobody has ever played.
    LaidOut,
    /// Everybody has played before.
    Settled,
}
