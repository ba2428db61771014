//! What happened in the stories, to be sure that it did.

use std::collections::BTreeMap;

/// How often each thing happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(BTreeMap<&'static str, usize>);

/// What must happen at least a few times, all stories together: a run in which nothing happened would prove nothing.
const EXPECTED: &[&str] = &[
    "move",
    "say",
    "pick up",
    "drop",
    "drop in the flush of the pick-up",
    "rejected by a rule",
    "refused",
    "came for the first time",
    "came back to a delta",
    "came back to a delta after a restart",
    "came back too late",
    "closed",
    "left",
    "unloaded",
    "out of sight",
    "in sight again",
    "broken before the flush",
    "broken after the flush",
    "restart",
    "stood still",
    "a hash compared",
    "compared with the world",
];

impl Tally {
    pub(crate) fn count(&mut self, what: &'static str) {
        self.add(what, 1);
    }

    pub(crate) fn add(&mut self, what: &'static str, times: usize) {
        debug_assert!(EXPECTED.contains(&what), "nobody expects: {what}");
        *self.0.entry(what).or_default() += times;
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        other.0.iter().for_each(|(what, times)| self.add(what, *times));
    }

    pub(crate) fn assert_all_was_seen(&self) {
        for what in EXPECTED {
            let times = self.0.get(what).copied().unwrap_or(0);
            assert!(times >= 5, "{what}: {times} times; {:#?}", self.0);
        }
    }
}
