//! What the command and its generators say to each other: a line of JSON each.
//!
//! The command sends a [`Job`], hears [`Said`] from then on, and sends [`GO`] when all bots of all generators are in the
//! world. A generator whose standard input ends, ends.

use std::collections::VecDeque;
use std::time::Duration;

use holdfast_protocol::{BuildId, EntityId, Hello};
use serde::{Deserialize, Serialize};
use village::tile::Tile;

use super::super::behaviour::Behaviour;
use super::super::figures::Figures;
use crate::times::Times;
use crate::world::World;

/// The line by which a load begins.
pub(in super::super) const GO: &str = "go";

/// What a generator is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct Job {
    pub(in super::super) world: World,
    pub(in super::super) address: String,
    pub(in super::super) build: BuildId,
    pub(in super::super) behaviour: Behaviour,
    pub(in super::super) seed: u64,
    /// Actions a second, of each bot.
    pub(in super::super) rate: f64,
    /// Over how long connections are spread.
    pub(in super::super) ramp: Duration,
    /// How long the load lasts before it is measured.
    pub(in super::super) warmup: Duration,
    /// How long it is measured.
    pub(in super::super) duration: Duration,
    pub(in super::super) bots: Vec<BotJob>,
}

/// One bot of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in super::super) struct BotJob {
    pub(in super::super) character: EntityId,
    pub(in super::super) token: String,
    pub(in super::super) part: Part,
    /// The tiles that are its own; none where there is no ground.
    pub(in super::super) patch: Vec<Tile>,
    /// When its connection is cut, from the beginning of the load on.
    pub(in super::super) cuts: VecDeque<Duration>,
}

/// What a bot is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(in super::super) enum Part {
    /// Acts on a schedule, and sees what its neighbours do.
    Watcher,
    /// Acts on a schedule.
    Light,
    /// Waits for each answer before it goes on.
    Closed,
    /// Reads slowly, and does nothing.
    Slow,
}

/// What a generator says.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) enum Said {
    /// How far it is: how many bots are in the world, and the times of all answers so far that count.
    Progress {
        /// Bots that have had the world's state.
        playing: usize,
        /// From the intended time to the verdict.
        latency: Times,
    },
    /// All of its bots are in the world.
    Ready,
    /// All is over.
    Done(Box<Figures>),
    /// It cannot go on, and why.
    Failed(String),
}

impl BotJob {
    /// What it says first.
    pub(in super::super) fn hello(&self, build: BuildId) -> Hello {
        Hello {
            build,
            access_token: self.token.clone(),
            character: self.character,
            resume: None,
            held: None,
            oldest_unanswered: None,
        }
    }
}
