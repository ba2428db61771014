//! The invariants that tapes prove: nothing lost, doubled, invented, out of order, or seen too early.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_protocol::EntityId;

use super::{FinalState, Finding};
use crate::history::{ActionRecord, End, History, Meaning};

fn appends(history: &History) -> impl Iterator<Item = (&ActionRecord, EntityId, u64)> {
    history.actions.iter().filter_map(|action| match action.meaning {
        Meaning::Append { tape, entry } => Some((action, tape, entry)),
        Meaning::Transfer { .. } | Meaning::Other => None,
    })
}

/// I1: every accepted entry is on its tape.
pub(super) fn durable(history: &History, end: &FinalState) -> Finding {
    let mut finding = Finding::new("I1 what was acknowledged is there");
    let on: BTreeMap<EntityId, BTreeSet<u64>> =
        end.tapes.iter().map(|(tape, entries)| (*tape, entries.iter().copied().collect())).collect();
    for (action, tape, entry) in appends(history) {
        if matches!(action.ended, Some((_, End::Accepted))) {
            finding.looked_at += 1;
            if !on.get(&tape).is_some_and(|entries| entries.contains(&entry)) {
                finding.breach(format!(
                    "entry {entry} of character {} (seq {}) was accepted and is not on tape {tape}",
                    action.character, action.name.seq
                ));
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
                finding.breach(format!("entry {entry} is there once more on tape {tape}"));
            }
        }
    }
    finding
}

/// I3: every entry was asked for, and none of them rejected.
pub(super) fn no_phantom(history: &History, end: &FinalState) -> Finding {
    let mut finding = Finding::new("I3 nothing is there that was rejected or never asked for");
    let asked: BTreeMap<u64, (&ActionRecord, EntityId)> =
        appends(history).map(|(action, tape, entry)| (entry, (action, tape))).collect();
    for (tape, entries) in &end.tapes {
        for entry in entries {
            finding.looked_at += 1;
            match asked.get(entry) {
                None => finding.breach(format!("nobody asked for entry {entry} on tape {tape}")),
                Some((_, other)) if other != tape => {
                    finding.breach(format!("entry {entry} is on tape {tape} and was meant for tape {other}"));
                }
                Some((action, _)) => {
                    if let Some((_, End::Rejected(code))) = action.ended {
                        finding.breach(format!("entry {entry} was rejected ({code}) and is on tape {tape}"));
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
        appends(history).map(|(action, _, entry)| (entry, action)).collect();
    for (tape, entries) in &end.tapes {
        let mut newest_seq = BTreeMap::new();
        for action in entries.iter().filter_map(|entry| actions.get(entry)) {
            finding.looked_at += 1;
            let before = newest_seq.insert(action.character, action.name.seq);
            if before.is_some_and(|before| before >= action.name.seq) {
                finding.breach(format!(
                    "seq {} of character {} stands behind its later ones on tape {tape}",
                    action.name.seq, action.character
                ));
            }
        }
        // From the back: whatever stands behind an action must not have ended before the action was made.
        let mut earliest_end = u64::MAX;
        for (entry, action) in entries.iter().rev().filter_map(|entry| Some((entry, actions.get(entry)?))) {
            if earliest_end < action.invoked {
                finding.breach(format!("entry {entry} stands before one that had ended when it was made"));
            }
            if let Some((ended, End::Accepted)) = action.ended {
                earliest_end = earliest_end.min(ended);
            }
        }
    }
    finding
}

/// I5: whatever anybody saw of a tape is the beginning of what is on it now.
pub(super) fn nothing_early(history: &History, end: &FinalState) -> Finding {
    let mut finding = Finding::new("I5 nothing was seen that is not true");
    for sighting in &history.sightings {
        finding.looked_at += 1;
        let entries = end.tapes.get(&sighting.tape).map_or(&[][..], Vec::as_slice);
        if !entries.starts_with(&sighting.entries) {
            finding.breach(format!(
                "character {} saw at epoch {} tick {} on tape {} what is not the beginning of it",
                sighting.character, sighting.at.epoch, sighting.at.tick, sighting.tape
            ));
        }
    }
    finding
}

/// I6: no client's time goes backwards, and no tape that it sees grows shorter.
pub(super) fn monotonic(history: &History) -> Finding {
    let mut finding = Finding::new("I6 nobody's time goes backwards");
    for (character, points) in &history.points {
        finding.looked_at += points.len();
        for pair in points.windows(2) {
            if pair[1] < pair[0] {
                finding.breach(format!("character {character} went from {:?} to {:?}", pair[0], pair[1]));
            }
        }
    }
    let mut lengths = BTreeMap::new();
    for sighting in &history.sightings {
        let before = lengths.insert((sighting.character, sighting.tape), sighting.entries.len());
        if before.is_some_and(|before| before > sighting.entries.len()) {
            finding.breach(format!("character {} saw tape {} shrink", sighting.character, sighting.tape));
        }
    }
    finding
}
