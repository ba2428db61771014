//! The gate: where a tick's changes wait until they are durable.
//!
//! Behind it is speculation, in front of it truth. The one way through is [`Gate::mark_durable`], and what comes
//! through is a [`Committed`]: a type that only this file can make, and from which everything that anybody sees is
//! made.

use std::collections::VecDeque;
use std::ops::Deref;

use holdfast_protocol::Tick;

use crate::changes::TickChanges;
use crate::moment::Moment;

/// A value that the store has committed.
#[derive(Debug)]
pub struct Committed<T>(T);

impl<T> Deref for Committed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[cfg(feature = "sabotage")]
impl<T> Committed<T> {
    /// What no store has committed, passed off as if one had.
    pub(crate) fn forged(value: T) -> Self {
        Self(value)
    }
}

/// The gate's bound, in bytes: beyond it the world is to freeze at once.
pub const GATE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Holds what ticks caused, in order, until their flush has committed.
#[derive(Debug)]
pub struct Gate {
    durable: Tick,
    /// The oldest first.
    held: VecDeque<HeldTick>,
    held_bytes: usize,
}

/// What a tick caused, and what it costs to hold it.
#[derive(Debug)]
struct HeldTick {
    since: Moment,
    bytes: usize,
    changes: TickChanges,
}

impl Gate {
    /// A gate of a world whose last durable tick is `durable`.
    #[must_use]
    pub fn new(durable: Tick) -> Self {
        Self { durable, held: VecDeque::new(), held_bytes: 0 }
    }

    /// Takes in what a tick caused, at the moment `now`. A world that was just loaded hands in its load as the tick that is already
    /// durable: it passes at the next [`Self::mark_durable`].
    ///
    /// # Panics
    /// Where ticks come out of order: the world would be broken.
    pub fn hold(&mut self, now: Moment, changes: TickChanges) {
        if let Some(last) = self.held.back() {
            assert_eq!(changes.tick, last.changes.tick.next(), "ticks are numbered without gaps");
        }
        let bytes = changes.size_bytes();
        self.held_bytes += bytes;
        self.held.push_back(HeldTick { since: now, bytes, changes });
    }

    /// Lets through, in tick order, everything up to `tick`: its flush is known to be committed. A durable tick
    /// implies that all ticks before it are durable; an older one than is already known changes nothing.
    pub fn mark_durable(&mut self, tick: Tick) -> Vec<Committed<TickChanges>> {
        self.durable = self.durable.max(tick);
        let mut opened = Vec::new();
        while let Some(held) = self.held.pop_front_if(|held| held.changes.tick <= self.durable) {
            self.held_bytes -= held.bytes;
            opened.push(Committed(held.changes));
        }
        opened
    }

    /// The newest tick that is known committed.
    #[must_use]
    pub fn durable(&self) -> Tick {
        self.durable
    }

    /// Since when the oldest tick waits; none where none does.
    #[must_use]
    pub fn waits_since(&self) -> Option<Moment> {
        self.held.front().map(|held| held.since)
    }

    /// How many bytes wait.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    /// How many ticks wait.
    #[must_use]
    pub fn held_ticks(&self) -> usize {
        self.held.len()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn tick(number: u64) -> TickChanges {
        TickChanges { tick: Tick(number), ..TickChanges::default() }
    }

    fn at(seconds: u64) -> Moment {
        Moment(Duration::from_secs(seconds))
    }

    #[test]
    fn nothing_passes_before_its_tick_is_durable() {
        let mut gate = Gate::new(Tick(10));
        gate.hold(at(1), tick(11));
        gate.hold(at(2), tick(12));
        assert!(gate.mark_durable(Tick(10)).is_empty());
        let opened: Vec<_> = gate.mark_durable(Tick(11)).iter().map(|changes| changes.tick).collect();
        assert_eq!(opened, [Tick(11)]);
        assert_eq!((gate.held_ticks(), gate.waits_since()), (1, Some(at(2))));
    }

    #[test]
    fn a_durable_tick_implies_all_before_it() {
        let mut gate = Gate::new(Tick(0));
        (1..=3).for_each(|number| gate.hold(at(number), tick(number)));
        assert_eq!(gate.mark_durable(Tick(3)).len(), 3);
        assert_eq!((gate.held_bytes(), gate.held_ticks(), gate.waits_since()), (0, 0, None));
        assert!(gate.mark_durable(Tick(2)).is_empty());
        assert_eq!(gate.durable(), Tick(3));
    }
}
