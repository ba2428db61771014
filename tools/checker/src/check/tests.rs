//! A checker that finds nothing proves nothing: each invariant is broken here once, and must be found, alone.

use holdfast_protocol::{ActionName, Code, Epoch, Nonce, Seq, Tick, TokenPoint};

use super::*;
use crate::history::Meaning;

const TAPE: EntityId = EntityId(100);
const ANN: EntityId = EntityId(1);
const BEN: EntityId = EntityId(3);

fn name(seq: u64) -> ActionName {
    ActionName { seq: Seq(seq), nonce: Nonce(7) }
}

fn at(tick: u64) -> TokenPoint {
    TokenPoint { epoch: Epoch(1), tick: Tick(tick) }
}

fn invoke(history: &mut History, character: EntityId, name: ActionName, meaning: Meaning) {
    let invoked = history.stamp();
    history.invoke(character, name, meaning, invoked);
}

/// Ann appends 11 and 12, Ben appends 21 (while 12 is under way) and is refused 22; Ann gives Ben 100.
fn history() -> History {
    let mut history = History::default();
    let append = |entry| Meaning::Append { tape: TAPE, entry };
    invoke(&mut history, ANN, name(1), append(11));
    history.end(ANN, name(1), End::Accepted);
    invoke(&mut history, ANN, name(2), append(12));
    invoke(&mut history, BEN, name(1), append(21));
    history.adopt(BEN, at(5), vec![(TAPE, vec![11])]);
    history.end(BEN, name(1), End::Accepted);
    history.end(ANN, name(2), End::Accepted);
    invoke(&mut history, BEN, name(2), append(22));
    history.end(BEN, name(2), End::Rejected(Code(300)));
    invoke(&mut history, ANN, name(3), Meaning::Transfer { to: BEN, amount: 100 });
    history.end(ANN, name(3), End::Accepted);
    history.adopt(BEN, at(9), vec![(TAPE, vec![11, 21, 12])]);
    history
}

fn beginning() -> Beginning {
    Beginning { balance: 1_000, items: vec![EntityId(50)] }
}

fn end() -> FinalState {
    FinalState {
        tapes: BTreeMap::from([(TAPE, vec![11, 21, 12])]),
        balances: BTreeMap::from([(ANN, 900), (BEN, 1_100)]),
        items: BTreeMap::from([(EntityId(50), Some(ANN))]),
        misplaced: vec![],
    }
}

/// The numbers of the invariants that are found broken.
fn broken(history: &History, end: &FinalState) -> Vec<&'static str> {
    check(history, &beginning(), end)
        .invariants
        .iter()
        .filter(|finding| !finding.holds())
        .map(|finding| &finding.invariant[..2])
        .collect()
}

#[test]
fn a_true_history_holds_and_everything_was_looked_at() {
    let findings = check(&history(), &beginning(), &end());
    assert!(findings.hold(), "{findings:#?}");
    assert!(findings.invariants.iter().all(|finding| finding.looked_at > 0), "{findings:#?}");
    assert_eq!((findings.accepted, findings.rejected, findings.open), (4, 1, 0));
}

#[test]
fn a_lost_entry_is_found() {
    let mut end = end();
    end.tapes.insert(TAPE, vec![11, 21]);
    assert_eq!(broken(&history(), &end), ["I1", "I5"]);
    assert_eq!(check(&history(), &beginning(), &end).lost, 1);
}

#[test]
fn a_doubled_entry_is_found() {
    let mut end = end();
    end.tapes.insert(EntityId(102), vec![12]);
    assert_eq!(broken(&history(), &end), ["I2", "I3"]);
    end.tapes = BTreeMap::from([(TAPE, vec![11, 21, 12, 21])]);
    assert!(broken(&history(), &end).contains(&"I2"));
}

#[test]
fn a_rejected_entry_that_is_there_is_found() {
    let mut end = end();
    end.tapes.insert(TAPE, vec![11, 21, 12, 22]);
    assert_eq!(broken(&history(), &end), ["I3"]);
}

#[test]
fn an_entry_that_nobody_asked_for_is_found() {
    let mut end = end();
    end.tapes.insert(TAPE, vec![11, 21, 12, 99]);
    assert_eq!(broken(&history(), &end), ["I3"]);
}

#[test]
fn a_clients_own_order_is_checked() {
    let mut history = history();
    history.sightings.clear();
    let mut end = end();
    end.tapes.insert(TAPE, vec![12, 11, 21]);
    assert_eq!(broken(&history, &end), ["I4"]);
}

#[test]
fn what_ended_before_another_began_stands_before_it() {
    let mut history = history();
    history.sightings.clear();
    let mut end = end();
    // Ben's 21 was made after Ann's 11 had ended; the two are of different clients.
    end.tapes.insert(TAPE, vec![21, 11, 12]);
    assert_eq!(broken(&history, &end), ["I4"]);
}

#[test]
fn what_was_seen_and_is_not_true_is_found() {
    let mut history = history();
    history.adopt(ANN, at(6), vec![(TAPE, vec![11, 12])]);
    assert_eq!(broken(&history, &end()), ["I5"]);
}

#[test]
fn time_that_goes_backwards_is_found() {
    let mut history = history();
    history.adopt(BEN, at(8), vec![]);
    assert_eq!(broken(&history, &end()), ["I6"]);
}

#[test]
fn a_tape_that_shrinks_before_somebodys_eyes_is_found() {
    let mut history = history();
    history.adopt(BEN, at(10), vec![(TAPE, vec![11])]);
    assert_eq!(broken(&history, &end()), ["I6"]);
}

#[test]
fn money_that_is_made_or_moved_by_nobody_is_found() {
    let mut made = end();
    made.balances.insert(ANN, 1_000);
    assert_eq!(broken(&history(), &made), ["I7"]);
    let mut moved = end();
    moved.balances = BTreeMap::from([(ANN, 800), (BEN, 1_200)]);
    assert_eq!(broken(&history(), &moved), ["I7"], "a transfer that happened twice conserves the sum");
}

#[test]
fn an_open_transfer_may_have_happened_or_not() {
    let mut history = history();
    invoke(&mut history, BEN, name(3), Meaning::Transfer { to: ANN, amount: 50 });
    let mut happened = end();
    happened.balances = BTreeMap::from([(ANN, 950), (BEN, 1_050)]);
    assert!(check(&history, &beginning(), &happened).hold());
    assert!(check(&history, &beginning(), &end()).hold());
}

#[test]
fn items_that_vanish_or_appear_are_found() {
    let mut gone = end();
    gone.items.clear();
    assert_eq!(broken(&history(), &gone), ["I7"]);
    let mut more = end();
    more.items.insert(EntityId(52), None);
    assert_eq!(broken(&history(), &more), ["I7"]);
    let mut twice = end();
    twice.misplaced.push(EntityId(50));
    assert_eq!(broken(&history(), &twice), ["I7"]);
}

#[test]
fn an_end_that_is_told_before_its_beginning_is_written_down_counts() {
    let mut history = History::default();
    let invoked = history.stamp();
    history.end(ANN, name(1), End::Accepted);
    history.invoke(ANN, name(1), Meaning::Other, invoked);
    let findings = check(&history, &Beginning::default(), &FinalState::default());
    assert_eq!((findings.accepted, findings.open), (1, 0));
}
