use holdfast_protocol::{EntityId, Epoch, EpochTag, ResyncKind, WorldId, decode};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;

fn welcome(last_seq: u64, conflict: bool) -> Welcome {
    Welcome {
        world: WorldId(1),
        epoch: Epoch(1),
        tag: EpochTag(1),
        character: EntityId(1),
        last_seq: Seq(last_seq),
        conflict,
        resume: Blob::default(),
        resync: ResyncKind::Delta,
        tick_ms: 50,
        addresses: Vec::new(),
    }
}

/// A list after a welcome at `last_seq`, with so many actions.
fn with(last_seq: u64, count: usize) -> (Unanswered, Vec<ActionName>) {
    let mut rng = StdRng::seed_from_u64(7);
    let mut unanswered = Unanswered::default();
    assert_eq!(unanswered.welcome(&welcome(last_seq, false)), []);
    let names = (0..count).map(|_| unanswered.act(vec![1], &mut rng).unwrap()).collect();
    (unanswered, names)
}

fn at(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The `seq` of everything that can be sent now.
fn sent(unanswered: &mut Unanswered, now: Duration) -> Vec<u64> {
    std::iter::from_fn(|| unanswered.next_send(now))
        .map(|bytes| match decode(&bytes).unwrap() {
            ClientMessage::Act(act) => act.name.seq.0,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn refusal(action: ActionName, code: Code, retry_after_ms: u32, expected: u64) -> Refusal {
    Refusal { action, code, retry_after_ms, expected: Seq(expected) }
}

#[test]
fn actions_follow_the_last_one_that_the_world_decided() {
    let (mut unanswered, names) = with(41, 2);
    assert_eq!(names.iter().map(|name| name.seq.0).collect::<Vec<_>>(), [42, 43]);
    assert_ne!(names[0].nonce, names[1].nonce);
    assert_eq!(sent(&mut unanswered, at(0)), [42, 43]);
    assert_eq!(sent(&mut unanswered, at(0)), [], "nothing is sent twice on one connection");
}

#[test]
fn nothing_can_be_named_before_the_first_welcome() {
    let mut rng = StdRng::seed_from_u64(7);
    assert_eq!(Unanswered::default().act(vec![], &mut rng), Err(CannotAct::NotWelcomed));
}

#[test]
fn the_sixty_fifth_unanswered_action_is_the_callers_to_keep() {
    let (mut unanswered, names) = with(0, UNANSWERED_MAX);
    let mut rng = StdRng::seed_from_u64(8);
    assert_eq!(unanswered.act(vec![], &mut rng), Err(CannotAct::Full));
    assert!(unanswered.retire(names[0]));
    assert_eq!(unanswered.act(vec![], &mut rng).unwrap().seq, Seq(65));
    let huge = vec![0; ACTION_BYTES_MAX + 1];
    assert_eq!(unanswered.act(huge, &mut rng), Err(CannotAct::TooLarge));
}

#[test]
fn a_new_connection_sends_all_again_in_order() {
    let (mut unanswered, names) = with(0, 4);
    sent(&mut unanswered, at(0));
    assert!(unanswered.retire(names[0]));
    assert!(!unanswered.retire(names[0]), "a second answer is none");
    // The world has decided 2 and 3 as well; their verdicts are asked for again.
    assert_eq!(unanswered.welcome(&welcome(3, false)), []);
    assert_eq!(sent(&mut unanswered, at(0)), [2, 3, 4]);
}

#[test]
fn a_conflict_gives_up_all_and_numbering_goes_on_behind_it() {
    let (mut unanswered, names) = with(0, 64);
    let given_up = unanswered.welcome(&welcome(10, true));
    assert_eq!(given_up.iter().map(|gone| gone.action).collect::<Vec<_>>(), names);
    assert!(given_up.iter().all(|gone| gone.code == Code::SEQ_CONFLICT));
    assert!(unanswered.is_empty());
    let mut rng = StdRng::seed_from_u64(8);
    assert_eq!(unanswered.act(vec![], &mut rng).unwrap().seq, Seq(11));
}

#[test]
fn a_world_that_does_not_reach_up_to_the_oldest_gets_none_of_them() {
    let (mut unanswered, names) = with(40, 2);
    let given_up = unanswered.welcome(&welcome(12, false));
    assert_eq!(given_up.len(), names.len());
    assert_eq!(sent(&mut unanswered, at(0)), []);
}

#[test]
fn a_refused_action_is_sent_again_after_its_time_and_alone_at_first() {
    let (mut unanswered, names) = with(0, 4);
    sent(&mut unanswered, at(0));
    assert_eq!(unanswered.refuse(at(10), &refusal(names[1], Code::RATE_LIMITED, 200, 0)), []);
    assert!(unanswered.retire(names[0]));
    assert_eq!(unanswered.wake_at(), Some(at(210)));
    assert_eq!(sent(&mut unanswered, at(209)), []);
    assert_eq!(sent(&mut unanswered, at(210)), [2, 3], "the verdict on 1 has widened the window by one");
}

#[test]
fn what_was_refused_with_the_first_says_nothing_new() {
    let (mut unanswered, names) = with(0, 4);
    sent(&mut unanswered, at(0));
    unanswered.refuse(at(10), &refusal(names[0], Code::BUSY, 100, 0));
    assert_eq!(sent(&mut unanswered, at(110)), [1]);
    for name in &names[1..] {
        assert_eq!(unanswered.refuse(at(111), &refusal(*name, Code::SEQ_GAP, 0, 1)), []);
        assert_eq!(unanswered.refuse(at(111), &refusal(*name, Code::BUSY, 5_000, 0)), []);
    }
    assert_eq!(sent(&mut unanswered, at(120)), [], "no storm: 1 is under way");
    assert!(unanswered.retire(names[0]));
    assert_eq!(sent(&mut unanswered, at(130)), [2, 3]);
}

#[test]
fn what_was_sent_again_and_refused_again_is_not_forgotten() {
    let (mut unanswered, names) = with(0, 6);
    sent(&mut unanswered, at(0));
    for name in &names[3..] {
        unanswered.refuse(at(10), &refusal(*name, Code::RATE_LIMITED, 2_000, 0));
    }
    for name in &names[..3] {
        assert!(unanswered.retire(*name));
    }
    assert_eq!(sent(&mut unanswered, at(2_010)), [4, 5, 6]);
    // There was time for one only, whose verdict has yet to come.
    for name in &names[4..] {
        unanswered.refuse(at(2_011), &refusal(*name, Code::RATE_LIMITED, 2_000, 0));
    }
    assert!(unanswered.retire(names[3]));
    assert_eq!(sent(&mut unanswered, at(4_011)), [5, 6]);
}

#[test]
fn a_gap_is_closed_from_the_expected_action_on() {
    let (mut unanswered, names) = with(0, 4);
    sent(&mut unanswered, at(0));
    assert_eq!(unanswered.refuse(at(10), &refusal(names[3], Code::SEQ_GAP, 0, 2)), []);
    assert_eq!(sent(&mut unanswered, at(10)), [2, 3, 4]);
}

#[test]
fn a_gap_that_is_not_this_clients_to_close_gives_up_all() {
    let (mut unanswered, names) = with(9, 2);
    sent(&mut unanswered, at(0));
    let given_up = unanswered.refuse(at(10), &refusal(names[0], Code::SEQ_GAP, 0, 7));
    assert_eq!(given_up.len(), 2);
    let mut rng = StdRng::seed_from_u64(8);
    assert_eq!(unanswered.act(vec![], &mut rng).unwrap().seq, Seq(7));
}

#[test]
fn one_that_can_no_longer_be_answered_is_given_up_alone() {
    let (mut unanswered, names) = with(0, 3);
    sent(&mut unanswered, at(0));
    let given_up = unanswered.refuse(at(10), &refusal(names[1], Code::SEQ_CONFLICT, 0, 0));
    assert_eq!(given_up, [GivenUp { action: names[1], code: Code::SEQ_CONFLICT }]);
    assert_eq!(unanswered.len(), 2);
    assert_eq!(unanswered.refuse(at(10), &refusal(names[1], Code::SEQ_CONFLICT, 0, 0)), []);
}

#[test]
fn a_refusal_counts_again_once_the_action_before_it_was_given_up() {
    let (mut unanswered, names) = with(0, 3);
    sent(&mut unanswered, at(0));
    unanswered.refuse(at(10), &refusal(names[0], Code::BUSY, 100, 0));
    assert_eq!(sent(&mut unanswered, at(110)), [1]);
    unanswered.refuse(at(120), &refusal(names[0], Code::SEQ_CONFLICT, 0, 0));
    assert_eq!(sent(&mut unanswered, at(120)), [2]);
    unanswered.refuse(at(130), &refusal(names[1], Code::BUSY, 100, 0));
    assert_eq!(sent(&mut unanswered, at(230)), [2], "it is not waiting for the one that is gone");
}

#[test]
fn kept_actions_go_on_after_a_restart_of_the_client() {
    let (unanswered, names) = with(5, 3);
    let kept: KeptActions = decode(&encode(&unanswered.keep())).unwrap();
    let mut after = Unanswered::from_kept(kept);
    assert_eq!(after.oldest(), Some(names[0]));
    assert_eq!(after.welcome(&welcome(5, false)), []);
    assert_eq!(sent(&mut after, at(0)), [6, 7, 8]);
}
