//! Everything that can happen to the writer, and everything that it can ask for: two closed lists.

use std::time::Duration;

use holdfast_front::Moment;
use holdfast_protocol::{ActionName, EntityId, Epoch, EpochTag, Tick, WorldId};

use crate::persistence::rows::TickRows;
use crate::persistence::store::{StoreError, StoreErrorClass, StoreReply, StoreRequest};

/// The ownership that writes.
#[derive(Clone, Copy, Debug)]
pub struct WriterConfig {
    /// The world.
    pub world: WorldId,
    /// The ownership.
    pub epoch: Epoch,
    /// Its tag.
    pub tag: EpochTag,
    /// The tick that was committed when the ownership was taken.
    pub tick: Tick,
    /// How many component tables the game has.
    pub table_count: usize,
    /// What the waits between retries are drawn from.
    pub seed: u64,
}

/// What can happen to the writer.
#[derive(Clone, Debug)]
pub enum WriterEvent {
    /// The world has run a tick; ticks come without gaps.
    Ticked {
        /// The tick.
        tick: Tick,
        /// What it changed.
        rows: TickRows,
    },
    /// The store has answered the one request that is under way.
    Reply(StoreReply),
    /// Time has passed: sent no later than [`super::Writer::wakes_at`].
    Clock,
}

/// What the writer asks for.
#[derive(Clone, Debug)]
pub enum WriterEffect {
    /// Have the store carry this out, and hand its reply back.
    Request(StoreRequest),
    /// This tick, and with it every tick before it, may be shown.
    Durable(Tick),
    /// What was sent at this moment has succeeded.
    Trust(Moment),
    /// Write this down for operators.
    Measured(FlushMeasurement),
    /// Nothing may be shown until [`Self::Trust`] is said again.
    Distrust,
    /// The writer will do nothing any more. Nothing that it has not called durable may ever be shown.
    Stop(StopReason),
}

/// Something that operators are to know of flushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlushMeasurement {
    /// A flush or a beat is committed.
    Flushed {
        /// Since it was sent.
        took: Duration,
        /// How many rows it wrote; none in a beat.
        rows: usize,
    },
    /// It was not, or nobody knows.
    Failed(StoreErrorClass),
    /// The outcome of a flush was unknown, and is known now.
    Resolved(Resolution),
    /// There is no connection to the store.
    Unreachable,
}

/// How an unknown outcome came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It was committed.
    Committed,
    /// It was not, and is sent again.
    NotCommitted,
    /// The world is no longer ours.
    Fenced,
}

/// Why the writer has stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StopReason {
    /// The store says that the world is not ours, or not where we left it.
    #[error("somebody else owns the world")]
    Fenced(#[source] Option<StoreError>),
    /// This batch can never be written. It dies, and with it everything that is not durable; the world is to be loaded
    /// anew, without what made the batch so.
    #[error("a batch can never be written")]
    Refused {
        /// What the store said.
        #[source]
        error: StoreError,
        /// The actions that took effect in the batch's ticks: one of them is to blame, or else what the world does by
        /// itself. Those that the rules rejected have changed nothing and are not among them, nor are those of later
        /// ticks, which wait in no batch yet.
        actions: Vec<(EntityId, ActionName)>,
    },
    /// Nothing can be written, whatever it is, until a person has mended the store.
    #[error("the store takes nothing any more")]
    Halted(#[source] StoreError),
}

impl StopReason {
    /// Whether a new ownership of the same build may go on with the world. What a batch could not write dies with the
    /// world that made it; what no batch could is for people to mend.
    #[must_use]
    pub fn may_start_again(&self) -> bool {
        match self {
            Self::Fenced(_) | Self::Refused { .. } => true,
            Self::Halted(_) => false,
        }
    }
}
