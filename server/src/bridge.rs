//! The bridge: the one place where the world, threads and tasks meet.
//!
//! Around the state machines it puts what they do without: the world's thread (at its own pace), the hub's task (all
//! deciding in front of the world), the store's task (the writer's connection, never cancelled), and a task per load
//! of a character. Every channel between them is bounded:
//!
//! | channel | bound | when full |
//! |---|---|---|
//! | sockets → hub | 4,096 events | the socket waits, and with it its reads |
//! | hub → world | what the front lets through ([`Limits::world_inputs_max`]) | cannot be; should it be, the process stops |
//! | world → hub | 4 ticks | the world waits |
//! | loads → hub | 64 characters | the load's task waits, and no load is lost |
//! | hub ↔ store | 1 request | cannot be: one is under way at most |
//!
//! [`Limits::world_inputs_max`]: holdfast_front::Limits::world_inputs_max

#[cfg(feature = "sabotage")]
mod half_open;
mod hub_task;
mod world_thread;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc as world_channel;
use std::time::Duration;

use holdfast_front::FrontEvent;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use self::hub_task::HubTask;
use self::world_thread::{Leash, StopOnDrop, WorldThread};
use crate::http::liveness::Pulse;
use crate::http::readiness::Readiness;
use crate::hub::Hub;
use crate::persistence::loader::CharacterLoader;
use crate::persistence::postgres::PostgresStore;
use crate::persistence::store::StoreReply;
use crate::persistence::writer::StopReason;
use crate::poison::Failure;
use crate::shutdown::Stop;
use crate::socket::connections::Connections;
use crate::socket::entrance::Entrance;
use crate::telemetry::meter::Meter;
use crate::tick::WorldMachine;

/// How many loaded characters may wait for the hub.
const LOADED_MAX: usize = 64;

/// How long a request that is with the store is waited for when nobody needs its answer any more. Then it is given up, and
/// its connection with it: whether it was committed is found out by whoever owns the world next.
const REQUEST_WAIT: Duration = Duration::from_secs(1);

/// How long the world's thread is waited for. Where a tick never ends, it is left to itself.
const TICK_WAIT: Duration = Duration::from_secs(1);

/// What the bridge ties together.
pub struct Bridge {
    /// The world, loaded.
    pub machine: WorldMachine,
    /// Writer and front.
    pub hub: Hub,
    /// The writer's connection, which holds the world's advisory lock.
    pub store: PostgresStore,
    /// Loads characters.
    pub loader: CharacterLoader,
    /// Where messages for sockets go.
    pub connections: Arc<Connections>,
    /// Where it is told that nobody is let in any more.
    pub entrance: Arc<Entrance>,
    /// Where it is told whether the world can be played.
    pub readiness: Readiness,
    /// Where the world's thread says that it lives.
    pub pulse: Pulse,
    /// Where it is written down how long things took.
    pub meter: Arc<Meter>,
    /// Says when the server is to stop.
    pub stop: Stop,
    /// How long a tick lasts.
    pub tick: Duration,
    /// How much the world may be asked between two ticks: [`holdfast_front::Limits::world_inputs_max`].
    pub world_inputs_max: usize,
}

/// Why the bridge came down.
#[derive(Debug, thiserror::Error)]
pub enum BridgeEnd {
    /// As asked, with everything written.
    #[error("drained")]
    Drained,
    /// As asked, but the last flush did not come back in time. Nobody was told of what it held.
    #[error("stopped before the last flush was answered; what it held had not been acknowledged")]
    DrainTimedOut,
    /// A tick panicked, or a batch can never be written: what is not durable dies, and the world may be loaded anew.
    #[error("{0}")]
    Failed(Failure),
    /// The writer may not go on.
    #[error("the world cannot be written any more")]
    Stopped(#[source] StopReason),
    /// The world's thread or the store's task has ended, which only a panic of theirs does.
    #[error("the world's thread or the store's task has ended")]
    PartLost,
    /// The hub asked more of the world than it may.
    #[error("the world's queue is full")]
    WorldQueueFull,
}

impl BridgeEnd {
    /// Whether the same process, started again unchanged, may go on with the world.
    pub(crate) fn may_start_again(&self) -> bool {
        match self {
            // It was asked to stop.
            Self::Drained | Self::DrainTimedOut => false,
            Self::Stopped(reason) => reason.may_start_again(),
            Self::Failed(_) | Self::PartLost | Self::WorldQueueFull => true,
        }
    }
}

/// What a bridge that came down leaves behind.
pub struct Remains {
    world: JoinHandle<()>,
    store: JoinHandle<PostgresStore>,
    replies: mpsc::Receiver<StoreReply>,
    pulse: Pulse,
}

impl Remains {
    /// Waits for what is still at work, a second or two at most, and hands the store back for whatever comes next; none
    /// where its task has panicked.
    pub async fn store(mut self) -> Option<PostgresStore> {
        let _ = timeout(TICK_WAIT, self.world).await;
        self.pulse.rest();
        // The store's task ends by itself now that nobody can ask it any more.
        let store = match timeout(REQUEST_WAIT, &mut self.store).await {
            Ok(store) => store,
            Err(_) => {
                drop(self.replies);
                self.store.await
            }
        };
        store.ok()
    }
}

impl Bridge {
    /// Runs the world until it is drained or cannot go on. `front_events` is what sockets say under this ownership.
    pub async fn run(self, front_events: &mut mpsc::Receiver<FrontEvent>) -> (BridgeEnd, Remains) {
        let leash = Arc::new(Leash::default());
        leash.durable.store(self.hub.durable().0, Ordering::Release);
        let inputs_max = self.world_inputs_max;
        let (inputs, world_inputs) = world_channel::sync_channel(inputs_max);
        let (outputs, world_outputs) = mpsc::channel(4);
        let world = WorldThread {
            machine: self.machine,
            inputs: world_inputs,
            inputs_max,
            outputs,
            leash: Arc::clone(&leash),
            pulse: self.pulse.clone(),
            meter: Arc::clone(&self.meter),
        };
        let tick = self.tick;
        let world = tokio::task::spawn_blocking(move || world.run(tick));
        let (requests, store_inbox) = mpsc::channel(1);
        let (store_outbox, mut replies) = mpsc::channel(1);
        let store = tokio::spawn(self.store.run(store_inbox, store_outbox));
        let (loaded, world_loads) = mpsc::channel(LOADED_MAX);
        let task = HubTask {
            hub: self.hub,
            connections: self.connections,
            entrance: self.entrance,
            loader: self.loader,
            readiness: self.readiness,
            meter: self.meter,
            inputs,
            loaded,
            requests,
            leash: Arc::clone(&leash),
            effects: Vec::new(),
        };
        let stop_world = StopOnDrop(leash);
        let end = task.run(front_events, world_outputs, world_loads, &mut replies, self.stop).await;
        drop(stop_world);
        (end, Remains { world, store, replies, pulse: self.pulse })
    }
}
