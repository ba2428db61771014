//! What is going to happen, in the order in which it will.
//!
//! The only queue of the simulator, and its only clock: time is the moment of the event that was taken last. Events of
//! one moment come in the order in which they were put in, so nothing is left to chance.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::time::Duration;

use holdfast_front::Moment;

struct Entry<E> {
    at: Moment,
    number: u64,
    event: E,
}

impl<E> Entry<E> {
    fn key(&self) -> (Moment, u64) {
        (self.at, self.number)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// The events of a run that have not happened yet.
pub(crate) struct Agenda<E> {
    now: Moment,
    put_count: u64,
    entries: BinaryHeap<Reverse<Entry<E>>>,
}

impl<E> Agenda<E> {
    /// An empty one, at this moment.
    pub(crate) fn new(now: Moment) -> Self {
        Self { now, put_count: 0, entries: BinaryHeap::new() }
    }

    /// The moment of what happened last.
    pub(crate) fn now(&self) -> Moment {
        self.now
    }

    /// Lets something happen at that moment, or now where it is over.
    pub(crate) fn put_at(&mut self, at: Moment, event: E) {
        self.put_count += 1;
        self.entries.push(Reverse(Entry { at: at.max(self.now), number: self.put_count, event }));
    }

    /// Lets something happen after a while.
    pub(crate) fn put(&mut self, after: Duration, event: E) {
        self.put_at(self.now + after, event);
    }

    /// What happens next; time goes on to it.
    pub(crate) fn take(&mut self) -> Option<E> {
        let Reverse(entry) = self.entries.pop()?;
        self.now = entry.at;
        Some(entry.event)
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
