//! I1 to I5 broken: what tapes prove, and what was seen of them.

use super::*;

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
fn a_clients_own_order_is_checked_also_where_nothing_has_ended() {
    let mut history = History::default();
    invoke(&mut history, ANN, name(1), append(11));
    invoke(&mut history, ANN, name(2), append(12));
    assert_eq!(check(&history, &Beginning::default(), &only_tape(&[12, 11])).broken(), ["I4"]);
    assert!(check(&history, &Beginning::default(), &only_tape(&[11, 12])).hold());
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
fn an_end_that_is_told_before_its_beginning_is_written_down_counts() {
    let mut history = History::default();
    let invoked = history.stamp();
    history.end(ANN, name(1), End::Accepted);
    history.invoke(ANN, name(1), append(11), invoked);
    let findings = check(&history, &Beginning::default(), &only_tape(&[]));
    assert_eq!((findings.accepted, findings.open, findings.lost), (1, 0, 1));
}
