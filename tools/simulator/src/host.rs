//! A server's machine in the simulation: whether a process runs on it, and how far that has come.

use std::collections::VecDeque;

use holdfast::hub::HubEffect;
use holdfast::persistence::loaded::LoadedWorld;
use holdfast::persistence::store::{StoreReply, WorldMark};
use holdfast::poison::PoisonGuard;
use holdfast::{LoadRequest, WorldInput};
use holdfast_front::Moment;
use holdfast_protocol::Epoch;

use crate::database::Backend;
use crate::fault::Usurping;
use crate::process::Process;

/// What can happen to a server.
pub(crate) enum HostEvent {
    /// Its process is started.
    Start,
    /// It looks whether the world is free.
    Poll,
    /// It takes its world anew, in a reload.
    Retake,
    /// The world that it has taken is read.
    Loaded { term: u64 },
    /// The world's next tick is due.
    Tick { term: u64 },
    /// The hub is told that time has passed.
    Clock { term: u64 },
    /// The store has answered.
    Reply { request: u64, reply: StoreReply },
    /// The new connection stands: now the old backends are ended and the world's row is read.
    Reconnect { request: u64 },
    /// A load of a character reaches the database.
    Read { request: LoadRequest, since: WorldMark },
    /// And its answer the server.
    Answer(WorldInput),
    /// A message of a client has come.
    Heard(usize),
    /// A connection is lost.
    LinkLost(usize),
    /// A client has read: the socket can take more.
    Drained(usize),
    /// It is told to stop.
    Drain,
    /// A process that drains looks whether everything is written.
    MayEnd { since: Moment },
}

/// How far a process has come.
pub(crate) enum State {
    /// There is none.
    Down,
    /// It waits for the world.
    Standby,
    /// It has taken the world and reads it.
    Loading { loaded: Box<LoadedWorld>, taken: Moment },
    /// It owns the world.
    Owning { process: Box<Process>, epoch: Epoch },
    /// What it had loaded is of no use any more; it is about to take the world anew.
    Reloading,
}

/// A server's machine.
pub(crate) struct Host {
    /// The number of its process: another one with each start and each end.
    pub(crate) life: u64,
    /// The number of its ownership within the run: another one with each.
    pub(crate) term: u64,
    pub(crate) state: State,
    /// Whether its process is stopped, and whatever comes waits.
    pub(crate) is_frozen: bool,
    pub(crate) kept_back: VecDeque<(u64, HostEvent)>,
    /// What the hub has asked for and nobody has carried out yet: empty but within a step, or in a frozen process.
    pub(crate) outbox: VecDeque<HubEffect>,
    /// After how many more messages the gate counts as half open, where that matters.
    pub(crate) half_open_in: Option<usize>,
    /// The writer's connection; none after any doubt.
    pub(crate) backend: Option<Backend>,
    /// Connections that were given up, and may still be at work.
    pub(crate) older_backends: Vec<Backend>,
    /// The request that waits for its answer.
    pub(crate) request: Option<u64>,
    /// Whether that is a flush.
    pub(crate) is_flushing: bool,
    /// Since when it has found the world's lock free.
    pub(crate) free_since: Option<Moment>,
    /// How it takes the world from its owner.
    pub(crate) usurps: Option<Usurping>,
    pub(crate) guard: PoisonGuard,
    /// Whether the database has told it that it may not go on.
    pub(crate) was_told_off: bool,
    pub(crate) drains: bool,
}

impl Host {
    pub(crate) fn new() -> Self {
        Self {
            life: 0,
            term: 0,
            state: State::Down,
            is_frozen: false,
            kept_back: VecDeque::new(),
            outbox: VecDeque::new(),
            half_open_in: None,
            backend: None,
            older_backends: Vec::new(),
            request: None,
            is_flushing: false,
            free_since: None,
            usurps: None,
            guard: PoisonGuard::new(),
            was_told_off: false,
            drains: false,
        }
    }

    /// The process that owns the world here.
    pub(crate) fn process(&self) -> Option<&Process> {
        match &self.state {
            State::Owning { process, .. } => Some(process),
            _ => None,
        }
    }

    /// The same, to be stepped.
    pub(crate) fn process_mut(&mut self) -> Option<&mut Process> {
        match &mut self.state {
            State::Owning { process, .. } => Some(process),
            _ => None,
        }
    }

    /// The flush that waits for its answer.
    pub(crate) fn flush(&self) -> Option<u64> {
        self.request.filter(|_| self.is_flushing)
    }

    /// Whether a process runs.
    pub(crate) fn is_up(&self) -> bool {
        !matches!(self.state, State::Down)
    }
}
