//! Who plays: since when each bot has been told that something was accepted which it did after a fault, and since when
//! everything is answered that was under way before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use holdfast_client::{ClientEvent, Observer, WorldCopy};
use holdfast_protocol::{ActionName, EntityId, Seq};
use tokio::time::Instant;

/// The pulse of all bots; shared by them.
#[derive(Clone, Debug, Default)]
pub(super) struct Pulse(Arc<Mutex<Felt>>);

#[derive(Debug, Default)]
struct Felt {
    /// What each bot has done and was not answered, and when: no more than a bot keeps under way, and what was answered
    /// before it was noted.
    done: BTreeMap<EntityId, BTreeMap<Seq, Instant>>,
    /// The fault.
    since: Option<Instant>,
    /// Who has not played since.
    waiting: BTreeSet<EntityId>,
    /// Since when nobody waits.
    all_play: Option<Instant>,
    /// How much that was done before is not answered yet.
    owed: usize,
    /// Since when nothing is.
    all_answered: Option<Instant>,
}

impl Pulse {
    fn felt(&self) -> MutexGuard<'_, Felt> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A bot does something; `at` was taken before.
    pub(super) fn does(&self, character: EntityId, name: ActionName, at: Instant) {
        let mut felt = self.felt();
        felt.done.entry(character).or_default().insert(name.seq, at);
        if felt.since.is_some_and(|since| at < since) {
            felt.owed += 1;
        }
    }

    /// An observer that feels what the client of `character` is answered, and hands it on.
    pub(super) fn over(
        &self,
        character: EntityId,
        mut next: impl Observer,
    ) -> impl FnMut(&ClientEvent, &WorldCopy) + Send + 'static {
        let pulse = self.clone();
        move |event, copy| {
            match event {
                ClientEvent::Verdict(verdict) => {
                    pulse.felt().answered(character, verdict.action, verdict.is_accepted());
                }
                ClientEvent::GaveUp(gone) => pulse.felt().answered(character, gone.action, false),
                _ => {}
            }
            next.saw(event, copy);
        }
    }

    /// Begins to wait for every bot: what it does from now on counts.
    pub(super) fn expect_everybody(&self) -> Instant {
        let mut felt = self.felt();
        let now = Instant::now();
        felt.since = Some(now);
        felt.waiting = felt.done.keys().copied().collect();
        felt.all_play = None;
        felt.owed = felt.done.values().map(BTreeMap::len).sum();
        felt.all_answered = (felt.owed == 0).then_some(now);
        now
    }

    /// Since when every bot plays again; none while one does not.
    pub(super) fn all_play(&self) -> Option<Instant> {
        self.felt().all_play
    }

    /// Since when everything is answered that was done before; none while something is not.
    pub(super) fn all_answered(&self) -> Option<Instant> {
        self.felt().all_answered
    }

    /// All who have ever played.
    pub(super) fn players(&self) -> Vec<EntityId> {
        self.felt().done.keys().copied().collect()
    }

    /// Who does not play yet.
    pub(super) fn waiting(&self) -> Vec<EntityId> {
        self.felt().waiting.iter().copied().collect()
    }
}

impl Felt {
    fn answered(&mut self, character: EntityId, name: ActionName, is_accepted: bool) {
        let Some(done) = self.done.get_mut(&character) else { return };
        let at = done.get(&name.seq).copied();
        // Answers come in order: what is older and was not noted in time is over as well.
        let left = done.split_off(&Seq(name.seq.0 + 1));
        let over = std::mem::replace(done, left);
        if let Some(since) = self.since {
            self.owed = self.owed.saturating_sub(over.values().filter(|at| **at < since).count());
            if self.owed == 0 {
                self.all_answered.get_or_insert_with(Instant::now);
            }
        }
        if is_accepted && at.zip(self.since).is_some_and(|(at, since)| at >= since) {
            self.waiting.remove(&character);
            if self.waiting.is_empty() {
                self.all_play.get_or_insert_with(Instant::now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::Nonce;

    use super::*;

    const ADA: EntityId = EntityId(1);
    const BOB: EntityId = EntityId(3);

    fn name(seq: u64) -> ActionName {
        ActionName { seq: Seq(seq), nonce: Nonce(7) }
    }

    #[test]
    fn who_was_only_answered_what_was_done_before_does_not_play_again() {
        let pulse = Pulse::default();
        for character in [ADA, BOB] {
            pulse.does(character, name(1), Instant::now());
        }
        pulse.expect_everybody();
        pulse.felt().answered(ADA, name(1), true);
        assert_eq!(pulse.all_answered(), None, "Bob waits for the answer to what he did before");
        pulse.does(BOB, name(2), Instant::now());
        pulse.felt().answered(BOB, name(2), true);
        assert!(pulse.all_answered().is_some(), "answers come in order");
        assert_eq!((pulse.all_play(), pulse.waiting()), (None, vec![ADA]));

        pulse.does(ADA, name(2), Instant::now());
        pulse.felt().answered(ADA, name(2), false);
        assert_eq!(pulse.all_play(), None, "a refusal is no play");
        pulse.does(ADA, name(3), Instant::now());
        pulse.felt().answered(ADA, name(3), true);
        assert!(pulse.all_play().is_some());
    }
}
