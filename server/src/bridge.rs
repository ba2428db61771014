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

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc as world_channel;
use std::time::Duration;

use holdfast_front::{FrontEffect, FrontEvent, Moment};
use holdfast_protocol::Tick;
use tokio::sync::mpsc;

use crate::clock::{self, Pacer};
use crate::http::readiness::{Readiness, ReadinessState};
use crate::hub::{Hub, HubEffect, HubEvent, TICKS_AHEAD_MAX};
use crate::persistence::loader::CharacterLoader;
use crate::persistence::postgres::PostgresStore;
use crate::persistence::store::{StoreReply, StoreRequest};
use crate::persistence::writer::StopReason;
use crate::shutdown::Stop;
use crate::socket::connections::{Connections, Outbound};
use crate::tick::{LoadRequest, TickOutput, WorldInput, WorldMachine};

/// How long a drained server waits for its last flush.
const DRAIN_WAIT: Duration = Duration::from_secs(10);

/// How often the hub is told that time has passed, if the writer does not want to know it earlier.
const CLOCK_EVERY: Duration = Duration::from_millis(25);

/// How long the store may be away before nobody is to be sent here any more.
const UNREADY_AFTER: Duration = Duration::from_secs(30);

/// How many loaded characters may wait for the hub.
const LOADED_MAX: usize = 64;

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
    /// What sockets say.
    pub front_events: mpsc::Receiver<FrontEvent>,
    /// Where it is told whether the world can be played.
    pub readiness: Readiness,
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
    /// The writer may not go on.
    #[error("the world cannot be written any more")]
    Stopped(#[source] StopReason),
    /// A tick panicked; what it did is speculation and dies with the process. The fault is the game's, or ours.
    #[error("a tick panicked")]
    TickPanicked,
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
            Self::TickPanicked | Self::PartLost | Self::WorldQueueFull => true,
        }
    }
}

/// How far the world may go: shared by the hub, which says, and the world's thread, which obeys.
#[derive(Default)]
struct Leash {
    durable: AtomicU64,
    gate_full: AtomicBool,
    stop: AtomicBool,
}

impl Leash {
    fn allows(&self, next: Tick) -> bool {
        let durable = Tick(self.durable.load(Ordering::Acquire));
        next.since(durable) <= TICKS_AHEAD_MAX && !self.gate_full.load(Ordering::Acquire)
    }
}

/// Stops the world's thread also where the hub panics: the process could not end before it.
struct StopOnDrop(Arc<Leash>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Release);
    }
}

impl Bridge {
    /// Runs the world until it is drained or cannot go on.
    pub async fn run(self) -> BridgeEnd {
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
        };
        let tick = self.tick;
        let world = tokio::task::spawn_blocking(move || world.run(tick));
        let (requests, store_inbox) = mpsc::channel(1);
        let (store_outbox, replies) = mpsc::channel(1);
        let store = tokio::spawn(self.store.run(store_inbox, store_outbox));
        let (loaded, world_loads) = mpsc::channel(LOADED_MAX);
        let task = HubTask {
            hub: self.hub,
            connections: self.connections,
            loader: self.loader,
            readiness: self.readiness,
            inputs,
            loaded,
            requests,
            leash: Arc::clone(&leash),
            effects: Vec::new(),
        };
        let stop_world = StopOnDrop(leash);
        let end = task.run(self.front_events, world_outputs, world_loads, replies, self.stop).await;
        drop(stop_world);
        // The store's task ends by itself now that nobody can ask it any more: it is never cancelled in a request.
        let _ = tokio::time::timeout(DRAIN_WAIT, store).await;
        let _ = world.await;
        end
    }
}

/// What a tick's thread hands to the hub.
enum WorldOutput {
    Ticked(Box<TickOutput>),
    Panicked,
}

/// The world's own thread.
struct WorldThread {
    machine: WorldMachine,
    inputs: world_channel::Receiver<WorldInput>,
    inputs_max: usize,
    outputs: mpsc::Sender<WorldOutput>,
    leash: Arc<Leash>,
}

impl WorldThread {
    fn run(mut self, tick: Duration) {
        let mut pacer = Pacer::new(tick);
        loop {
            let late = pacer.wait_next();
            if late > tick {
                tracing::debug!(late_ms = late.as_millis(), "a tick begins late");
            }
            while !self.leash.allows(self.machine.now().next()) {
                if self.leash.stop.load(Ordering::Acquire) {
                    return;
                }
                // The world stands still; the sockets go on being read. A millisecond is a fiftieth of a tick.
                clock::pause(Duration::from_millis(1));
            }
            if self.leash.stop.load(Ordering::Acquire) {
                return;
            }
            // Not more than one tick's worth, so that what the world could not take in is bounded too.
            for input in self.inputs.try_iter().take(self.inputs_max) {
                self.machine.push(input);
            }
            let durable = Tick(self.leash.durable.load(Ordering::Acquire));
            let ran = catch_unwind(AssertUnwindSafe(|| self.machine.tick(durable)));
            let output = match ran {
                Ok(output) => WorldOutput::Ticked(Box::new(output)),
                Err(_) => WorldOutput::Panicked,
            };
            let panicked = matches!(output, WorldOutput::Panicked);
            if self.outputs.blocking_send(output).is_err() || panicked {
                return;
            }
        }
    }
}

