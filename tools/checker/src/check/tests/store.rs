//! I9, I10 and I12 broken, and I5 by the time of a commit: what needs times, or somebody beside the store.

use super::*;

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
    assert_eq!(with(commit(3, 10, 10)), ["I9"], "taken without a tick of its own");
    assert_eq!(with(commit(3, 11, 11)), Vec::<&str>::new());
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
fn whoever_waits_to_connect_again_has_that_much_longer() {
    let cid = EntityId(5);
    for (welcomed, completed, expected) in
        [(16_000, 26_000, vec![]), (16_000, 26_600, vec!["I12"]), (40_000, 40_100, vec!["I12"])]
    {
        let mut history = history();
        history.set_now(ms(500 + welcomed));
        history.welcomed(cid, ResyncKind::SnapshotFresh, Seq(0));
        invoke(&mut history, cid, name(1), Meaning::Other);
        history.set_now(ms(500 + completed));
        history.end(cid, name(1), End::Accepted);
        assert_eq!(broken(&history, &end()), expected, "{welcomed} {completed}");
    }
}
