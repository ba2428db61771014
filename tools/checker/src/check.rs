//! The invariants, each a file of `check/`; [`Evidence::check`] looks at all of them.
//!
//! To add one: its file here, and its line in [`Evidence::check`]. What can be checked while the history is written down
//! keeps no more than it needs for that, and hands out its [`Finding`] at the end.

pub(crate) mod agreement;
pub(crate) mod answered;
pub(crate) mod atomic;
pub(crate) mod conserved;
pub(crate) mod freshness;
pub(crate) mod liveness;
pub(crate) mod resumed;
pub(crate) mod session;
pub(crate) mod sightings;
mod single_writer;
mod tapes;
pub(crate) mod told;

use std::fmt;
use std::time::Duration;

use crate::commits::Commits;
use crate::finding::{Finding, Outcome};
use crate::history::History;
use crate::state::{Beginning, FinalState, Samples};

/// What the checker found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// At least one for each invariant.
    pub invariants: Vec<Finding>,
    /// How many actions were accepted.
    pub accepted: usize,
    /// How many were rejected by a rule.
    pub rejected: usize,
    /// How many have no end, or were given up: each may have happened or not.
    pub open: usize,
    /// Accepted appends that are on no tape.
    pub lost: usize,
    /// Appends that are there more than once.
    pub duplicated: usize,
    /// Appends that stand in another order than they were made in.
    pub reordered: usize,
}

impl Findings {
    /// Whether no promise was found broken.
    #[must_use]
    pub fn hold(&self) -> bool {
        !self.invariants.iter().any(Finding::is_broken)
    }

    /// The numbers of the invariants that are broken, in ascending order, each as often as it has findings.
    #[must_use]
    pub fn broken(&self) -> Vec<&'static str> {
        self.invariants.iter().filter(|finding| finding.is_broken()).map(Finding::number).collect()
    }

    /// How many clients came back in time of which it was looked at whether they went on where they were.
    #[must_use]
    pub fn resumed_count(&self) -> usize {
        let of_those = self.invariants.iter().filter(|finding| finding.invariant == resumed::INVARIANT);
        of_those.map(|finding| finding.looked_at).sum()
    }

    /// The invariants that had nothing to look at, each once: nothing is known of them.
    pub fn not_looked_at(&self) -> impl Iterator<Item = &'static str> {
        let unseen = self.invariants.iter().filter(|finding| finding.outcome() == Outcome::NotLookedAt);
        unseen.map(|finding| finding.invariant)
    }

    /// One sentence for each promise that was not kept. Where `must_see_all`, also for each invariant that had nothing to
    /// look at though nothing was missing: a run that found nothing proves nothing.
    #[must_use]
    pub fn failures(&self, must_see_all: bool) -> Vec<String> {
        let blind = self.invariants.iter().filter(|finding| {
            must_see_all && finding.outcome() == Outcome::NotLookedAt && finding.missing.is_none()
        });
        let broken = self.invariants.iter().filter(|finding| finding.is_broken()).map(|finding| {
            let example = finding.breaches.first().map_or("", String::as_str);
            format!("{}: broken {} times, as: {example}.", finding.invariant, finding.breach_count)
        });
        blind.map(|finding| format!("{}: nothing was looked at.", finding.invariant)).chain(broken).collect()
    }
}

/// A line for the actions, and one for each finding, with its breaches.
impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted, rejected, open, .. } = self;
        writeln!(f, "  actions: {accepted} accepted, {rejected} rejected, {open} without an end")?;
        self.invariants.iter().try_for_each(|finding| writeln!(f, "  {finding}"))
    }
}

/// Everything that there is to check.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// What clients did and saw.
    pub history: &'a History,
    /// What was there before.
    pub beginning: &'a Beginning,
    /// What is stored in the end.
    pub end: &'a FinalState,
    /// What was committed, where somebody knows.
    pub commits: Option<&'a Commits>,
    /// Looks at the tables on the way, where somebody took some.
    pub samples: Option<&'a Samples>,
    /// Within what time 95 of 100 ticks must be with the last client that gets them; none where faults make that no
    /// promise.
    pub fresh_within: Option<Duration>,
}

impl<'a> Evidence<'a> {
    /// What there always is.
    #[must_use]
    pub fn new(history: &'a History, beginning: &'a Beginning, end: &'a FinalState) -> Self {
        Self { history, beginning, end, commits: None, samples: None, fresh_within: None }
    }

    /// Checks everything.
    #[must_use]
    pub fn check(&self) -> Findings {
        let Self { history, beginning, end, commits, .. } = *self;
        let durable = tapes::durable(history, end);
        let once = tapes::exactly_once(end);
        let order = tapes::in_order(history, end);
        Findings {
            accepted: history.accepted_count(),
            rejected: history.rejected_count(),
            open: history.open_count(),
            lost: durable.breach_count,
            duplicated: once.breach_count,
            reordered: order.breach_count,
            invariants: vec![
                durable,
                once,
                history.answered.finding(),
                tapes::no_phantom(history, end),
                order,
                history.sightings.true_in_the_end(end),
                freshness::nothing_early(&history.arrivals, commits),
                history.sessions.forward(),
                history.sessions.built_upon_what_is_held(),
                history.sightings.never_shrink(),
                history.agreement.finding(),
                history.told.finding(),
                history.resumed.finding(),
                conserved::balances(history, beginning, end),
                conserved::items(beginning, end),
                history.agreement.one_owner_each(),
                conserved::at_every_commit(self.samples),
                history.atomic.balances(beginning),
                history.atomic.items(beginning, end),
                single_writer::single_writer(commits),
                freshness::fresh(&history.arrivals, commits, self.fresh_within),
                history.liveness.finding(),
            ],
        }
    }
}

/// Checks what clients did and saw against what is stored in the end.
#[must_use]
pub fn check(history: &History, beginning: &Beginning, end: &FinalState) -> Findings {
    Evidence::new(history, beginning, end).check()
}

#[cfg(test)]
mod tests;
