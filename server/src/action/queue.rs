//! The one queue in front of the world: first in, first out.
//!
//! The bound is what the front may put here ([`Limits::world_inputs_max`](holdfast_front::Limits::world_inputs_max)):
//! it refuses actions beyond 64 a session and 10,000 in all before they come. The queue keeps to it by itself as well,
//! since held actions stay over several ticks, so that a mistake in the front cannot fill the memory: beyond it actions
//! are answered `busy` and joins `joins_busy` by the next tick, without effect. What is bounded by other means is always taken: one
//! sleep or leave a connection, and one load for each that the world itself has asked. Nothing is ever dropped.

use std::collections::VecDeque;

use bevy_ecs::resource::Resource;
use holdfast_front::WorldEvent;
use holdfast_protocol::EntityId;

use crate::persistence::loaded::CharacterLoad;
use crate::world::loads::LoadNumber;

/// What the world is asked or told; the next tick drains it in arrival order.
#[derive(Clone, Debug)]
pub enum WorldInput {
    /// The front asks.
    Event(WorldEvent),
    /// The store answers a [`LoadRequest`](crate::world::loads::LoadRequest).
    Loaded {
        /// The character that was asked for.
        character: EntityId,
        /// What was found.
        load: CharacterLoad,
        /// The number of the request that this answers.
        asked: LoadNumber,
    },
}

/// What waits for the next tick.
#[derive(Resource, Debug)]
pub(crate) struct Queue {
    inputs_max: usize,
    waiting: VecDeque<WorldInput>,
    /// What came when the queue was full, to be answered `busy` by the next tick. Bounded by construction: whoever
    /// pushes hands in no more than `inputs_max` before each tick.
    overflow: VecDeque<WorldEvent>,
}

impl Queue {
    /// A queue for so many inputs.
    pub(crate) fn new(inputs_max: usize) -> Self {
        Self { inputs_max, waiting: VecDeque::new(), overflow: VecDeque::new() }
    }

    /// Takes an input in.
    pub(crate) fn push(&mut self, input: WorldInput) {
        match input {
            WorldInput::Event(event)
                if self.waiting.len() >= self.inputs_max
                    && matches!(event, WorldEvent::Join(_) | WorldEvent::Act { .. }) =>
            {
                self.overflow.push_back(event);
            }
            input => self.waiting.push_back(input),
        }
    }

    /// Everything that waits, in arrival order.
    pub(crate) fn drain(&mut self) -> VecDeque<WorldInput> {
        std::mem::take(&mut self.waiting)
    }

    /// Everything that did not find room.
    pub(crate) fn drain_overflow(&mut self) -> VecDeque<WorldEvent> {
        std::mem::take(&mut self.overflow)
    }

    /// Puts back, in order, what has to wait for a later tick.
    pub(crate) fn put_back(&mut self, held: VecDeque<WorldInput>) {
        debug_assert!(self.waiting.is_empty(), "nothing arrives within a tick");
        self.waiting = held;
    }
}
