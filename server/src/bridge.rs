//! The bridge: the one place where the world, threads and tasks meet.
//!
//! Around the state machines it puts what they do without: the world's thread (at its own pace), the hub's task (all
//! deciding in front of the world), the store's task (the writer's connection, never cancelled), and a task per load
//! of a character. Every channel between them is bounded:
//!
//! | channel | bound | when full |
//! |---|---|---|
//! | sockets → hub | 4,096 events | the socket waits, and with it its reads |
//! | hub → world | 10,000 actions and 8 events a session | cannot be: the front refuses actions before; the process stops |
//! | world → hub | 4 ticks | the world waits |
//! | hub ↔ store | 1 request | cannot be: one is under way at most |

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc as world_channel;
use std::time::Duration;

use holdfast_front::{FrontEffect, FrontEvent};
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

/// How often the hub is told that time has passed.
const CLOCK_EVERY: Duration = Duration::from_millis(25);

/// How long the store may be away before nobody is to be sent here any more.
const UNREADY_AFTER: Duration = Duration::from_secs(30);

/// How many events of the hub the world's queue takes besides 10,000 actions, for each place in the server.
const EVENTS_PER_SESSION: usize = 8;

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
    /// How many sessions there may be.
    pub sessions_max: usize,
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
    #[error("the world cannot be written any more: {0}")]
    Stopped(StopReason),
    /// A tick panicked; what it did is speculation and dies with the process.
    #[error("a tick panicked")]
    TickPanicked,
    /// The world's thread or the store's task has ended, which only a panic of theirs does.
    #[error("the world's thread or the store's task has ended")]
    PartLost,
    /// The hub asked more of the world than it may.
    #[error("the world's queue is full")]
    WorldQueueFull,
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
        let bound = 10_000 + EVENTS_PER_SESSION * self.sessions_max;
        let (inputs, world_inputs) = world_channel::sync_channel(bound);
        let (outputs, world_outputs) = mpsc::channel(4);
        let world =
            WorldThread { machine: self.machine, inputs: world_inputs, outputs, leash: Arc::clone(&leash) };
        let tick = self.tick;
        let world = tokio::task::spawn_blocking(move || world.run(tick));
        let (requests, store_inbox) = mpsc::channel(1);
        let (store_outbox, replies) = mpsc::channel(1);
        let store = tokio::spawn(self.store.run(store_inbox, store_outbox));
        let task = HubTask {
            hub: self.hub,
            connections: self.connections,
            loader: self.loader,
            readiness: self.readiness,
            inputs,
            requests,
            leash: Arc::clone(&leash),
            effects: Vec::new(),
        };
        let stop_world = StopOnDrop(leash);
        let end = task.run(self.front_events, world_outputs, replies, self.stop).await;
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
    outputs: mpsc::Sender<WorldOutput>,
    leash: Arc<Leash>,
}

impl WorldThread {
    fn run(mut self, tick: Duration) {
        let mut pacer = Pacer::new(tick);
        loop {
            pacer.wait_next();
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
            while let Ok(input) = self.inputs.try_recv() {
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
    requests: mpsc::Sender<StoreRequest>,
    leash: Arc<Leash>,
    effects: Vec<HubEffect>,
}

impl HubTask {
    async fn run(
        mut self,
        mut front_events: mpsc::Receiver<FrontEvent>,
        mut world_outputs: mpsc::Receiver<WorldOutput>,
        mut replies: mpsc::Receiver<StoreReply>,
        mut stop: Stop,
    ) -> BridgeEnd {
        let mut timer = tokio::time::interval(CLOCK_EVERY);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
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
                _ = timer.tick() => HubEvent::Clock,
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
        let (loader, inputs, since) = (self.loader.clone(), self.inputs.clone(), self.hub.mark());
        tokio::spawn(async move {
            let load = loader.load(request.character, request.account, since).await;
            // A world that has come down meanwhile, or has no room, wants no load; the client asks again.
            let _ = inputs.try_send(WorldInput::Loaded {
                character: request.character,
                asked: request.number,
                load,
            });
        });
    }

    fn carry_out(&mut self) -> Result<(), BridgeEnd> {
        for effect in self.effects.drain(..) {
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
                    if self.inputs.try_send(WorldInput::Event(event)).is_err() {
                        return Err(BridgeEnd::WorldQueueFull);
                    }
                }
                HubEffect::Store(request) => {
                    if self.requests.try_send(request).is_err() {
                        unreachable!("the writer has one request under way at most");
                    }
                }
                HubEffect::Stop(reason) => return Err(BridgeEnd::Stopped(reason)),
            }
        }
        Ok(())
    }
}
