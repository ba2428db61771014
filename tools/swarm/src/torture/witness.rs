//! Who sees which ownership of the world, and when: from what arrives at clients alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use holdfast_client::{ClientEvent, Observer, WorldCopy};
use holdfast_protocol::{Epoch, Tick};

/// What clients were shown of the ownerships of a world; shared by all of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Witness(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    shown: BTreeMap<Epoch, Shown>,
    late_frame_count: u64,
    listened_count: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Shown {
    last_tick: Tick,
    first_accepted: Option<Instant>,
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
            match event {
                ClientEvent::Updated(token) => witness.frame(token.epoch, token.tick),
                ClientEvent::Verdict(verdict) if verdict.is_accepted() => {
                    // A verdict comes after the update that it is part of.
                    if let Some(token) = copy.held() {
                        let mut seen = witness.seen();
                        let shown = seen.shown.entry(token.epoch).or_default();
                        shown.first_accepted.get_or_insert_with(Instant::now);
                    }
                }
                _ => {}
            }
            next.saw(event, copy);
        }
    }

    /// A frame of this ownership has arrived, up to this tick.
    pub(super) fn frame(&self, epoch: Epoch, tick: Tick) {
        let mut seen = self.seen();
        if seen.shown.last_key_value().is_some_and(|(newest, _)| *newest > epoch) {
            seen.late_frame_count += 1;
        }
        let shown = seen.shown.entry(epoch).or_default();
        shown.last_tick = shown.last_tick.max(tick);
    }

    /// The same at a listener, which stays with a server whatever becomes of it.
    pub(super) fn heard_by_listener(&self, epoch: Epoch, tick: Tick) {
        self.seen().listened_count += 1;
        self.frame(epoch, tick);
    }

    /// The newest ownership that any client was shown.
    pub(super) fn newest(&self) -> Epoch {
        self.seen().shown.last_key_value().map_or(Epoch(0), |(epoch, _)| *epoch)
    }

    /// When a client was first told that an action was accepted under an ownership after this one.
    pub(super) fn accepted_after(&self, epoch: Epoch) -> Option<Instant> {
        let seen = self.seen();
        let later = seen.shown.iter().filter(|(later, _)| **later > epoch);
        later.filter_map(|(_, shown)| shown.first_accepted).min()
    }

    /// How many frames of an ownership arrived after the first frame of a later one.
    pub(super) fn late_frame_count(&self) -> u64 {
        self.seen().late_frame_count
    }

    /// How many frames listeners have heard.
    pub(super) fn listened_count(&self) -> u64 {
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
    fn a_frame_of_an_ownership_that_is_over_is_late() {
        let witness = Witness::default();
        witness.frame(Epoch(1), Tick(5));
        witness.frame(Epoch(2), Tick(7));
        witness.frame(Epoch(2), Tick(8));
        assert_eq!((witness.late_frame_count(), witness.newest()), (0, Epoch(2)));
        witness.heard_by_listener(Epoch(1), Tick(6));
        assert_eq!((witness.late_frame_count(), witness.listened_count()), (1, 1));
        assert_eq!(witness.last_ticks(), [(Epoch(1), Tick(6)), (Epoch(2), Tick(8))]);
        assert_eq!(witness.accepted_after(Epoch(0)), None, "nothing was accepted");
    }
}
