//! A checker that finds nothing proves nothing: each invariant is broken here once, and must be found, alone.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_client::Divergence;
use holdfast_protocol::{
    ActionName, ChunkId, Code, EntityId, Epoch, Nonce, Refusal, ResyncKind, Seq, Tick, TokenPoint,
};

use super::*;
use crate::commits::Commit;
use crate::finding::Outcome;
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
        history.greeted(character);
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
    history.greeted(BEN);
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
    assert!(findings.invariants.iter().all(Finding::holds), "{findings:#?}");
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
fn an_action_that_must_be_given_up_is_found() {
    let mut history = history();
    invoke(&mut history, ANN, name(5), append(13));
    history.end(ANN, name(5), End::GivenUp(Code::SEQ_CONFLICT));
    assert_eq!(broken(&history, &end()), ["I2"]);
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

/// Nothing was seen: what is stored shows by itself.
fn unseen() -> History {
    let mut history = History::default();
    invoke(&mut history, ANN, name(1), append(11));
    history.end(ANN, name(1), End::Accepted);
    invoke(&mut history, ANN, name(2), append(12));
    invoke(&mut history, BEN, name(1), append(21));
    history.end(BEN, name(1), End::Accepted);
    history.end(ANN, name(2), End::Accepted);
    history
}

fn only_tape(entries: &[u64]) -> FinalState {
    FinalState { tapes: BTreeMap::from([(TAPE, entries.to_vec())]), ..FinalState::default() }
}

#[test]
fn a_clients_own_order_is_checked() {
    let found = check(&unseen(), &Beginning::default(), &only_tape(&[12, 11, 21]));
    assert_eq!(found.broken(), ["I4"]);
    assert!(check(&unseen(), &Beginning::default(), &only_tape(&[11, 21, 12])).hold());
}

#[test]
fn what_ended_before_another_began_stands_before_it() {
    // Ben's 21 was made after Ann's 11 had ended; the two are of different clients.
    let found = check(&unseen(), &Beginning::default(), &only_tape(&[21, 11, 12]));
    assert_eq!(found.broken(), ["I4"]);
}

#[test]
fn what_was_seen_and_is_not_true_is_found() {
    let mut history = history();
    history.adopt(ANN, &delta(9, 11, shows(&[11, 21, 13], 100)));
    assert_eq!(broken(&history, &end()), ["I5"]);
}

#[test]
fn what_was_read_and_is_not_true_is_found() {
    let mut history = history();
    invoke(&mut history, BEN, name(5), Meaning::Read { tape: TAPE });
    history.reply(BEN, Seq(5), &[11, 12]);
    history.end(BEN, name(5), End::Accepted);
    assert_eq!(broken(&history, &end()), ["I5"]);
}

#[test]
fn what_was_seen_before_its_commit_is_found() {
    let mut commits = commits();
    commits.list[1].at = Some(ms(101));
    assert_eq!(check_all(&history(), &end(), &commits).broken(), ["I5"]);
    // Who does not know the time of a commit knows nothing of this.
    commits.list.iter_mut().for_each(|commit| commit.at = None);
    assert!(check_all(&history(), &end(), &commits).hold());
}

#[test]
fn time_that_goes_backwards_is_found() {
    let mut history = history();
    history.adopt(BEN, &snapshot(8, shows(&[11, 21, 12], 100)));
    assert_eq!(broken(&history, &end()), ["I6"]);
}

#[test]
fn an_epoch_counts_more_than_a_tick() {
    let mut history = history();
    let mut later = snapshot(3, shows(&[11, 21, 12], 100));
    later.at.epoch = Epoch(2);
    history.adopt(BEN, &later);
    assert_eq!(broken(&history, &end()), Vec::<&str>::new());
}

#[test]
fn a_frame_that_builds_upon_what_is_not_held_is_found() {
    let mut history = history();
    history.adopt(BEN, &delta(8, 10, shows(&[11, 21, 12], 100)));
    assert_eq!(broken(&history, &end()), ["I6"]);
}

#[test]
fn a_tape_that_shrinks_before_somebodys_eyes_is_found() {
    let mut history = history();
    history.adopt(BEN, &delta(9, 10, shows(&[11], 100)));
    assert_eq!(broken(&history, &end()), ["I6"]);
}

#[test]
fn copies_that_do_not_agree_are_found() {
    let mut history = history();
    history.adopt(ANN, &delta(9, 10, shows(&[11, 21, 12], 100)));
    let other = Adopted { shared_hash: 77, ..delta(9, 10, shows(&[11, 21, 12], 100)) };
    history.adopt(BEN, &other);
    assert_eq!(broken(&history, &end()), ["I6"]);
}

#[test]
fn a_clients_own_things_that_differ_at_one_tick_are_found() {
    let mut history = history();
    history.set_now(ms(100));
    history.adopt(ANN, &Adopted { own_hash: 1, ..snapshot(9, shows(&[11, 21, 12], 100)) });
    assert_eq!(broken(&history, &end()), ["I6"]);
}

#[test]
fn a_copy_that_does_not_hash_as_the_server_says_is_found() {
    let mut history = history();
    history.diverged(ANN, &Divergence::Hash { chunk: ChunkId(0), expected: 1, found: 2 });
    assert_eq!(broken(&history, &end()), ["I6"]);
}

#[test]
fn an_answer_that_is_taken_back_is_found() {
    let mut after_verdict = history();
    after_verdict.welcomed(ANN, ResyncKind::Delta, Seq(3));
    assert_eq!(broken(&after_verdict, &end()), ["I6"], "its seq 4 has a verdict");
    let mut after_refusal = history();
    let refusal = Refusal { action: name(9), code: Code::SEQ_GAP, retry_after_ms: 0, expected: Seq(7) };
    after_refusal.refused(ANN, &refusal);
    after_refusal.welcomed(ANN, ResyncKind::Delta, Seq(5));
    assert_eq!(broken(&after_refusal, &end()), ["I6"], "it was told that 6 is decided");
}

#[test]
fn a_resume_in_time_that_is_refused_is_found() {
    for (greetings, seconds, expected) in
        [(1, 60, vec!["I6"]), (1, 119, vec![]), (2, 60, vec![]), (0, 60, vec![])]
    {
        let mut history = history();
        history.set_now(Duration::from_secs(seconds));
        (0..greetings).for_each(|_| history.greeted(BEN));
        history.welcomed(BEN, ResyncKind::SnapshotExpired, Seq(4));
        assert_eq!(broken(&history, &end()), expected, "{greetings} {seconds}");
    }
}

#[test]
fn money_that_is_made_or_moved_by_nobody_is_found() {
    let mut made = end();
    made.balances.insert(ANN, 1_000);
    assert!(broken(&history(), &made).contains(&"I7"));
    let mut moved = end();
    moved.balances = BTreeMap::from([(ANN, 800), (BEN, 1_200)]);
    assert_eq!(broken(&history(), &moved), ["I7"], "a transfer that happened twice conserves the sum");
}

#[test]
fn an_open_transfer_may_have_happened_or_not_and_nothing_else() {
    let mut history = history();
    invoke(&mut history, BEN, name(5), Meaning::Transfer { to: ANN, amount: 50 });
    let mut ended = end();
    ended.balances = BTreeMap::from([(ANN, 950), (BEN, 1_050)]);
    assert!(check(&history, &beginning(), &ended).hold());
    assert!(check(&history, &beginning(), &end()).hold());
    ended.balances = BTreeMap::from([(ANN, 1_000), (BEN, 1_000)]);
    assert_eq!(check(&history, &beginning(), &ended).broken(), ["I7"], "twice is too often");
}

#[test]
fn items_that_vanish_or_appear_are_found() {
    let mut gone = end();
    gone.items.remove(&ITEM);
    assert_eq!(broken(&history(), &gone), ["I7", "I8"]);
    let mut more = end();
    more.items.insert(EntityId(54), None);
    assert_eq!(broken(&history(), &more), ["I7"]);
    let mut twice = end();
    twice.misplaced.push(ITEM);
    assert_eq!(broken(&history(), &twice), ["I7"]);
}

#[test]
fn where_items_come_with_accounts_their_number_is_checked() {
    let beginning = Beginning { items: vec![], ..beginning() };
    assert!(check(&history(), &beginning, &end()).hold());
    let mut more = end();
    more.items.insert(EntityId(54), None);
    assert_eq!(check(&history(), &beginning, &more).broken(), ["I7"]);
}

#[test]
fn an_item_of_two_owners_in_two_views_is_found() {
    let mut history = history();
    history.set_now(ms(100));
    let view = View { items: vec![(ITEM, BEN), (OTHER_ITEM, ANN)], ..shows(&[11, 21, 12], 100) };
    history.adopt(BEN, &Adopted { center: ChunkId(1), ..delta(9, 9, view) });
    assert_eq!(broken(&history, &end()), ["I7"]);
}

#[test]
fn what_is_not_conserved_at_a_commit_is_found() {
    let mut samples = samples();
    samples.look(&beginning(), &FinalState { balances: BTreeMap::from([(ANN, 900), (BEN, 1_000)]), ..end() });
    let (history, beginning, end) = (history(), beginning(), end());
    let evidence = Evidence { samples: Some(&samples), ..Evidence::new(&history, &beginning, &end) };
    assert_eq!(evidence.check().broken(), ["I7"]);
}

#[test]
fn half_a_transfer_is_found() {
    let mut history = history();
    let half = View { balances: vec![(ANN, 800), (BEN, 1_100)], ..shows(&[11, 21, 12], 100) };
    history.adopt(BEN, &delta(9, 10, half));
    assert_eq!(broken(&history, &end()), ["I8"]);
}

#[test]
fn who_comes_or_goes_changes_what_is_seen_together() {
    let mut history = history();
    let alone =
        View { balances: vec![(BEN, 1_100)], items: vec![(OTHER_ITEM, BEN)], ..shows(&[11, 21, 12], 100) };
    history.adopt(BEN, &delta(9, 10, alone));
    history.adopt(BEN, &delta(10, 11, shows(&[11, 21, 12], 100)));
    assert_eq!(broken(&history, &end()), Vec::<&str>::new());
}

#[test]
fn half_a_swap_is_found() {
    let mut history = history();
    let half = View { items: vec![(ITEM, BEN), (OTHER_ITEM, BEN)], ..shows(&[11, 21, 12], 100) };
    history.adopt(BEN, &delta(9, 10, half));
    assert_eq!(broken(&history, &end()), ["I8"]);
}

#[test]
fn a_second_writer_is_found() {
    let with = |last| {
        let mut commits = commits();
        commits.list.push(last);
        check_all(&history(), &end(), &commits).broken()
    };
    assert_eq!(with(commit(2, 10, 11)), Vec::<&str>::new());
    assert_eq!(with(commit(1, 10, 11)), ["I9"], "an epoch that is over");
    assert_eq!(with(commit(2, 9, 11)), ["I9"], "a tick twice");
    assert_eq!(with(commit(2, 11, 12)), ["I9"], "a tick left out");
    assert_eq!(with(commit(2, 10, 9)), ["I9"], "backwards");
    let mut without_beats = commits();
    without_beats.list.push(commit(2, 15, 17));
    without_beats.with_beats = false;
    assert!(check_all(&history(), &end(), &without_beats).hold());
}

#[test]
fn what_is_seen_late_is_found() {
    let mut commits = commits();
    commits.list.iter_mut().for_each(|commit| commit.at = Some(ms(79)));
    assert_eq!(check_all(&history(), &end(), &commits).broken(), ["I10"]);
}

#[test]
fn who_does_not_come_back_to_play_is_found() {
    let mut history = history();
    history.welcomed(EntityId(5), ResyncKind::SnapshotFresh, Seq(0));
    assert_eq!(broken(&history, &end()), ["I12"]);
}

#[test]
fn an_action_that_began_before_all_was_quiet_or_took_too_long_proves_nothing() {
    let cid = EntityId(5);
    let mut history = history();
    let before = crate::Stamp { order: 1, at: Some(ms(499)) };
    history.invoke(cid, name(1), Meaning::Other, before);
    history.end(cid, name(1), End::Accepted);
    assert_eq!(broken(&history, &end()), ["I12"]);
    history.set_now(ms(10_400));
    invoke(&mut history, cid, name(2), Meaning::Other);
    history.set_now(ms(10_501));
    history.end(cid, name(2), End::Accepted);
    assert_eq!(broken(&history, &end()), ["I12"]);
}

#[test]
fn an_end_that_is_told_before_its_beginning_is_written_down_counts() {
    let mut history = History::default();
    let invoked = history.stamp();
    history.end(ANN, name(1), End::Accepted);
    history.invoke(ANN, name(1), append(11), invoked);
    let findings = check(&history, &Beginning::default(), &only_tape(&[]));
    assert_eq!((findings.accepted, findings.open, findings.lost), (1, 0, 1));
}
