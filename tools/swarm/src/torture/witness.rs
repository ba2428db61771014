//! Who sees which ownership of the world, and when: from what arrives at clients alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use holdfast_client::{ClientEvent, Observer, WorldCopy};
use holdfast_protocol::{Epoch, Tick};

/// What was sent before an ownership ended may be read a little after the first frame of the next: no frame is late that
/// arrives so soon. Whoever loses a world without noticing does so for seconds.
const ON_ITS_WAY: Duration = Duration::from_millis(500);

/// What clients were shown of the ownerships of a world; shared by all of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Witness(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    shown: BTreeMap<Epoch, Shown>,
    late_frame_count: u64,
    listened_count: usize,
}

#[derive(Clone, Copy, Debug)]
struct Shown {
    first: Instant,
    last_tick: Tick,
}

impl Witness {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An observer that notes down what it sees, and hands it on.
    pub(super) fn over(
        &self,
        mut next: impl Observer,
    ) -> impl FnMut(&ClientEvent, &WorldCopy) + Send + 'static {
        let witness = self.clone();
        move |event, copy| {
            if let ClientEvent::Updated(token) = event {
                witness.frame(token.epoch, token.tick, Instant::now());
            }
            next.saw(event, copy);
        }
    }

    /// A frame of this ownership has arrived now, up to this tick.
    fn frame(&self, epoch: Epoch, tick: Tick, now: Instant) {
        let mut seen = self.seen();
        let next = seen.shown.range(Epoch(epoch.0.saturating_add(1))..).next();
        if next.is_some_and(|(_, next)| now.duration_since(next.first) > ON_ITS_WAY) {
            seen.late_frame_count += 1;
        }
        let shown = seen.shown.entry(epoch).or_insert(Shown { first: now, last_tick: tick });
        shown.last_tick = shown.last_tick.max(tick);
    }

    /// The same at a listener, which stays with a server whatever becomes of it.
    pub(super) fn heard_by_listener(&self, epoch: Epoch, tick: Tick) {
        self.frame(epoch, tick, Instant::now());
    }

    /// An owner that had lost its world was listened to as it woke.
    pub(super) fn listened(&self) {
        self.seen().listened_count += 1;
    }

    /// How many frames of an ownership arrived well after the first frame of the next.
    pub(super) fn late_frame_count(&self) -> u64 {
        self.seen().late_frame_count
    }

    /// How many owners that had lost their world were listened to as they woke.
    pub(super) fn listened_count(&self) -> usize {
        self.seen().listened_count
    }

    /// The last tick that clients were shown of each ownership.
    pub(super) fn last_ticks(&self) -> Vec<(Epoch, Tick)> {
        self.seen().shown.iter().map(|(epoch, shown)| (*epoch, shown.last_tick)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_of_an_ownership_that_is_over_is_late_unless_it_was_on_its_way() {
        let (witness, begin) = (Witness::default(), Instant::now());
        witness.frame(Epoch(1), Tick(5), begin);
        witness.frame(Epoch(2), Tick(7), begin);
        witness.frame(Epoch(2), Tick(8), begin + ON_ITS_WAY * 9);
        witness.frame(Epoch(1), Tick(5), begin + ON_ITS_WAY);
        assert_eq!(witness.late_frame_count(), 0);
        witness.frame(Epoch(1), Tick(6), begin + ON_ITS_WAY * 2);
        assert_eq!(witness.late_frame_count(), 1);
        assert_eq!(witness.last_ticks(), [(Epoch(1), Tick(6)), (Epoch(2), Tick(8))]);
    }
}
