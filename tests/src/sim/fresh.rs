//! Whether what clients hold is what a snapshot would show them now.

use std::collections::BTreeMap;

use holdfast::Game;
use holdfast_client::Stage;
use holdfast_protocol::{Frame, OwnWrite, SyncToken};
use holdfast_simulator::snapshot::snapshot_copy;

use super::{Person, Sim};

impl<G: Game> Sim<G> {
    /// Checks that the copy of everybody who is in the world, reads, and has a state at all is what a snapshot taken
    /// now would be.
    ///
    /// # Panics
    /// Where one differs.
    pub fn assert_copies_are_fresh(&self) {
        let front = self.process.hub().front();
        // Each chunk is written out once, however many see it.
        let mut views = BTreeMap::new();
        let mut chunks = BTreeMap::new();
        for (_, held) in self.current() {
            views.entry(held.center).or_insert_with(|| {
                let snapshot = front.snapshot(held.center);
                let view: Vec<_> = snapshot.iter().map(|write| write.chunk).collect();
                chunks.extend(snapshot.into_iter().map(|write| (write.chunk, write)));
                view
            });
        }
        let chunks = chunks.into_values().collect();
        let Some((_, held)) = self.current().next() else { return };
        let all = snapshot_copy(held, Frame { chunks, ..Frame::default() });
        for (person, held) in self.current() {
            let copy = person.core.copy();
            assert_eq!(person.core.divergence_count(), 0, "character {} diverged", person.character);
            let own = OwnWrite { roster: None, entities: front.own_snapshot(person.character) };
            let own = snapshot_copy(held, Frame { own, ..Frame::default() });
            let in_view = all.chunks().filter(|(chunk, _)| views[&held.center].contains(chunk));
            assert!(
                copy.chunks().eq(in_view) && copy.own() == own.own(),
                "character {} at {held:?}: {:#?} {:#?}",
                person.character,
                copy.differences(&all),
                copy.own().ids().chain(own.own().ids()).collect::<Vec<_>>(),
            );
        }
    }

    /// Everybody who is in the world, reads, and has a state at all, with the token of that state.
    fn current(&self) -> impl Iterator<Item = (&Person, SyncToken)> {
        self.people.iter().filter_map(|person| {
            let is_current = person.reads && person.core.stage() == Stage::Playing;
            Some((person, person.core.copy().held().filter(|_| is_current)?))
        })
    }
}
