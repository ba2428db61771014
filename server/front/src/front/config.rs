//! What a front is told when it is made.

use std::sync::Arc;

use holdfast_protocol::{BuildId, Epoch, EpochTag, Tick, WorldId};

use crate::event::Pace;
use crate::replication::history::EpochEnd;
use crate::replication::interest::Interest;
use crate::session::limits::Limits;
use crate::trust::Trust;

/// What a front must know of the world, the ownership and the game.
#[derive(Clone)]
pub struct FrontConfig {
    /// The world.
    pub world: WorldId,
    /// The ownership under which it runs.
    pub epoch: Epoch,
    /// That ownership's random tag.
    pub tag: EpochTag,
    /// The tick at which the ownership begins: already durable, greater than the end of every earlier ownership, and
    /// the tick as whose changes the load is handed in.
    pub start: Tick,
    /// Where each earlier ownership ended.
    pub history: Vec<EpochEnd>,
    /// The key with which resume tokens are signed; the same for all ownerships.
    pub resume_key: [u8; 32],
    /// The server's build.
    pub build: BuildId,
    /// The game's rule of who sees what.
    pub interest: Arc<dyn Interest>,
    /// Reads an action (a verb's tag and payload) as far as to tell how often a session may do it; none where it
    /// cannot be read.
    pub inspect_action: fn(&[u8]) -> Option<Pace>,
    /// How many connections may play, or wait to, at a time.
    pub session_capacity: usize,
    /// How long a tick lasts, in milliseconds.
    pub tick_ms: u16,
    /// Where the world's servers are reached, this one's own address first; every Welcome says it.
    pub addresses: Arc<[String]>,
    /// Whether the owner may speak for the world. While it may not, nobody is told anything of it.
    pub trust: Arc<Trust>,
    /// The numbers by which sessions live.
    pub limits: Limits,
}
