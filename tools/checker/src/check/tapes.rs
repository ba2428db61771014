//! I1 to I4: what tapes prove. Nothing is lost, doubled, invented, or out of order.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_protocol::EntityId;

use super::FinalState;
use crate::finding::Finding;
use crate::history::History;
use crate::history::action::{ActionRecord, End};

/// I1: every accepted entry is on its tape.
pub(super) fn durable(history: &History, end: &FinalState) -> Finding {
    let mut finding = Finding::new("I1 what was acknowledged is there");
    let on: BTreeMap<EntityId, BTreeSet<u64>> =
        end.tapes.iter().map(|(tape, entries)| (*tape, entries.iter().copied().collect())).collect();
    for (action, tape, entry) in history.appends() {
        if matches!(action.ended, Some((_, End::Accepted))) {
            finding.looked_at += 1;
            if !on.get(&tape).is_some_and(|entries| entries.contains(&entry)) {
                finding.breach(|| {
                    format!(
                        "entry {entry} of character {} (seq {}) was accepted and is not on tape {tape}",
                        action.character, action.name.seq
                    )
                });
            }
        }
    }
    finding
}

/// I2: no entry is there twice.
pub(super) fn exactly_once(end: &FinalState) -> Finding {
    let mut finding = Finding::new("I2 nothing is there twice");
    let mut seen = BTreeSet::new();
    for (tape, entries) in &end.tapes {
        for entry in entries {
            finding.looked_at += 1;
            if !seen.insert(*entry) {
                finding.breach(|| format!("entry {entry} is there once more on tape {tape}"));
            }
        }
    }
    finding
}

/// I3: every entry was asked for, and none of them rejected.
pub(super) fn no_phantom(history: &History, end: &FinalState) -> Finding {
    let mut finding = Finding::new("I3 nothing is there that was rejected or never asked for");
    let asked: BTreeMap<u64, (&ActionRecord, EntityId)> =
        history.appends().map(|(action, tape, entry)| (entry, (action, tape))).collect();
    for (tape, entries) in &end.tapes {
        for entry in entries {
            finding.looked_at += 1;
            match asked.get(entry) {
                None => finding.breach(|| format!("nobody asked for entry {entry} on tape {tape}")),
                Some((_, other)) if other != tape => {
                    finding
                        .breach(|| format!("entry {entry} is on tape {tape} and was meant for tape {other}"));
                }
                Some((action, _)) => {
                    if let Some((_, End::Rejected(code))) = action.ended {
                        finding
                            .breach(|| format!("entry {entry} was rejected ({code}) and is on tape {tape}"));
                    }
                }
            }
        }
    }
    finding
}

/// I4: a client's entries stand in the order of their `seq`, and what ended before another began stands before it.
pub(super) fn in_order(history: &History, end: &FinalState) -> Finding {
    let mut finding = Finding::new("I4 everything stands in the order in which it was done");
    let actions: BTreeMap<u64, &ActionRecord> =
        history.appends().map(|(action, _, entry)| (entry, action)).collect();
    for (tape, entries) in &end.tapes {
        let mut newest_seq = BTreeMap::new();
        for action in entries.iter().filter_map(|entry| actions.get(entry)) {
            finding.looked_at += 1;
            let before = newest_seq.insert(action.character, action.name.seq);
            if before.is_some_and(|before| before >= action.name.seq) {
                finding.breach(|| {
                    format!(
                        "seq {} of character {} stands behind its later ones on tape {tape}",
                        action.name.seq, action.character
                    )
                });
            }
        }
        // From the back: whatever stands behind an action must not have ended before the action was made.
        let mut earliest_end = u64::MAX;
        for (entry, action) in entries.iter().rev().filter_map(|entry| Some((entry, actions.get(entry)?))) {
            if earliest_end < action.invoked.order {
                finding.breach(|| format!("entry {entry} stands before one that had ended when it was made"));
            }
            if let Some((ended, End::Accepted)) = action.ended {
                earliest_end = earliest_end.min(ended.order);
            }
        }
    }
    finding
}
