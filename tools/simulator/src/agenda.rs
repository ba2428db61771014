//! What is going to happen, in the order in which it will.
//!
//! The only queue of the simulator, and its only clock: time is the moment of the event that was taken last. Events of
//! one moment come in the order in which they were put in, so nothing is left to chance.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use holdfast_front::Moment;

/// The events of a run that have not happened yet.
///
/// What is sorted is small; the events themselves stay where they were put.
pub(crate) struct Agenda<E> {
    now: Moment,
    put_count: u64,
    /// When, in which order, and in which slot: the soonest first.
    order: BinaryHeap<Reverse<(Moment, u64, usize)>>,
    slots: Vec<Option<E>>,
    free: Vec<usize>,
}

impl<E> Agenda<E> {
    /// An empty one, at this moment.
    pub(crate) fn new(now: Moment) -> Self {
        Self { now, put_count: 0, order: BinaryHeap::new(), slots: Vec::new(), free: Vec::new() }
    }

    /// The moment of what happened last.
    pub(crate) fn now(&self) -> Moment {
        self.now
    }

    /// Lets something happen at that moment, or now where it is over.
    pub(crate) fn put_at(&mut self, at: Moment, event: E) {
        self.put_count += 1;
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot] = Some(event);
                slot
            }
            None => {
                self.slots.push(Some(event));
                self.slots.len() - 1
            }
        };
        self.order.push(Reverse((at.max(self.now), self.put_count, slot)));
    }

    /// Lets something happen after a while.
    pub(crate) fn put(&mut self, after: Duration, event: E) {
        self.put_at(self.now + after, event);
    }

    /// What happens next; time goes on to it.
    pub(crate) fn take(&mut self) -> Option<E> {
        let Reverse((at, _, slot)) = self.order.pop()?;
        self.now = at;
        self.free.push(slot);
        self.slots[slot].take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_first_comes_first_among_what_happens_at_once() {
        let mut agenda = Agenda::new(Moment::default());
        let ms = Duration::from_millis;
        agenda.put(ms(5), "c");
        agenda.put(ms(1), "a");
        agenda.put(ms(5), "d");
        agenda.put(ms(2), "b");
        let order: String = std::iter::from_fn(|| agenda.take()).collect();
        assert_eq!(order, "abcd");
        assert_eq!(agenda.now(), Moment(ms(5)));
    }
}
