//! How much and how often: refused, never dropped in silence.

use std::time::Duration;

use holdfast_front::{AnswerKind, FrontConfig, Limits, WorldEvent};
use holdfast_protocol::{Code, Seq, UNANSWERED_MAX};

use crate::harness::{A, ANN, B, BEN, Stage, config, name, verdict};

fn acts(stage: &Stage) -> usize {
    stage.world.iter().filter(|event| matches!(event, WorldEvent::Act { .. })).count()
}

/// Uses up the actions that are free after an attachment.
fn settle(stage: &mut Stage) {
    for seq in 1..=64 {
        stage.act(A, 1, seq);
        stage.run_and_commit(|tick| tick.answers.push(verdict(A, ANN, seq)));
        stage.read(A);
    }
}

#[test]
fn too_many_moves_a_second_are_refused_with_a_time_to_wait() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    settle(&mut stage);
    let before = acts(&stage);
    for seq in 65..=73 {
        stage.act(A, 1, seq);
    }
    assert_eq!(acts(&stage) - before, 8);
    let refusals = stage.read_refusals(A);
    assert_eq!(refusals.len(), 1);
    assert_eq!((refusals[0].action, refusals[0].code), (name(73), Code::RATE_LIMITED));
    assert_eq!(refusals[0].retry_after_ms, 125);
    stage.now = stage.now + Duration::from_millis(125);
    stage.act(A, 1, 73);
    assert_eq!(acts(&stage) - before, 9, "as soon as it was told to");
}

#[test]
fn a_refusal_needs_no_commit() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    for seq in 1..=65 {
        stage.act(A, 1, seq);
    }
    stage.run(|tick| tick.answers.push(verdict(A, ANN, 1)));
    let refusals = stage.read_refusals(A);
    assert_eq!(refusals.iter().map(|refusal| refusal.code).collect::<Vec<_>>(), [Code::BUSY]);
}

#[test]
fn what_the_worlds_own_queue_has_no_room_for_is_refused_with_a_time_to_wait() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    for seq in 1..=2 {
        stage.act(A, 1, seq);
    }
    stage.run_and_commit(|tick| {
        for (seq, code) in [(1, Code::BUSY), (2, Code::SEQ_CONFLICT)] {
            let mut answer = verdict(A, ANN, seq);
            answer.kind = AnswerKind::Refused { code, expected: Seq(1) };
            tick.answers.push(answer);
        }
    });
    let refusals = stage.read_refusals(A);
    let told: Vec<_> = refusals.iter().map(|refusal| (refusal.code, refusal.retry_after_ms)).collect();
    assert_eq!(told, [(Code::BUSY, 250), (Code::SEQ_CONFLICT, 0)], "no waiting helps against the second");
}

#[test]
fn a_session_has_64_unanswered_actions_at_most_and_each_answer_frees_a_place() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    for seq in 1..=70 {
        stage.act(A, 1, seq);
    }
    assert_eq!(acts(&stage), UNANSWERED_MAX);
    assert_eq!(stage.read_refusals(A).len(), 6);
    stage.run(|tick| {
        tick.answers.push(verdict(A, ANN, 1));
        let mut void = verdict(A, ANN, 2);
        void.kind = AnswerKind::Void;
        tick.answers.push(void);
    });
    stage.act(A, 1, 65);
    assert_eq!(acts(&stage), UNANSWERED_MAX, "not before the answers are committed");
    stage.commit();
    for seq in 65..=67 {
        stage.act(A, 1, seq);
    }
    assert_eq!(acts(&stage), UNANSWERED_MAX + 2);
    assert_eq!(stage.front.queued_action_count(), UNANSWERED_MAX);
}

#[test]
fn all_sessions_together_have_a_bound() {
    let limits = Limits { queued_max: 3, ..Limits::default() };
    let mut stage = Stage::with(FrontConfig { limits, ..config() }, vec![]);
    stage.enter(A, ANN);
    stage.enter(B, BEN);
    stage.read(A);
    stage.act(A, 1, 1);
    stage.act(A, 1, 2);
    stage.act(B, 1, 1);
    stage.act(B, 1, 2);
    let refusals = stage.read_refusals(B);
    assert_eq!(refusals.iter().map(|refusal| refusal.code).collect::<Vec<_>>(), [Code::BUSY]);
    assert_eq!(acts(&stage), 3);
}