/// The hub's task.
struct HubTask {
    hub: Hub,
    connections: Arc<Connections>,
    loader: CharacterLoader,
    readiness: Readiness,
    inputs: world_channel::SyncSender<WorldInput>,
    loaded: mpsc::Sender<WorldInput>,
    requests: mpsc::Sender<StoreRequest>,
    leash: Arc<Leash>,
    effects: Vec<HubEffect>,
}

impl HubTask {
    async fn run(
        mut self,
        mut front_events: mpsc::Receiver<FrontEvent>,
        mut world_outputs: mpsc::Receiver<WorldOutput>,
        mut world_loads: mpsc::Receiver<WorldInput>,
        mut replies: mpsc::Receiver<StoreReply>,
        mut stop: Stop,
    ) -> BridgeEnd {
        let mut next_clock = clock::now();
        let mut drain_began = None;
        loop {
            // Commits first: they free the world and let out what waits.
            let event = tokio::select! {
                biased;
                reply = replies.recv() => match reply {
                    Some(reply) => HubEvent::Store(reply),
                    None => return BridgeEnd::PartLost,
                },
                output = world_outputs.recv() => match output {
                    Some(WorldOutput::Ticked(output)) => self.ticked(*output),
                    Some(WorldOutput::Panicked) => return BridgeEnd::TickPanicked,
                    None => return BridgeEnd::PartLost,
                },
                () = stop.requested(), if drain_began.is_none() => {
                    drain_began = Some(clock::now());
                    HubEvent::Front(FrontEvent::Drain)
                }
                () = until(self.hub.wakes_at().map_or(next_clock, |at| at.min(next_clock))) => {
                    next_clock = clock::now() + CLOCK_EVERY;
                    HubEvent::Clock
                }
                Some(load) = world_loads.recv() => {
                    if let Err(end) = self.put_to_world(load) {
                        return end;
                    }
                    continue;
                }
                Some(event) = front_events.recv() => HubEvent::Front(event),
            };
            self.hub.step(clock::now(), event, &mut self.effects);
            if let Err(end) = self.carry_out() {
                return end;
            }
            self.leash.durable.store(self.hub.durable().0, Ordering::Release);
            self.leash.gate_full.store(self.hub.gate_is_full(), Ordering::Release);
            self.tell_readiness(drain_began.is_some());
            if let Some(began) = drain_began {
                let waited = clock::now().since(began);
                // Two ticks see to it that the leaves of all sessions have been drained and collected.
                if waited > Duration::from_millis(200) && self.hub.is_settled() {
                    return BridgeEnd::Drained;
                }
                if waited > DRAIN_WAIT {
                    return BridgeEnd::DrainTimedOut;
                }
            }
        }
    }

    fn tell_readiness(&self, draining: bool) {
        let stalled = self.hub.front().stalled_for(clock::now()) > UNREADY_AFTER;
        self.readiness.set(if draining || stalled {
            ReadinessState::NotReady
        } else {
            ReadinessState::Ready
        });
    }

    /// Splits a tick's output: loads go to tasks of their own, the rest is the hub's.
    fn ticked(&self, output: TickOutput) -> HubEvent {
        for request in output.loads {
            self.load(request);
        }
        HubEvent::Ticked(output.changes, output.rows)
    }

    fn load(&self, request: LoadRequest) {
        let (loader, loaded, since) = (self.loader.clone(), self.loaded.clone(), self.hub.mark());
        tokio::spawn(async move {
            let LoadRequest { character, account, number: asked } = request;
            let load = loader.load(character, account, since).await;
            // Nobody minds where the world has come down meanwhile.
            let _ = loaded.send(WorldInput::Loaded { character, asked, load }).await;
        });
    }

    fn put_to_world(&self, input: WorldInput) -> Result<(), BridgeEnd> {
        match self.inputs.try_send(input) {
            Ok(()) => Ok(()),
            Err(world_channel::TrySendError::Full(_)) => Err(BridgeEnd::WorldQueueFull),
            // The world's thread has ended: its last word, that a tick panicked, is on its way to us.
            Err(world_channel::TrySendError::Disconnected(_)) => Ok(()),
        }
    }

    fn carry_out(&mut self) -> Result<(), BridgeEnd> {
        let mut effects = std::mem::take(&mut self.effects);
        for effect in effects.drain(..) {
            match effect {
                HubEffect::Front(FrontEffect::Send(conn, bytes)) => {
                    self.connections.deliver(conn, Outbound::Message(bytes));
                }
                HubEffect::Front(FrontEffect::Notice(conn, bytes)) => {
                    self.connections.deliver(conn, Outbound::Notice(bytes));
                }
                HubEffect::Front(FrontEffect::Close(conn, error)) => {
                    self.connections.deliver(conn, Outbound::Last(error));
                }
                HubEffect::Front(FrontEffect::Hangup(conn)) => {
                    self.connections.deliver(conn, Outbound::Hangup);
                }
                HubEffect::Front(FrontEffect::World(event)) => {
                    self.put_to_world(WorldInput::Event(event))?;
                }
                HubEffect::Store(request) => {
                    if self.requests.try_send(request).is_err() {
                        unreachable!("the writer has one request under way at most");
                    }
                }
                HubEffect::Stop(reason) => return Err(BridgeEnd::Stopped(reason)),
            }
        }
        // The room is kept for the next time.
        self.effects = effects;
        Ok(())
    }
}

/// Comes back at that moment; at once where it is over, however often this is begun anew.
async fn until(moment: Moment) {
    let left = moment.since(clock::now());
    if !left.is_zero() {
        tokio::time::sleep(left).await;
    }
}
