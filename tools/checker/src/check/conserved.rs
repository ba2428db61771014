//! I7: what is conserved, and by how much each account must have changed.

use super::Samples;
use crate::finding::Finding;
use crate::history::History;
use crate::state::{Beginning, FinalState};

/// The sum of all balances is what it was, and each is what its accepted transfers make of it; a transfer that has no
/// end may have happened or not.
pub(super) fn balances(history: &History, beginning: &Beginning, end: &FinalState) -> Finding {
    let mut finding = Finding::new("I7 balances are conserved, and follow from what was accepted");
    check_sum(beginning, end, &mut finding);
    let changes = history.changes();
    for (account, balance) in &end.balances {
        finding.looked_at += 1;
        let change = changes.get(account).copied().unwrap_or_default();
        let sure = beginning.balance + change.sure;
        let (least, most) = (sure - change.less, sure + change.more);
        if *balance < 0 || !(least..=most).contains(balance) {
            finding.breach(|| format!("account {account} holds {balance}, and must hold {least} to {most}"));
        }
    }
    finding
}

/// Every item is there, once, and no other. (That each has one owner is the shape of the map that it is read into.)
pub(super) fn items(beginning: &Beginning, end: &FinalState) -> Finding {
    let mut finding = Finding::new("I7 items are conserved");
    finding.looked_at = if beginning.items.is_empty() { end.items.len() } else { beginning.items.len() };
    check_items(beginning, end, &mut finding);
    finding
}

/// What is conserved is so at every commit.
pub(super) fn at_every_commit(samples: Option<&Samples>) -> Finding {
    samples.map_or_else(
        || {
            Finding::not_looked_at(
                "I7 what is conserved is so at every commit",
                "looks at the tables on the way",
            )
        },
        Samples::finding,
    )
}

/// One look at the tables.
pub(crate) fn sample(beginning: &Beginning, state: &FinalState, finding: &mut Finding) {
    check_sum(beginning, state, finding);
    check_items(beginning, state, finding);
}

fn check_sum(beginning: &Beginning, state: &FinalState, finding: &mut Finding) {
    let count = i64::try_from(state.balances.len()).unwrap_or(i64::MAX);
    let expected = beginning.balance.saturating_mul(count);
    let found = state.balances.values().fold(0_i64, |sum, balance| sum.saturating_add(*balance));
    if expected != found {
        finding.breach(|| format!("all balances together are {found}, and must be {expected}"));
    }
}

fn check_items(beginning: &Beginning, state: &FinalState, finding: &mut Finding) {
    for item in beginning.items.iter().filter(|item| !state.items.contains_key(item)) {
        finding.breach(|| format!("item {item} is gone"));
    }
    for item in &state.misplaced {
        finding.breach(|| format!("item {item} is in two places at once, or in none"));
    }
    if !beginning.items.is_empty() && state.items.len() > beginning.items.len() {
        let known: std::collections::BTreeSet<_> = beginning.items.iter().collect();
        for item in state.items.keys().filter(|item| !known.contains(item)) {
            finding.breach(|| format!("item {item} came from nowhere"));
        }
    }
    if let (true, Some(each)) = (beginning.items.is_empty(), beginning.items_each) {
        let expected = each * state.balances.len();
        if state.items.len() != expected {
            finding.breach(|| format!("there are {} items, and must be {expected}", state.items.len()));
        }
    }
}
