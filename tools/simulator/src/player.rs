//! A simulated player: a client, what it is told, and what it is about to do.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_client::{Addresses, Backoff, ClientCore};
use holdfast_front::{Account, Moment};
use holdfast_protocol::{ActionName, EntityId, Seq};
use rand::rngs::StdRng;

use crate::game::Way;

/// What can happen to a client.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PlayerEvent {
    /// It looks what there is to do.
    Wake,
    /// A message has come.
    Arrived(usize),
    /// Its connection has ended.
    LinkLost(usize),
    /// It reads again.
    Hear,
}

/// A player.
pub(crate) struct Player {
    pub(crate) account: Account,
    pub(crate) character: EntityId,
    pub(crate) core: ClientCore,
    pub(crate) addresses: Addresses,
    pub(crate) backoff: Backoff,
    pub(crate) rng: StdRng,
    pub(crate) link: Option<usize>,
    /// When it tries to connect, where it has no connection.
    pub(crate) retry_at: Moment,
    pub(crate) is_deaf: bool,
    pub(crate) hears_at: Moment,
    pub(crate) lag: Duration,
    pub(crate) acts_at: Moment,
    pub(crate) entry_count: u64,
    /// What it is to ask for that goes wrong.
    pub(crate) blunder: Option<Way>,
    /// What it has asked for that goes wrong.
    pub(crate) blunders: Vec<ActionName>,
    /// Which tapes it has asked to read, and by which actions that have no answer yet.
    pub(crate) reads: BTreeMap<Seq, EntityId>,
    /// The action that it must complete when the faults are over, and whether it has.
    pub(crate) fresh: Option<ActionName>,
    pub(crate) is_done: bool,
    /// Whether it has left, and waits to come back.
    pub(crate) is_away: bool,
}
