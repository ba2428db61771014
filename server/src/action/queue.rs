//! The one queue in front of the world: first in, first out.
//!
//! The bound is the front's, which refuses actions beyond 64 a session and 10,000 in all before they come here. This
//! queue has one of its own, somewhat higher, so that a mistake there cannot fill the memory: beyond it actions and
//! joins are answered `busy` by the next tick, without effect. What is bounded by other means is always taken: one
//! sleep or leave a connection, and one load for each that the world itself has asked.

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

/// The most that waits, besides what is bounded elsewhere: the front's 10,000 actions and a join for each place.
pub const QUEUE_INPUTS_MAX: usize = 16_384;

/// What waits for the next tick.
#[derive(Resource, Debug, Default)]
pub(crate) struct Queue {
    waiting: VecDeque<WorldInput>,
    /// What came when the queue was full, to be answered `busy`. Bounded as the queue is; beyond that the oldest
    /// go without an answer, and their clients ask again.
    overflow: VecDeque<WorldEvent>,
}

impl Queue {
    /// Takes an input in.
    pub(crate) fn push(&mut self, input: WorldInput) {
        match input {
            WorldInput::Event(event)
                if self.waiting.len() >= QUEUE_INPUTS_MAX
                    && matches!(event, WorldEvent::Join(_) | WorldEvent::Act { .. }) =>
            {
                if self.overflow.len() >= QUEUE_INPUTS_MAX {
                    self.overflow.pop_front();
                }
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
