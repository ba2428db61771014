//! I7: what is conserved, and by how much each account must have changed.

use std::collections::BTreeMap;

use super::{Beginning, FinalState, Finding};
use crate::history::{End, History, Meaning};

/// The sum of all balances is what it was, and each is what its accepted transfers make of it. While a transfer has no
/// end, only the sum can be known.
pub(super) fn balances(history: &History, beginning: &Beginning, end: &FinalState) -> Finding {
    let mut finding = Finding::new("I7 balances are conserved, and follow from what was accepted");
    let count = i64::try_from(end.balances.len()).unwrap_or(i64::MAX);
    let (expected, found) = (beginning.balance.saturating_mul(count), end.balances.values().sum::<i64>());
    if expected != found {
        finding.breach(format!("all balances together are {found}, and must be {expected}"));
    }
    let mut exact = true;
    let mut changes: BTreeMap<_, i64> = BTreeMap::new();
    for action in &history.actions {
        let Meaning::Transfer { to, amount } = action.meaning else { continue };
        match action.ended {
            Some((_, End::Accepted)) => {
                *changes.entry(action.character).or_default() -= amount;
                *changes.entry(to).or_default() += amount;
            }
            Some((_, End::Rejected(_))) => {}
            None | Some((_, End::GivenUp(_))) => exact = false,
        }
    }
    for (account, balance) in &end.balances {
        finding.looked_at += 1;
        let must_be = beginning.balance + changes.get(account).copied().unwrap_or(0);
        if *balance < 0 || (exact && *balance != must_be) {
            finding.breach(format!("account {account} holds {balance}, and must hold {must_be}"));
        }
    }
    finding
}

/// Every item is there, once, and no other. (That each has one owner is the shape of the map that it is read into.)
pub(super) fn items(beginning: &Beginning, end: &FinalState) -> Finding {
    let mut finding = Finding::new("I7 items are conserved");
    let mut left = end.items.clone();
    for item in &beginning.items {
        finding.looked_at += 1;
        if left.remove(item).is_none() {
            finding.breach(format!("item {item} is gone"));
        }
    }
    for item in &end.misplaced {
        finding.breach(format!("item {item} is in two places at once, or in none"));
    }
    for item in left.keys() {
        finding.breach(format!("item {item} came from nowhere"));
    }
    finding
}
