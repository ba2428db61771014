//! A checker that finds nothing proves nothing: each invariant is broken here once, and must be found, alone.

mod sessions;
mod store;
mod sums;
mod tapes;

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_client::Divergence;
use holdfast_protocol::{
    ActionName, ChunkId, Code, EntityId, Epoch, Nonce, Refusal, ResyncKind, Seq, Tick, TokenPoint,
};

use super::*;
use crate::commits::Commit;
use crate::history::action::{End, Meaning};
use crate::history::view::{Adopted, View};

const TAPE: EntityId = EntityId(100);
const ITEM: EntityId = EntityId(50);
const OTHER_ITEM: EntityId = EntityId(52);
const ANN: EntityId = EntityId(1);
const BEN: EntityId = EntityId(3);

fn name(seq: u64) -> ActionName {
    ActionName { seq: Seq(seq), nonce: Nonce(7) }
}

fn at(tick: u64) -> TokenPoint {
    TokenPoint { epoch: Epoch(1), tick: Tick(tick) }
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn invoke(history: &mut History, character: EntityId, name: ActionName, meaning: Meaning) {
    let invoked = history.stamp();
    history.invoke(character, name, meaning, invoked);
}

fn append(entry: u64) -> Meaning {
    Meaning::Append { tape: TAPE, entry }
}

/// What is seen where Ann has given Ben so much: this on the tape, and an item each.
fn shows(entries: &[u64], given: i64) -> View {
    View {
        tapes: vec![(TAPE, entries.to_vec())],
        items: vec![(ITEM, ANN), (OTHER_ITEM, BEN)],
        balances: vec![(ANN, 1_000 - given), (BEN, 1_000 + given)],
    }
}

/// A token that nothing precedes.
fn snapshot(tick: u64, view: View) -> Adopted {
    let shared_hash = view.tapes.iter().map(|(_, entries)| entries.len() as u64).sum();
    Adopted { at: at(tick), center: ChunkId(0), from: None, shared_hash, own_hash: 0, compared: tick, view }
}

/// A token that follows another.
fn delta(from: u64, tick: u64, view: View) -> Adopted {
    Adopted { from: Some(at(from)), ..snapshot(tick, view) }
}

/// Ann appends 11 and 12, Ben appends 21 (while 12 is under way) and is refused 22; Ann gives Ben 100. Then Ben reads
/// the tape, comes back over a new connection, and both do something when all is quiet.
fn history() -> History {
    let mut history = History::default();
    history.set_now(ms(100));
    for character in [ANN, BEN] {
        history.greeted(character, false);
        history.welcomed(character, ResyncKind::SnapshotFresh, Seq(0));
    }
    invoke(&mut history, ANN, name(1), append(11));
    history.end(ANN, name(1), End::Accepted);
    invoke(&mut history, ANN, name(2), append(12));
    invoke(&mut history, BEN, name(1), append(21));
    history.adopt(BEN, &snapshot(5, shows(&[11], 0)));
    history.end(BEN, name(1), End::Accepted);
    history.end(ANN, name(2), End::Accepted);
    invoke(&mut history, BEN, name(2), append(22));
    history.end(BEN, name(2), End::Rejected(Code(300)));
    invoke(&mut history, ANN, name(3), Meaning::Transfer { to: BEN, amount: 100 });
    history.end(ANN, name(3), End::Accepted);
    history.adopt(BEN, &delta(5, 9, shows(&[11, 21, 12], 100)));
    history.adopt(ANN, &snapshot(9, shows(&[11, 21, 12], 100)));
    invoke(&mut history, BEN, name(3), Meaning::Read { tape: TAPE });
    history.reply(BEN, Seq(3), &[11, 21]);
    history.end(BEN, name(3), End::Accepted);
    history.greeted(BEN, true);
    history.welcomed(BEN, ResyncKind::Delta, Seq(3));
    history.set_now(ms(500));
    history.faults_are_over();
    for (character, seq) in [(ANN, 4), (BEN, 4)] {
        invoke(&mut history, character, name(seq), Meaning::Other);
        history.end(character, name(seq), End::Rejected(Code(300)));
    }
    history
}

fn beginning() -> Beginning {
    Beginning { balance: 1_000, items: vec![ITEM, OTHER_ITEM], items_each: Some(1) }
}

fn end() -> FinalState {
    FinalState {
        tapes: BTreeMap::from([(TAPE, vec![11, 21, 12])]),
        balances: BTreeMap::from([(ANN, 900), (BEN, 1_100)]),
        items: BTreeMap::from([(ITEM, Some(ANN)), (OTHER_ITEM, Some(BEN))]),
        misplaced: vec![],
    }
}

fn commit(epoch: u64, from: u64, to: u64) -> Commit {
    Commit { epoch: Epoch(epoch), from: Tick(from), to: Tick(to), changed: true, at: Some(ms(90)) }
}

fn commits() -> Commits {
    Commits { list: vec![commit(1, 0, 5), commit(1, 5, 9), commit(2, 9, 10)], with_beats: true }
}

fn samples() -> Samples {
    let mut samples = Samples::default();
    samples.look(&beginning(), &end());
    samples
}

/// Everything is looked at.
fn check_all(history: &History, end: &FinalState, commits: &Commits) -> Findings {
    let (beginning, samples) = (beginning(), samples());
    let evidence = Evidence {
        commits: Some(commits),
        samples: Some(&samples),
        fresh_within: Some(ms(20)),
        ..Evidence::new(history, &beginning, end)
    };
    evidence.check()
}

fn broken(history: &History, end: &FinalState) -> Vec<&'static str> {
    check_all(history, end, &commits()).broken()
}

#[test]
fn a_true_history_holds_and_everything_was_looked_at() {
    let findings = check_all(&history(), &end(), &commits());
    assert!(findings.hold(), "{findings:#?}");
    assert!(findings.invariants.iter().all(|finding| finding.outcome() == Outcome::Holds), "{findings:#?}");
    assert_eq!((findings.accepted, findings.rejected, findings.open), (5, 3, 0));
    for number in 1..=10 {
        let number = format!("I{number}");
        assert!(findings.invariants.iter().any(|finding| finding.number() == number), "{number}");
    }
}

#[test]
fn what_was_not_offered_is_not_looked_at_and_does_not_hold() {
    let findings = check(&History::default(), &Beginning::default(), &FinalState::default());
    assert!(findings.hold(), "nothing is broken either");
    for finding in &findings.invariants {
        assert_eq!(finding.outcome(), Outcome::NotLookedAt, "{finding}");
    }
    let missing: Vec<_> = findings.invariants.iter().filter(|finding| finding.missing.is_some()).collect();
    assert_eq!(missing.len(), 7, "{missing:#?}");
}
