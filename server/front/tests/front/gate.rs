//! Nothing that a tick caused leaves before the tick is durable: not to the actor, not to the neighbour.

use holdfast_front::{AnswerKind, FrontEvent};
use holdfast_protocol::{Code, Seq, ServerMessage};

use crate::harness::{A, ANN, B, BEN, Stage, name, pose, request, verdict};

#[test]
fn welcome_waits_for_commit() {
    let mut stage = Stage::new();
    stage.step(FrontEvent::Hello(A, request(ANN)));
    stage.run_attach(A, ANN, false);
    assert_eq!(stage.read(A), []);
    assert_eq!(stage.front.session_count(), 0);
    stage.commit();
    let messages = stage.read(A);
    assert!(matches!(messages[0], ServerMessage::Welcome(_)), "{messages:?}");
    assert!(matches!(messages[1], ServerMessage::Frame(_)), "{messages:?}");
}

#[test]
fn verdict_waits_for_commit() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.act(A, 1, 1);
    stage.run(|tick| tick.answers.push(verdict(A, ANN, 1)));
    assert_eq!(stage.read(A), []);
    stage.commit();
    assert_eq!(stage.read_verdicts(A).iter().map(|verdict| verdict.action).collect::<Vec<_>>(), [name(1)]);
}

#[test]
fn replayed_verdict_waits_for_commit() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.act(A, 1, 1);
    stage.run(|tick| {
        let mut answer = verdict(A, ANN, 1);
        answer.kind =
            AnswerKind::Verdict { code: Code::ACCEPTED, detail: [0; 4], reply: None, replayed: true };
        tick.answers.push(answer);
    });
    assert_eq!(stage.read(A), []);
    stage.commit();
    assert_eq!(stage.read_verdicts(A).len(), 1);
}

#[test]
fn refusal_of_the_world_waits_for_commit() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.act(A, 1, 9);
    stage.run(|tick| {
        let mut answer = verdict(A, ANN, 9);
        answer.kind = AnswerKind::Refused { code: Code::SEQ_GAP, expected: Seq(4) };
        tick.answers.push(answer);
    });
    assert_eq!(stage.read(A), []);
    stage.commit();
    let refusals = stage.read_refusals(A);
    assert_eq!((refusals[0].code, refusals[0].expected), (Code::SEQ_GAP, Seq(4)));
}

#[test]
fn delta_waits_for_commit_to_actor_and_neighbour() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.enter(B, BEN);
    stage.read(A);
    stage.run(|tick| tick.entities.push(pose(ANN, tick.tick, 5)));
    assert_eq!((stage.read(A), stage.read(B)), (vec![], vec![]));
    stage.commit();
    for conn in [A, B] {
        let frames = stage.read_frames(conn);
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].chunks[0].entities[0].id, ANN);
        assert_eq!(frames[0].token.unwrap().tick, stage.tick);
    }
}

#[test]
fn only_what_is_committed_leaves_where_later_ticks_wait() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.run(|tick| tick.entities.push(pose(ANN, tick.tick, 5)));
    let committed = stage.tick;
    stage.run(|tick| tick.entities.push(pose(ANN, tick.tick, 6)));
    stage.step(FrontEvent::Durable(committed));
    let frames = stage.read_frames(A);
    assert_eq!(frames[0].chunks[0].entities[0].parts[0].body.0, [5]);
    assert_eq!(frames[0].token.unwrap().tick, committed);
    assert_eq!(stage.front.ticks_ahead(), 1);
}

#[test]
fn several_ticks_of_one_commit_leave_as_one_frame() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    for value in [5, 6, 7] {
        stage.run(|tick| tick.entities.push(pose(ANN, tick.tick, value)));
    }
    stage.commit();
    let frames = stage.read_frames(A);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].chunks[0].entities[0].parts[0].body.0, [7]);
}
