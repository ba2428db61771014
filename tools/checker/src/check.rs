//! The invariants, and the state that they are checked against.
//!
//! Each invariant is one function of `check/`; [`check`] runs them all.

mod conserved;
mod tapes;

use std::collections::BTreeMap;

use holdfast_protocol::EntityId;

use crate::history::{End, History};

/// What the database holds when all is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FinalState {
    /// Every tape's entries.
    pub tapes: BTreeMap<EntityId, Vec<u64>>,
    /// Every account's balance.
    pub balances: BTreeMap<EntityId, i64>,
    /// Every item and whose it is; nobody where it lies about.
    pub items: BTreeMap<EntityId, Option<EntityId>>,
    /// Items that are in two places at once, or in none.
    pub misplaced: Vec<EntityId>,
}

/// What was there before the bots came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beginning {
    /// What every account begins with.
    pub balance: i64,
    /// Every item that is there for good: none is made or consumed.
    pub items: Vec<EntityId>,
}

/// One invariant, and what breaks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its number and what it says.
    pub invariant: &'static str,
    /// How many things were looked at. Zero proves nothing.
    pub looked_at: usize,
    /// What breaks it, at most [`BREACHES_MAX`] of them.
    pub breaches: Vec<String>,
    /// How many break it.
    pub breach_count: usize,
}

/// How many breaches of an invariant are told in full.
pub const BREACHES_MAX: usize = 10;

impl Finding {
    fn new(invariant: &'static str) -> Self {
        Self { invariant, looked_at: 0, breaches: Vec::new(), breach_count: 0 }
    }

    fn breach(&mut self, what: String) {
        self.breach_count += 1;
        if self.breaches.len() < BREACHES_MAX {
            self.breaches.push(what);
        }
    }

    /// Whether the invariant held.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.breach_count == 0
    }
}

/// What the checker found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// One for each invariant.
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
    /// Whether every promise was kept.
    #[must_use]
    pub fn hold(&self) -> bool {
        self.invariants.iter().all(Finding::holds)
    }
}

/// Checks everything.
#[must_use]
pub fn check(history: &History, beginning: &Beginning, end: &FinalState) -> Findings {
    let durable = tapes::durable(history, end);
    let once = tapes::exactly_once(end);
    let order = tapes::in_order(history, end);
    let count = |wanted: fn(&Option<(u64, End)>) -> bool| {
        history.actions.iter().filter(|action| wanted(&action.ended)).count()
    };
    Findings {
        accepted: count(|ended| matches!(ended, Some((_, End::Accepted)))),
        rejected: count(|ended| matches!(ended, Some((_, End::Rejected(_))))),
        open: count(|ended| matches!(ended, None | Some((_, End::GivenUp(_))))),
        lost: durable.breach_count,
        duplicated: once.breach_count,
        reordered: order.breach_count,
        invariants: vec![
            durable,
            once,
            tapes::no_phantom(history, end),
            order,
            tapes::nothing_early(history, end),
            tapes::monotonic(history),
            conserved::balances(history, beginning, end),
            conserved::items(beginning, end),
        ],
    }
}

#[cfg(test)]
mod tests;
