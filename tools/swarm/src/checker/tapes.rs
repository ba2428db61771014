//! The invariants that tapes prove: nothing lost, doubled, invented, out of order, or seen too early.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_protocol::EntityId;

use super::{FinalState, Finding};
use crate::history::{Call, End, History, Meaning};

fn appends(history: &History) -> impl Iterator<Item = (&Call, EntityId, u64)> {
    history.calls.iter().filter_map(|call| match call.meaning {
        Meaning::Append { tape, token } => Some((call, tape, token)),
        Meaning::Transfer { .. } | Meaning::Other => None,
    })
}

/// I1: every accepted token is on its tape.
pub(super) fn durable(history: &History, end: &FinalState) -> Finding {
    let mut finding = Finding::new("I1 what was acknowledged is there");
    let on: BTreeMap<EntityId, BTreeSet<u64>> =
        end.tapes.iter().map(|(tape, tokens)| (*tape, tokens.iter().copied().collect())).collect();
    for (call, tape, token) in appends(history) {
        if matches!(call.ended, Some((_, End::Accepted))) {
            finding.looked_at += 1;
            if !on.get(&tape).is_some_and(|tokens| tokens.contains(&token)) {
                finding.breach(format!(
                    "token {token} of character {} (seq {}) was accepted and is not on tape {tape}",
                    call.character, call.name.seq
                ));
            }
        }
    }
    finding
}

/// I2: no token is there twice.
pub(super) fn exactly_once(end: &FinalState) -> Finding {
    let mut finding = Finding::new("I2 nothing is there twice");
    let mut seen = BTreeSet::new();
    for (tape, tokens) in &end.tapes {
        for token in tokens {
            finding.looked_at += 1;
            if !seen.insert(*token) {
                finding.breach(format!("token {token} is there once more on tape {tape}"));
            }
        }
    }
    finding
}

/// I3: every token was asked for, and none of them rejected.
pub(super) fn no_phantom(history: &History, end: &FinalState) -> Finding {
    let mut finding = Finding::new("I3 nothing is there that was rejected or never asked for");
    let asked: BTreeMap<u64, (&Call, EntityId)> =
        appends(history).map(|(call, tape, token)| (token, (call, tape))).collect();
    for (tape, tokens) in &end.tapes {
        for token in tokens {
            finding.looked_at += 1;
            match asked.get(token) {
                None => finding.breach(format!("nobody asked for token {token} on tape {tape}")),
                Some((_, other)) if other != tape => {
                    finding.breach(format!("token {token} is on tape {tape} and was meant for tape {other}"));
                }
                Some((call, _)) => {
                    if let Some((_, End::Rejected(code))) = call.ended {
                        finding.breach(format!("token {token} was rejected ({code}) and is on tape {tape}"));
                    }
                }
            }
        }
    }
    finding
}

/// I4: a client's tokens stand in the order of their `seq`, and what ended before another began stands before it.
pub(super) fn in_order(history: &History, end: &FinalState) -> Finding {
    let mut finding = Finding::new("I4 everything stands in the order in which it was done");
    let calls: BTreeMap<u64, &Call> = appends(history).map(|(call, _, token)| (token, call)).collect();
    for (tape, tokens) in &end.tapes {
        let mut newest_seq = BTreeMap::new();
        for call in tokens.iter().filter_map(|token| calls.get(token)) {
            finding.looked_at += 1;
            let before = newest_seq.insert(call.character, call.name.seq);
            if before.is_some_and(|before| before >= call.name.seq) {
                finding.breach(format!(
                    "seq {} of character {} stands behind its later ones on tape {tape}",
                    call.name.seq, call.character
                ));
            }
        }
        // From the back: whatever stands behind an action must not have ended before the action was made.
        let mut earliest_end = u64::MAX;
        for (token, call) in tokens.iter().rev().filter_map(|token| Some((token, calls.get(token)?))) {
            if earliest_end < call.invoked {
                finding.breach(format!("token {token} stands before one that had ended when it was made"));
            }
            if let Some((ended, End::Accepted)) = call.ended {
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
        let tokens = end.tapes.get(&sighting.tape).map_or(&[][..], Vec::as_slice);
        if !tokens.starts_with(&sighting.tokens) {
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
        let before = lengths.insert((sighting.character, sighting.tape), sighting.tokens.len());
        if before.is_some_and(|before| before > sighting.tokens.len()) {
            finding.breach(format!("character {} saw tape {} shrink", sighting.character, sighting.tape));
        }
    }
    finding
}
