//! Stores that stand still and readers that do not read.

use std::sync::Arc;
use std::time::Duration;

use holdfast_front::{AnswerKind, FrontEvent};
use holdfast_protocol::{ClientMessage, Code, Resync, ServerMessage, Tick};

use crate::harness::{A, ANN, B, BEN, Stage, pose, request, verdict};

fn paused(messages: &[ServerMessage]) -> Vec<u32> {
    let since = |message: &ServerMessage| match message {
        ServerMessage::Paused(paused) => {
            assert_eq!(paused.code, Code::STORE_UNAVAILABLE);
            Some(paused.since_ms)
        }
        _ => None,
    };
    messages.iter().filter_map(since).collect()
}

#[test]
fn a_standing_store_is_told_after_a_quarter_of_a_second_and_each_second_again() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.run(|tick| tick.entities.push(pose(ANN, tick.tick, 5)));
    let mut messages = Vec::new();
    for _ in 0..24 {
        stage.pass(Duration::from_millis(100));
        messages.extend(stage.read(A));
    }
    assert_eq!(paused(&messages), [300, 1_300, 2_300]);
    assert_eq!(messages.len(), 3, "a frame would say that the world goes on");
}

#[test]
fn a_frame_ends_the_pause_at_once() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.run(|_| {});
    stage.pass(Duration::from_millis(300));
    assert_eq!(paused(&stage.read(A)), [300]);
    stage.commit();
    let messages = stage.read(A);
    assert!(matches!(messages.as_slice(), [ServerMessage::Frame(_)]), "{messages:?}");
}

#[test]
fn joins_are_refused_after_five_seconds_and_everybody_after_two_minutes() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.run(|_| {});
    stage.now = stage.now + Duration::from_secs(5);
    stage.step(FrontEvent::Hello(B, request(BEN)));
    assert!(stage.closed.is_empty());
    stage.now = stage.now + Duration::from_millis(1);
    stage.step(FrontEvent::Hello(holdfast_front::Conn(9), request(BEN)));
    assert_eq!(stage.closed[&holdfast_front::Conn(9)].code, Code::STORE_UNAVAILABLE);
    for _ in 0..5 {
        stage.pass(Duration::from_millis(22_990));
        stage.say(A, ClientMessage::Ping);
        stage.say(B, ClientMessage::Ping);
        stage.read(A);
    }
    assert!(!stage.closed.contains_key(&A) && !stage.closed.contains_key(&B));
    stage.pass(Duration::from_millis(50));
    assert_eq!(stage.closed[&A].code, Code::STORE_UNAVAILABLE);
    assert_eq!(stage.closed[&B].code, Code::STORE_UNAVAILABLE);
    assert!(stage.closed[&A].retryable);
}

#[test]
fn slow_reader_coalesces_and_loses_no_verdict() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    for value in 1..=9 {
        stage.act(A, 1, u64::from(value));
        stage.run_and_commit(|tick| {
            tick.entities.push(pose(ANN, tick.tick, value));
            tick.answers.push(verdict(A, ANN, u64::from(value)));
        });
    }
    assert_eq!(stage.waiting(A), 1, "one message is under way");
    let frames = stage.read_frames(A);
    assert_eq!(frames.len(), 2, "what came while it was under way is one frame");
    assert_eq!(frames[1].from.unwrap().tick, frames[0].token.unwrap().tick);
    assert_eq!(frames[1].chunks[0].entities[0].parts[0].body.0, [9]);
    let seqs: Vec<_> =
        frames.iter().flat_map(|frame| &frame.verdicts).map(|verdict| verdict.action.seq.0).collect();
    assert_eq!(seqs, (1..=9).collect::<Vec<_>>());
}

#[test]
fn a_reader_that_takes_nothing_for_ten_seconds_is_cut() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.run_and_commit(|tick| tick.entities.push(pose(ANN, tick.tick, 1)));
    stage.pass(Duration::from_millis(9_999));
    assert!(stage.closed.is_empty());
    stage.pass(Duration::from_millis(1));
    assert_eq!(stage.closed[&A].code, Code::SLOW_READER);
    assert!(stage.closed[&A].retryable);
}

#[test]
fn too_many_undelivered_answers_cut_the_reader() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    let answer = |seq| {
        let mut answer = verdict(A, ANN, seq);
        let reply = Some(Arc::from(vec![0; 60 * 1024]));
        answer.kind = AnswerKind::Verdict { code: Code::ACCEPTED, detail: [0; 4], reply, replayed: false };
        answer
    };
    for seq in 1..=3 {
        stage.run_and_commit(|tick| tick.answers.push(answer(seq)));
        assert!(stage.closed.is_empty(), "the first is under way, two wait");
    }
    stage.run_and_commit(|tick| tick.answers.push(answer(4)));
    assert_eq!(stage.closed[&A].code, Code::SLOW_READER);
}

#[test]
fn a_diverged_client_gets_a_snapshot_but_not_twice_in_two_seconds() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    let snapshots =
        |stage: &mut Stage| stage.read_frames(A).iter().filter(|frame| frame.from.is_none()).count();
    stage.now = stage.now + Duration::from_secs(2);
    stage.say(A, ClientMessage::Resync(Resync { tick: Tick(0) }));
    assert_eq!(snapshots(&mut stage), 1);
    stage.say(A, ClientMessage::Resync(Resync { tick: Tick(0) }));
    stage.pass(Duration::from_millis(1_900));
    assert_eq!(snapshots(&mut stage), 0);
    stage.pass(Duration::from_millis(100));
    assert_eq!(snapshots(&mut stage), 1, "it is not forgotten");
}
