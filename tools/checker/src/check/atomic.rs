//! I8: what happens to two is seen of both or of neither.
//!
//! A transfer within a view does not change the sum of what the accounts in it have, and a swap does not change how many
//! items each of them has. Whoever saw one half without the other saw another sum, or another number.

use std::collections::BTreeMap;

use holdfast_protocol::EntityId;

use super::session::point;
use crate::finding::Finding;
use crate::history::view::Adopted;
use crate::state::{Beginning, FinalState};

/// What the accounts of a view had together.
#[derive(Clone, Debug, Default)]
struct Sum {
    accounts: Vec<EntityId>,
    sum: i64,
}

/// An account that was seen with so many items.
#[derive(Clone, Debug)]
struct Example {
    count: usize,
    text: String,
}

/// The latest sum that each client saw, and the numbers of items that were seen.
#[derive(Clone, Debug)]
pub(crate) struct Atomic {
    sums: BTreeMap<EntityId, Sum>,
    balances: Finding,
    /// How often an account was seen with so many items.
    held: BTreeMap<usize, Example>,
}

impl Default for Atomic {
    fn default() -> Self {
        let balances = Finding::new("I8 of a transfer both sides are seen, or neither");
        Self { sums: BTreeMap::new(), balances, held: BTreeMap::new() }
    }
}

impl Atomic {
    pub(crate) fn adopt(&mut self, character: EntityId, adopted: &Adopted) {
        self.look_at_balances(character, adopted);
        let mut held: BTreeMap<EntityId, usize> =
            adopted.view.balances.iter().map(|(id, _)| (*id, 0)).collect();
        for (_, holder) in &adopted.view.items {
            *held.entry(*holder).or_default() += 1;
        }
        for (holder, count) in held {
            let example = self.held.entry(count).or_insert_with(|| Example {
                count: 0,
                text: format!(
                    "character {character} saw account {holder} with {count} items, at {}",
                    point(adopted.at)
                ),
            });
            example.count += 1;
        }
    }

    fn look_at_balances(&mut self, character: EntityId, adopted: &Adopted) {
        let balances = &adopted.view.balances;
        if balances.is_empty() {
            return;
        }
        self.balances.looked_at += 1;
        let sum = balances.iter().fold(0_i64, |sum, (_, balance)| sum.saturating_add(*balance));
        let before = self.sums.entry(character).or_default();
        let is_same_set = before.accounts.iter().eq(balances.iter().map(|(id, _)| id));
        if is_same_set && before.sum != sum {
            let was = before.sum;
            self.balances.breach(|| {
                format!(
                    "character {character} saw what the same accounts have go from {was} to {sum}, at {}",
                    point(adopted.at)
                )
            });
        }
        if !is_same_set {
            before.accounts = balances.iter().map(|(id, _)| *id).collect();
        }
        before.sum = sum;
    }

    pub(crate) fn balances(&self) -> Finding {
        self.balances.clone()
    }

    /// Where every account has so many items at all times, nobody ever saw one with another number, nor does the store.
    pub(crate) fn items(&self, beginning: &Beginning, end: &FinalState) -> Finding {
        const INVARIANT: &str = "I8 of a swap both sides are seen, or neither";
        let Some(each) = beginning.items_each else {
            return Finding::not_looked_at(INVARIANT, "a world in which each has as many items, always");
        };
        let mut finding = Finding::new(INVARIANT);
        for (count, example) in &self.held {
            finding.looked_at += example.count;
            if *count != each {
                finding.breach(|| example.text.clone());
                finding.breach_count += example.count - 1;
            }
        }
        let mut held: BTreeMap<EntityId, usize> = end.balances.keys().map(|id| (*id, 0)).collect();
        for holder in end.items.values().flatten() {
            *held.entry(*holder).or_default() += 1;
        }
        for (holder, count) in held {
            finding.looked_at += 1;
            if count != each {
                finding.breach(|| format!("account {holder} has {count} items in the end"));
            }
        }
        finding
    }
}
