//! What operators are told: where an action's time went, how far behind clients are, how long states took; and that a
//! message of several actions is that many messages of one.

use std::time::Duration;

use holdfast_front::{ActionTimes, AnswerSort, Measurement, Moment, TickTimes, WorldEvent};
use holdfast_protocol::{Act, Applied, Blob, ClientMessage, Code, Resync, ResyncKind, Tick};

use crate::harness::{A, ANN, B, BEN, Stage, name, pose, verdict};

fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

fn act(seq: u64) -> Act {
    Act { name: name(seq), action: Blob(vec![1]) }
}

fn applied(stage: &mut Stage, tick: Tick) -> Vec<Measurement> {
    stage.measured.clear();
    stage.say(A, ClientMessage::Applied(Applied { tick }));
    std::mem::take(&mut stage.measured)
}

#[test]
fn the_moments_of_an_action_go_with_the_frame_that_has_its_verdict() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    let heard = stage.now;
    stage.act(A, 1, 1);
    let asked = stage.world.last().cloned();
    assert!(matches!(asked, Some(WorldEvent::Act { heard: at, .. }) if at == heard), "{asked:?}");
    let times = TickTimes { began: heard + ms(20), sealed: heard + ms(22) };
    stage.run(|tick| {
        tick.times = times;
        let mut answer = verdict(A, ANN, 1);
        answer.heard = heard;
        tick.answers.push(answer);
    });
    stage.pass(ms(30));
    assert_eq!(stage.answers, []);
    stage.commit();
    let TickTimes { began, sealed } = times;
    let durable = heard + ms(30);
    assert_eq!(stage.answers, [ActionTimes { heard, began, sealed, durable, socket_was_busy: false }]);
}

#[test]
fn a_verdict_that_waits_for_its_socket_says_so() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.enter(B, BEN);
    // Ben's coming is on its way to Ann, and her socket has not written it.
    stage.act(A, 1, 1);
    stage.run_and_commit(|tick| tick.answers.push(verdict(A, ANN, 1)));
    assert_eq!(stage.answers, []);
    stage.read(A);
    assert!(matches!(stage.answers[..], [ActionTimes { socket_was_busy: true, .. }]), "{:?}", stage.answers);
}

#[test]
fn what_is_asked_again_is_counted_and_not_timed() {
    use holdfast_front::AnswerKind;
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.act(A, 1, 1);
    stage.measured.clear();
    stage.run_and_commit(|tick| {
        let mut answer = verdict(A, ANN, 1);
        answer.kind =
            AnswerKind::Verdict { code: Code::ACCEPTED, detail: [0; 4], reply: None, replayed: true };
        tick.answers.push(answer);
    });
    assert_eq!(stage.answers, []);
    let told = Measurement::Answered { verb: Some(1), code: Code::ACCEPTED, answer: AnswerSort::Replayed };
    assert_eq!(stage.measured, [told]);
}

#[test]
fn a_client_is_behind_from_the_commit_until_its_echo() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.run_and_commit(|tick| tick.entities.push(pose(ANN, tick.tick, 1)));
    let committed = stage.tick;
    stage.pass(ms(10));
    stage.run_and_commit(|tick| tick.entities.push(pose(ANN, tick.tick, 2)));
    stage.read(A);
    stage.now = stage.now + ms(30);
    assert_eq!(applied(&mut stage, committed), [Measurement::Applied { staleness: ms(40) }]);
    let second = stage.tick;
    assert_eq!(applied(&mut stage, second), [Measurement::Applied { staleness: ms(30) }]);
    assert_eq!(applied(&mut stage, second), [], "nothing is outstanding");
}

#[test]
fn who_is_too_far_behind_is_given_the_present_at_once_and_once() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.run_and_commit(|tick| tick.entities.push(pose(ANN, tick.tick, 1)));
    stage.read(A);
    stage.now = stage.now + ms(101);
    let tick = stage.tick;
    assert_eq!(
        applied(&mut stage, tick),
        [Measurement::Applied { staleness: ms(101) }, Measurement::RefreshForced]
    );
    assert_eq!(stage.read_frames(A).len(), 1);
    stage.run_and_commit(|tick| tick.entities.push(pose(ANN, tick.tick, 2)));
    stage.read(A);
    stage.now = stage.now + ms(200);
    let tick = stage.tick;
    assert_eq!(applied(&mut stage, tick), [Measurement::Applied { staleness: ms(200) }], "not again so soon");
}

#[test]
fn a_state_is_timed_until_it_is_with_the_kernel() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    let synced = |stage: &Stage, wanted: ResyncKind| {
        let all = stage.measured.iter();
        let took: Vec<Duration> = all
            .filter_map(|measurement| match measurement {
                Measurement::Synced { kind, took, bytes } if *kind == wanted && *bytes > 0 => Some(*took),
                _ => None,
            })
            .collect();
        took
    };
    assert_eq!(synced(&stage, ResyncKind::SnapshotFresh), [Duration::ZERO]);
    assert!(stage.measured.contains(&Measurement::Welcomed { resumed: false }));
    stage.pass(Duration::from_secs(3));
    stage.read(A);
    stage.say(A, ClientMessage::Resync(Resync { tick: Tick(0) }));
    stage.now = stage.now + ms(70);
    stage.read(A);
    assert_eq!(synced(&stage, ResyncKind::SnapshotDiverged), [ms(70)]);
}

#[test]
fn several_actions_in_one_message_are_each_asked_in_their_order() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.say(A, ClientMessage::Acts((1..=3).map(act).collect()));
    let asked: Vec<_> = stage
        .world
        .iter()
        .filter_map(|event| match event {
            WorldEvent::Act { name, heard, .. } => Some((*name, *heard)),
            _ => None,
        })
        .collect();
    let now: Moment = stage.now;
    assert_eq!(asked, [(name(1), now), (name(2), now), (name(3), now)]);
}

#[test]
fn more_actions_than_a_client_may_have_are_no_message() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.world.clear();
    stage.say(A, ClientMessage::Acts((1..=65).map(act).collect()));
    assert_eq!(stage.closed[&A].code, Code::MALFORMED);
    assert!(!stage.world.iter().any(|event| matches!(event, WorldEvent::Act { .. })));
}
