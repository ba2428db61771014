//! What Elle gets, to the letter.

use std::time::Duration;

use holdfast_protocol::{ActionName, Code, EntityId, Nonce, Seq};

use super::Operations;
use crate::trace::tests::{Shared, read};
use crate::{Beginning, End, Evidence, FinalState, History, Meaning};

const TAPE: EntityId = EntityId(100);
const ANN: EntityId = EntityId(1);
const BEN: EntityId = EntityId(3);

fn name(seq: u64) -> ActionName {
    ActionName { seq: Seq(seq), nonce: Nonce(7) }
}

fn append(entry: u64) -> Meaning {
    Meaning::Append { tape: TAPE, entry }
}

fn at(history: &mut History, ns: u64) {
    history.set_now(Duration::from_nanos(ns));
}

fn invoke(history: &mut History, character: EntityId, seq: u64, meaning: Meaning) {
    let invoked = history.stamp();
    history.invoke(character, name(seq), meaning, invoked);
}

fn exported(tell: impl FnOnce(&mut History), entries: &[u64]) -> String {
    let file = Shared::default();
    let mut history = file.history();
    tell(&mut history);
    let end = FinalState { tapes: [(TAPE, entries.to_vec())].into(), ..FinalState::default() };
    let trace = history.end_trace().unwrap();
    trace.close(&Evidence::new(&history, &Beginning::default(), &end)).unwrap();
    let mut out = Vec::new();
    Operations::read(read(&file.bytes())).unwrap().write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_run_is_what_elle_reads() {
    let text = exported(
        |history| {
            at(history, 10);
            invoke(history, ANN, 1, append(11));
            invoke(history, ANN, 2, append(12));
            invoke(history, BEN, 1, Meaning::Transfer { to: ANN, amount: 5 });
            at(history, 20);
            history.end(ANN, name(2), End::Accepted);
            history.end(BEN, name(1), End::Accepted);
            invoke(history, BEN, 2, Meaning::Read { tape: TAPE });
            history.reply(BEN, Seq(2), &[12]);
            history.end(BEN, name(2), End::Accepted);
            at(history, 30);
            history.end(ANN, name(1), End::GivenUp(Code(9)));
            invoke(history, ANN, 3, append(13));
            history.end(ANN, name(3), End::Rejected(Code(300)));
            invoke(history, ANN, 4, append(14));
            invoke(history, ANN, 5, append(15));
            history.end(ANN, name(5), End::Accepted);
        },
        &[12, 15],
    );
    // Ann's processes are 0, 3, 6 …; Ben's are 1, 4 …; 2 looks at the tables. 0 has ended in no known way, and is not
    // heard of again.
    let expected = "\
{:index 0 :type :invoke :process 0 :time 10 :f :txn :value [[:append 100 11]]}
{:index 1 :type :invoke :process 3 :time 10 :f :txn :value [[:append 100 12]]}
{:index 2 :type :ok :process 3 :time 20 :f :txn :value [[:append 100 12]]}
{:index 3 :type :invoke :process 1 :time 20 :f :txn :value [[:r 100 nil]]}
{:index 4 :type :ok :process 1 :time 20 :f :txn :value [[:r 100 [12]]]}
{:index 5 :type :info :process 0 :time 30 :f :txn :value [[:append 100 11]] :error 9}
{:index 6 :type :invoke :process 3 :time 30 :f :txn :value [[:append 100 13]]}
{:index 7 :type :fail :process 3 :time 30 :f :txn :value [[:append 100 13]] :error 300}
{:index 8 :type :invoke :process 3 :time 30 :f :txn :value [[:append 100 14]]}
{:index 9 :type :invoke :process 6 :time 30 :f :txn :value [[:append 100 15]]}
{:index 10 :type :ok :process 6 :time 30 :f :txn :value [[:append 100 15]]}
{:index 11 :type :info :process 3 :time 30 :f :txn :value [[:append 100 14]]}
{:index 12 :type :invoke :process 2 :time 30 :f :txn :value [[:r 100 nil]]}
{:index 13 :type :ok :process 2 :time 30 :f :txn :value [[:r 100 [12 15]]]}
";
    assert_eq!(text, expected);
}

#[test]
fn an_action_stands_where_it_was_made_and_not_where_it_was_written_down() {
    let text = exported(
        |history| {
            let early = history.stamp();
            invoke(history, BEN, 1, append(21));
            history.end(BEN, name(1), End::Accepted);
            history.end(ANN, name(1), End::Accepted);
            history.invoke(ANN, name(1), append(11), early);
        },
        &[],
    );
    let steps: Vec<_> = text.lines().take(4).map(|line| line.split(' ').nth(3).unwrap()).collect();
    assert_eq!(steps, [":invoke", ":invoke", ":ok", ":ok"]);
    assert!(
        text.starts_with("{:index 0 :type :invoke :process 0 :f :txn :value [[:append 100 11]]}"),
        "{text}"
    );
}

#[test]
fn what_was_made_right_before_an_end_was_under_way_then() {
    let text = exported(
        |history| {
            invoke(history, ANN, 1, append(11));
            invoke(history, BEN, 1, append(21));
            history.end(ANN, name(1), End::Accepted);
            history.end(BEN, name(1), End::Accepted);
        },
        &[],
    );
    let steps: Vec<_> = text.lines().take(4).map(|line| line.split(' ').nth(3).unwrap()).collect();
    assert_eq!(steps, [":invoke", ":invoke", ":ok", ":ok"]);
}

#[test]
fn a_read_without_its_reply_says_nothing() {
    let text = exported(
        |history| {
            invoke(history, ANN, 1, Meaning::Read { tape: TAPE });
            history.end(ANN, name(1), End::Accepted);
            invoke(history, ANN, 2, Meaning::Read { tape: TAPE });
            history.reply(ANN, Seq(2), &[]);
            history.end(ANN, name(2), End::Accepted);
        },
        &[],
    );
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[1].contains(":info") && lines[1].contains("[:r 100 nil]"), "{text}");
    assert!(lines[2].contains(":process 2"), "another process: {text}");
    assert!(lines[3].contains(":ok") && lines[3].contains("[:r 100 []]"), "{text}");
}

#[test]
fn no_process_has_two_operations_under_way() {
    let text = exported(
        |history| {
            let mut open: Vec<(EntityId, u64)> = Vec::new();
            for round in 0..200_u64 {
                let character = if round % 3 == 0 { ANN } else { BEN };
                invoke(history, character, round, append(round));
                open.push((character, round));
                if round % 5 != 0 {
                    let which = usize::try_from(round * 7).unwrap() % open.len();
                    let (character, seq) = open.swap_remove(which);
                    let end = if seq % 4 == 0 { End::GivenUp(Code(1)) } else { End::Accepted };
                    history.end(character, name(seq), end);
                }
            }
        },
        &[],
    );
    let mut under_way = std::collections::BTreeSet::new();
    let mut gone = std::collections::BTreeSet::new();
    for line in text.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let (kind, process) = (words[3], words[5].to_owned());
        if kind == ":invoke" {
            assert!(!gone.contains(&process), "{line}");
            assert!(under_way.insert(process), "{line}");
        } else {
            assert!(under_way.remove(&process), "{line}");
            if kind == ":info" {
                gone.insert(process);
            }
        }
    }
    assert!(under_way.is_empty() && gone.len() > 30);
}
