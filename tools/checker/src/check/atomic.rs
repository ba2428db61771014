//! I8: what happens to two is seen of both or of neither.
//!
//! A transfer within a view does not change the sum of what the accounts in it have, and a swap does not change how many
//! items each of them has. Whoever saw one half without the other saw another sum, or another number.
//!
//! Accounts come and go, and one that is away may have given or taken something meanwhile. So the sums that are compared
//! are those of all accounts that a view ever shows, and those of one set at two ticks so close that nobody can have come,
//! given and gone between them.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_protocol::{ChunkId, EntityId, TokenPoint};

use super::session::point;
use crate::finding::Finding;
use crate::history::view::Adopted;
use crate::state::{Beginning, FinalState};

/// How far apart two ticks may be for nobody to come, act and go between them: who comes acts in the next tick at the
/// earliest, and leaves in one after that.
const CLOSE_TICKS: u64 = 2;

/// What the accounts of a view had together.
#[derive(Clone, Debug)]
struct Sum {
    at: TokenPoint,
    accounts: Vec<EntityId>,
    sum: i64,
}

/// Something that was seen, how often, and where first.
#[derive(Clone, Debug)]
struct Seen {
    count: usize,
    by: EntityId,
    at: TokenPoint,
}

/// A view that has been seen whole: with every account that it ever showed.
#[derive(Clone, Debug, Default)]
struct Whole {
    accounts: BTreeSet<EntityId>,
    /// What they were seen to have together.
    sums: BTreeMap<i64, Seen>,
}

/// The latest sum that each client saw, those of whole views, and the numbers of items that were seen.
#[derive(Clone, Debug)]
pub(crate) struct Atomic {
    latest: BTreeMap<EntityId, Sum>,
    close: Finding,
    whole: BTreeMap<ChunkId, Whole>,
    /// How often some account was seen with so many items, and which one first.
    held: BTreeMap<usize, (Seen, EntityId)>,
}

impl Default for Atomic {
    fn default() -> Self {
        let close = Finding::new("I8 of a transfer both sides are seen, or neither");
        Self { latest: BTreeMap::new(), close, whole: BTreeMap::new(), held: BTreeMap::new() }
    }
}

impl Atomic {
    pub(crate) fn adopt(&mut self, character: EntityId, adopted: &Adopted) {
        if !adopted.view.balances.is_empty() {
            self.look_at_sum(character, adopted);
        }
        let mut held: BTreeMap<EntityId, usize> =
            adopted.view.balances.iter().map(|(id, _)| (*id, 0)).collect();
        for (_, holder) in &adopted.view.items {
            *held.entry(*holder).or_default() += 1;
        }
        for (holder, count) in held {
            let first = (Seen { count: 0, by: character, at: adopted.at }, holder);
            self.held.entry(count).or_insert(first).0.count += 1;
        }
    }

    fn look_at_sum(&mut self, by: EntityId, adopted: &Adopted) {
        let (at, balances) = (adopted.at, &adopted.view.balances);
        let accounts: Vec<_> = balances.iter().map(|(id, _)| *id).collect();
        let sum = balances.iter().fold(0_i64, |sum, (_, balance)| sum.saturating_add(*balance));

        let whole = self.whole.entry(adopted.center).or_default();
        let known = whole.accounts.len();
        whole.accounts.extend(accounts.iter().copied());
        if whole.accounts.len() > known {
            whole.sums.clear();
        }
        if whole.accounts.len() == accounts.len() {
            whole.sums.entry(sum).or_insert(Seen { count: 0, by, at }).count += 1;
        }

        let before = self.latest.insert(by, Sum { at, accounts, sum });
        let (Some(before), Some(latest)) = (before, self.latest.get(&by)) else { return };
        let is_close =
            before.at.epoch == at.epoch && at.tick.0.saturating_sub(before.at.tick.0) <= CLOSE_TICKS;
        if is_close && before.accounts == latest.accounts {
            self.close.looked_at += 1;
            if before.sum != sum {
                self.close.breach(|| {
                    let was = before.sum;
                    format!(
                        "character {by} saw what the same accounts have go from {was} to {sum}, at {}",
                        point(at)
                    )
                });
            }
        }
    }

    /// Whoever saw all accounts of a view saw all that they were given; and no sum ever changes by itself.
    pub(crate) fn balances(&self, beginning: &Beginning) -> Finding {
        let mut finding = self.close.clone();
        for whole in self.whole.values() {
            let count = i64::try_from(whole.accounts.len()).unwrap_or(i64::MAX);
            let expected = beginning.balance.saturating_mul(count);
            for (sum, seen) in &whole.sums {
                finding.looked_at += seen.count;
                if *sum != expected {
                    let Seen { by, at, .. } = *seen;
                    finding.breach(|| {
                        format!(
                            "character {by} saw {count} accounts with {sum} instead of {expected}, at {}",
                            point(at)
                        )
                    });
                }
            }
        }
        finding
    }

    /// Where every account has so many items at all times, nobody ever saw one with another number, nor does the store.
    pub(crate) fn items(&self, beginning: &Beginning, end: &FinalState) -> Finding {
        const INVARIANT: &str = "I8 of a swap both sides are seen, or neither";
        let Some(each) = beginning.items_each else {
            return Finding::not_looked_at(INVARIANT, "a world in which each has as many items, always");
        };
        let mut finding = Finding::new(INVARIANT);
        for (count, (Seen { count: times, by, at }, holder)) in &self.held {
            finding.looked_at += times;
            if *count != each {
                finding.breach(|| {
                    format!("character {by} saw account {holder} with {count} items, at {}", point(*at))
                });
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
