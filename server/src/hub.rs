//! The hub: writer and front joined into one state machine.
//!
//! It is where the two halves of a tick part and meet again: rows go to the writer, changes to the gate, and when the
//! writer says that a tick is durable the gate opens. The hub decides nothing itself; it sees to the order. The
//! adapter around it in a server is [`crate::bridge`], in a test the test; [`configs()`] is what both begin with.

mod configs;

use std::sync::Arc;

use holdfast_front::front::{Front, FrontConfig};
use holdfast_front::gate::GATE_BYTES_MAX;
use holdfast_front::{FrontEffect, FrontEvent, Moment, TickChanges, Trust};
use holdfast_protocol::Tick;

use crate::persistence::rows::TickRows;
use crate::persistence::store::{StoreReply, StoreRequest, WorldMark};
use crate::persistence::writer::{
    FlushMeasurement, StopReason, Writer, WriterConfig, WriterEffect, WriterEvent,
};

pub use configs::{HubSettings, configs};

/// How many ticks the world may be ahead of the last durable one; then it stands still. Three ticks at 20 Hz are
/// 150 ms, which leaves 50 of the 200 ms that an action may take.
pub const TICKS_AHEAD_MAX: u64 = 3;

/// What can happen to the hub.
#[derive(Debug)]
pub enum HubEvent {
    /// Something of the front's.
    Front(FrontEvent),
    /// The world has run a tick.
    Ticked(TickChanges, TickRows),
    /// The store has answered.
    Store(StoreReply),
    /// Time has passed: sent at least ten times a second.
    Clock,
}

/// What the hub asks for.
#[derive(Debug)]
pub enum HubEffect {
    /// Something of the front's.
    Front(FrontEffect),
    /// Carry this out and hand back the answer.
    Store(StoreRequest),
    /// Write this down for operators.
    Measured(FlushMeasurement),
    /// This process must not go on with this world.
    Stop(StopReason),
}

/// Writer and front.
pub struct Hub {
    front: Front,
    writer: Writer,
    trust: Arc<Trust>,
    front_effects: Vec<FrontEffect>,
    writer_effects: Vec<WriterEffect>,
}

impl Hub {
    /// The hub of a world that was just loaded. `load` is what the load "caused": the changes of the tick that took
    /// the world. That tick was committed when the world was taken, and nothing but committed rows is in it, so it
    /// passes the gate at once. `taken` is the moment before the world was asked for.
    pub fn new(
        front: FrontConfig,
        writer: WriterConfig,
        load: TickChanges,
        taken: Moment,
        now: Moment,
    ) -> Self {
        let mut hub = Self {
            trust: Arc::clone(&front.trust),
            front: Front::new(front, now),
            writer: Writer::new(writer, taken),
            front_effects: Vec::new(),
            writer_effects: Vec::new(),
        };
        hub.front.step(now, FrontEvent::Ticked(load), &mut hub.front_effects);
        hub
    }

    /// Takes one event and says what is to be done.
    pub fn step(&mut self, now: Moment, event: HubEvent, effects: &mut Vec<HubEffect>) {
        match event {
            HubEvent::Front(event) => self.front.step(now, event, &mut self.front_effects),
            HubEvent::Ticked(changes, rows) => {
                let tick = changes.tick;
                // The gate first: a tick without rows may be durable at once.
                self.front.step(now, FrontEvent::Ticked(changes), &mut self.front_effects);
                self.writer.step(now, WriterEvent::Ticked { tick, rows }, &mut self.writer_effects);
            }
            HubEvent::Store(reply) => {
                self.writer.step(now, WriterEvent::Reply(reply), &mut self.writer_effects);
            }
            HubEvent::Clock => {
                self.writer.step(now, WriterEvent::Clock, &mut self.writer_effects);
                self.front.step(now, FrontEvent::Clock, &mut self.front_effects);
            }
        }
        for effect in self.writer_effects.drain(..) {
            match effect {
                WriterEffect::Request(request) => effects.push(HubEffect::Store(request)),
                WriterEffect::Measured(measurement) => effects.push(HubEffect::Measured(measurement)),
                WriterEffect::Trust(sent) => self.trust.extend(sent),
                WriterEffect::Distrust => self.trust.revoke(),
                WriterEffect::Durable(tick) => {
                    self.front.step(now, FrontEvent::Durable(tick), &mut self.front_effects);
                }
                WriterEffect::Stop(reason) => effects.push(HubEffect::Stop(reason)),
            }
        }
        effects.extend(self.front_effects.drain(..).map(HubEffect::Front));
    }

    /// The newest tick that is known committed.
    #[must_use]
    pub fn durable(&self) -> Tick {
        self.front.durable()
    }

    /// Whether the gate holds so much that the world is to stand still whatever its lead.
    #[must_use]
    pub fn gate_is_full(&self) -> bool {
        self.front.gate_bytes() > GATE_BYTES_MAX
    }

    /// Whether everything that has run is durable.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.writer.is_settled()
    }

    /// What is known to be written: whatever reads the store must find no less.
    #[must_use]
    pub fn mark(&self) -> WorldMark {
        self.writer.mark()
    }

    /// When [`HubEvent::Clock`] is due at the latest for the writer's sake; none while it waits for an answer.
    #[must_use]
    pub fn wakes_at(&self) -> Option<Moment> {
        self.writer.wakes_at()
    }

    /// The front, to be looked at.
    #[must_use]
    pub fn front(&self) -> &Front {
        &self.front
    }
}
