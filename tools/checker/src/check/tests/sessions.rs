//! I6 broken: time, frames, copies and answers.

use super::*;

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
    use ResyncKind::{SnapshotExpired, SnapshotFresh, SnapshotUnknownEpoch};
    for (greetings, seconds, resync, expected) in [
        (1, 60, SnapshotExpired, vec!["I6"]),
        (1, 60, SnapshotUnknownEpoch, vec!["I6"]),
        (1, 60, SnapshotFresh, vec!["I6"]),
        (1, 60, ResyncKind::Delta, vec![]),
        (1, 119, SnapshotExpired, vec![]),
        (2, 60, SnapshotExpired, vec![]),
        (0, 60, SnapshotExpired, vec![]),
    ] {
        let mut history = history();
        history.set_now(Duration::from_secs(seconds));
        (0..greetings).for_each(|_| history.greeted(BEN, true));
        history.welcomed(BEN, resync, Seq(4));
        assert_eq!(broken(&history, &end()), expected, "{greetings} {seconds} {resync:?}");
    }
}

#[test]
fn whoever_shows_nothing_to_go_on_with_begins_anew_and_every_hello_counts() {
    let mut history = history();
    history.greeted(BEN, false);
    history.welcomed(BEN, ResyncKind::SnapshotFresh, Seq(4));
    history.adopt(BEN, &snapshot(9, shows(&[11, 21, 12], 100)));
    history.greeted(BEN, false);
    history.greeted(BEN, true);
    history.welcomed(BEN, ResyncKind::SnapshotFresh, Seq(4));
    assert!(!broken(&history, &end()).contains(&"I6"));
}

#[test]
fn whoever_left_begins_anew() {
    let mut history = history();
    history.left(BEN);
    history.greeted(BEN, true);
    history.welcomed(BEN, ResyncKind::SnapshotExpired, Seq(4));
    assert_eq!(broken(&history, &end()), Vec::<&str>::new());
    history.resumable_for(ms(12));
    history.adopt(BEN, &snapshot(9, shows(&[11, 21, 12], 100)));
    history.set_now(ms(511));
    history.greeted(BEN, true);
    history.welcomed(BEN, ResyncKind::SnapshotExpired, Seq(4));
    assert!(!broken(&history, &end()).contains(&"I6"), "11 ms are too close to 12");
    history.adopt(BEN, &snapshot(9, shows(&[11, 21, 12], 100)));
    history.set_now(ms(521));
    history.greeted(BEN, true);
    history.welcomed(BEN, ResyncKind::SnapshotExpired, Seq(4));
    assert!(broken(&history, &end()).contains(&"I6"));
}
