//! What was there before, and what is stored in the end.

use std::collections::BTreeMap;

use holdfast_protocol::EntityId;
use serde::{Deserialize, Serialize};

use crate::check::conserved;
use crate::finding::Finding;

/// What the store holds when all is over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// What was there before the clients came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beginning {
    /// What every account begins with.
    pub balance: i64,
    /// Every item that is there for good: none is made or consumed. Empty where items come with accounts that join
    /// during the run; then `items_each` says how many there must be.
    pub items: Vec<EntityId>,
    /// How many items every account has, always, since items change hands only one for one; none where they do
    /// otherwise.
    pub items_each: Option<usize>,
}

/// Looks at the tables on the way: what is conserved must be so at every commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Samples {
    looked_at: usize,
    breaches: Vec<String>,
    breach_count: usize,
}

impl Samples {
    /// Takes in what was stored at one moment, whole.
    pub fn look(&mut self, beginning: &Beginning, state: &FinalState) {
        let mut finding = std::mem::take(self).into_finding();
        finding.looked_at += 1;
        conserved::sample(beginning, state, &mut finding);
        let Finding { looked_at, breaches, breach_count, .. } = finding;
        *self = Self { looked_at, breaches, breach_count };
    }

    fn into_finding(self) -> Finding {
        let Self { looked_at, breaches, breach_count } = self;
        let finding = Finding::new("I7 what is conserved is so at every commit");
        Finding { looked_at, breaches, breach_count, ..finding }
    }

    pub(crate) fn finding(&self) -> Finding {
        self.clone().into_finding()
    }
}
