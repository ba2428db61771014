//! One server process without its adapters: the world machine, the hub, the trust between them, and the mailbox in
//! which the world finds what it is asked.
//!
//! It is what [`holdfast::bridge`] ties together with threads and channels, tied together without them. Whoever steps
//! it carries out what it asks for: requests to the store, messages to connections.

use std::sync::Arc;
use std::time::Duration;

use holdfast::hub::{self, Hub, HubEffect, HubEvent, HubSettings, TICKS_AHEAD_MAX};
use holdfast::persistence::loaded::LoadedWorld;
use holdfast::poison::{Failure, Watchlist};
use holdfast::tick::{LoadError, LoadRequest};
use holdfast::{App, Game, WorldInput, WorldMachine};
use holdfast_front::{FrontEffect, Limits, Moment, Trust};
use holdfast_protocol::BuildId;

/// What a process is told besides the world that it loads.
#[derive(Clone, Debug)]
pub struct ProcessSettings {
    /// Its build.
    pub build: BuildId,
    /// How many may play at once.
    pub session_capacity: usize,
    /// How long a tick lasts.
    pub tick: Duration,
    /// Where the world's servers are reached, this one's own address first.
    pub addresses: Arc<[String]>,
    /// The numbers by which sessions live.
    pub limits: Limits,
    /// What the waits between the writer's retries are drawn from.
    pub seed: u64,
}

/// A server process that owns a world.
pub struct Process {
    machine: WorldMachine,
    hub: Hub,
    trust: Arc<Trust>,
    /// What the next tick is asked. Bounded by what the front lets through (`Limits::world_inputs_max`).
    mailbox: Vec<WorldInput>,
}

impl Process {
    /// The process that has loaded this world. `watchlist` is what an earlier ownership of it died of; `taken` is the
    /// moment before the world was asked for.
    ///
    /// # Errors
    /// Where what was loaded is no world of this game.
    pub fn boot<G: Game>(
        loaded: &LoadedWorld,
        settings: &ProcessSettings,
        watchlist: Watchlist,
        taken: Moment,
        now: Moment,
    ) -> Result<Self, LoadError> {
        let inputs_max = settings.limits.world_inputs_max(settings.session_capacity);
        let (machine, load) = WorldMachine::new::<G>(loaded, inputs_max, watchlist)?;
        let trust = Arc::new(Trust::default());
        trust.extend(taken);
        let settings = HubSettings {
            build: settings.build,
            addresses: Arc::clone(&settings.addresses),
            session_capacity: settings.session_capacity,
            tick: settings.tick,
            table_count: load.rows.components.len(),
            seed: settings.seed,
            limits: settings.limits.clone(),
            trust: Arc::clone(&trust),
        };
        let (front, writer) = hub::configs::<G>(loaded, settings);
        let hub = Hub::new(front, writer, load.changes, taken, now);
        Ok(Self { machine, hub, trust, mailbox: Vec::new() })
    }

    /// Hands the hub an event, and appends what others are to carry out, in this order. What the hub asks of the world
    /// goes into the mailbox.
    pub fn step(&mut self, now: Moment, event: HubEvent, outward: &mut Vec<HubEffect>) {
        let first = outward.len();
        self.hub.step(now, event, outward);
        let mailbox = &mut self.mailbox;
        let asked =
            outward.extract_if(first.., |effect| matches!(effect, HubEffect::Front(FrontEffect::World(_))));
        mailbox.extend(asked.filter_map(|effect| match effect {
            HubEffect::Front(FrontEffect::World(event)) => Some(WorldInput::Event(event)),
            _ => None,
        }));
    }

    /// Whether the world may run its next tick: it is not as far ahead as it may be, and the gate has room.
    #[must_use]
    pub fn may_tick(&self) -> bool {
        self.machine.now().next().since(self.hub.durable()) <= TICKS_AHEAD_MAX && !self.hub.gate_is_full()
    }

    /// Runs a tick over all that is in the mailbox. Hands out which characters the store is asked for, and the event
    /// that is the hub's to hear.
    pub fn tick(&mut self) -> (Vec<LoadRequest>, HubEvent) {
        for input in self.mailbox.drain(..) {
            self.machine.push(input);
        }
        let output = self.machine.tick(self.hub.durable());
        (output.loads, HubEvent::Ticked(output.changes, output.rows))
    }

    /// What the tick was doing that has just panicked out of [`Self::tick`]. The process is of no further use.
    #[must_use]
    pub fn failure(&self, message: String) -> Failure {
        self.machine.failure(message)
    }

    /// The answer to a load, for the next tick.
    pub fn answer_load(&mut self, answer: WorldInput) {
        self.mailbox.push(answer);
    }

    /// The world behind the gate: what a test may know and nobody else.
    #[must_use]
    pub fn machine(&self) -> &WorldMachine {
        &self.machine
    }

    /// Writer and front.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Whether the process may speak for the world: asked right before each write to a socket.
    #[must_use]
    pub fn trusts_itself(&self, now: Moment) -> bool {
        self.trust.holds(now)
    }
}

/// The build of a game's simulated servers and clients.
#[must_use]
pub fn build_of<G: Game>() -> BuildId {
    BuildId::of(&App::of::<G>().wire(), "simulation")
}
