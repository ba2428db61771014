//! Who plays, who is turned away, and how sessions end.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use holdfast_front::{
    AnswerKind, CharacterGone, Conn, FrontConfig, FrontEvent, JoinOutcome, JoinRefusal, Limits, Trust,
    WorldEvent,
};
use holdfast_protocol::{ChunkId, ClientMessage, Code, EntityId, EpochTag, Refusal, Seq, ServerMessage};

use crate::harness::{A, ANN, B, BEN, C, HERE, Stage, body, config, gone, pose, request, verdict};

fn slept(stage: &Stage, conn: Conn) -> bool {
    stage.world.iter().any(|event| matches!(event, WorldEvent::Sleep { conn: of, .. } if *of == conn))
}

fn leaves(stage: &Stage, conn: Conn) -> Vec<bool> {
    let ended = |event: &WorldEvent| match event {
        WorldEvent::Leave { conn: of, ended, .. } if *of == conn => Some(*ended),
        _ => None,
    };
    stage.world.iter().filter_map(ended).collect()
}

#[test]
fn another_connection_replaces_the_first_only_once_that_is_committed() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.step(FrontEvent::Hello(B, request(ANN)));
    stage.run_attach(B, ANN, false);
    assert!(stage.closed.is_empty());
    stage.commit();
    assert_eq!(stage.closed[&A].code, Code::REPLACED);
    assert!(matches!(stage.read(B)[0], ServerMessage::Welcome(_)));
    assert_eq!(stage.front.session_count(), 1);

    let asked = stage.world.len();
    stage.act(A, 1, 1);
    stage.step(FrontEvent::Lost(A));
    assert_eq!(stage.world.len(), asked, "the replaced connection has no say");
    assert_eq!(stage.read(A), []);
}

#[test]
fn a_welcome_names_the_servers_of_the_world_in_their_order() {
    let addresses = ["wss://b.example/ws", "wss://a.example/ws"].map(str::to_owned);
    let mut stage = Stage::with(FrontConfig { addresses: Arc::from(addresses.clone()), ..config() }, vec![]);
    assert_eq!(stage.enter(A, ANN).welcome.addresses, addresses);
}

#[test]
fn whoever_is_replaced_by_somebody_who_is_gone_may_come_back() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.step(FrontEvent::Hello(B, request(ANN)));
    stage.step(FrontEvent::Lost(B));
    stage.run_attach(B, ANN, false);
    stage.commit();
    assert!(stage.closed[&A].retryable, "nobody plays: {:?}", stage.closed[&A].code);
    assert!(slept(&stage, B));
}

#[test]
fn an_answer_to_a_replaced_connection_reaches_nobody() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.act(A, 1, 1);
    stage.enter(B, ANN);
    stage.run_and_commit(|tick| tick.answers.push(verdict(A, ANN, 1)));
    assert_eq!((stage.read_verdicts(A).len(), stage.read_verdicts(B).len()), (0, 0));
    assert_eq!(stage.front.queued_action_count(), 0, "but its place in the queue is free");
}

#[test]
fn a_refused_join_is_told_why() {
    let mut stage = Stage::new();
    stage.step(FrontEvent::Hello(A, request(ANN)));
    let refusal = JoinRefusal { conn: A, code: Code::NO_SUCH_CHARACTER };
    stage.run(|tick| tick.joins.push(JoinOutcome::Refused(refusal)));
    assert!(stage.closed.is_empty());
    stage.commit();
    assert_eq!(stage.closed[&A].code, Code::NO_SUCH_CHARACTER);
    assert_eq!(stage.front.pending_join_count(), 0);
}

#[test]
fn a_full_server_refuses_and_says_when_to_come_back() {
    let mut stage = Stage::with(FrontConfig { session_capacity: 2, ..config() }, vec![]);
    stage.enter(A, ANN);
    stage.step(FrontEvent::Hello(B, request(BEN)));
    stage.step(FrontEvent::Hello(C, request(EntityId(5))));
    let error = stage.closed[&C];
    assert_eq!(error.code, Code::SERVER_FULL);
    assert!((2_000..=5_000).contains(&error.retry_after_ms), "{}", error.retry_after_ms);

    // Whoever takes over its own character frees a place, so it may come in, but only once at a time.
    stage.step(FrontEvent::Hello(Conn(7), request(ANN)));
    assert_eq!(stage.asked_to_join().conn, Conn(7));
    stage.step(FrontEvent::Hello(Conn(9), request(ANN)));
    assert_eq!(stage.closed[&Conn(9)].code, Code::SERVER_FULL);
}

#[test]
fn joins_of_lost_connections_count_until_they_are_answered() {
    let mut stage = Stage::with(FrontConfig { session_capacity: 2, ..config() }, vec![]);
    for conn in [A, B] {
        stage.step(FrontEvent::Hello(conn, request(EntityId(conn.0))));
        stage.step(FrontEvent::Lost(conn));
    }
    stage.step(FrontEvent::Hello(C, request(ANN)));
    assert_eq!(stage.closed[&C].code, Code::SERVER_FULL);
}

#[test]
fn a_connection_lost_while_joining_leaves_a_sleeping_character() {
    let mut stage = Stage::new();
    stage.step(FrontEvent::Hello(A, request(ANN)));
    stage.step(FrontEvent::Lost(A));
    stage.run_attach(A, ANN, false);
    assert!(!slept(&stage, A));
    stage.commit();
    assert!(slept(&stage, A));
    assert_eq!((stage.read(A), stage.front.session_count()), (vec![], 0));
}

#[test]
fn a_lost_character_sleeps_and_leaves_after_a_minute() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.step(FrontEvent::Lost(A));
    assert!(slept(&stage, A));
    stage.pass(Duration::from_secs(59));
    assert_eq!(leaves(&stage, A), []);
    stage.pass(Duration::from_secs(1));
    stage.pass(Duration::from_secs(1));
    assert_eq!(leaves(&stage, A), [false], "once");
}

#[test]
fn a_character_that_is_played_again_does_not_leave() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.step(FrontEvent::Lost(A));
    stage.enter(B, ANN);
    stage.say(B, ClientMessage::Ping);
    stage.pass(Duration::from_secs(29));
    stage.say(B, ClientMessage::Ping);
    stage.read(B);
    stage.pass(Duration::from_secs(29));
    stage.say(B, ClientMessage::Ping);
    stage.read(B);
    stage.pass(Duration::from_secs(29));
    assert!(leaves(&stage, A).is_empty() && leaves(&stage, B).is_empty());
}

#[test]
fn lost_sessions_are_remembered_within_a_bound() {
    let mut stage = Stage::with(FrontConfig { session_capacity: 1, ..config() }, vec![]);
    for number in 0..5 {
        let (conn, character) = (Conn(number), EntityId(number * 2 + 1));
        stage.enter(conn, character);
        stage.now = stage.now + Duration::from_millis(10);
        stage.step(FrontEvent::Lost(conn));
    }
    assert_eq!(leaves(&stage, Conn(0)), [false], "the oldest of five had to go");
    assert_eq!(leaves(&stage, Conn(1)), []);
}

#[test]
fn leaving_ends_the_session_without_an_error() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.say(A, ClientMessage::Leave);
    assert_eq!(leaves(&stage, A), [true]);
    assert_eq!(stage.hung_up, [A]);
    assert!(stage.closed.is_empty() && stage.front.session_count() == 0);
}

#[test]
fn leaving_before_welcome_ends_the_session_once_it_exists() {
    let mut stage = Stage::new();
    stage.step(FrontEvent::Hello(A, request(ANN)));
    stage.say(A, ClientMessage::Leave);
    assert_eq!((stage.hung_up.as_slice(), leaves(&stage, A)), ([A].as_slice(), vec![]));
    stage.run_attach(A, ANN, false);
    stage.commit();
    assert_eq!(leaves(&stage, A), [true]);
    assert_eq!(stage.read(A), []);
}

#[test]
fn a_silent_connection_is_closed_and_resumable() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.pass(Duration::from_secs(29));
    stage.read(A);
    assert!(stage.closed.is_empty());
    stage.pass(Duration::from_secs(1));
    assert_eq!(stage.closed[&A].code, Code::SILENT);
    assert!(slept(&stage, A));
}

#[test]
fn an_idle_player_is_warned_and_then_leaves() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    let mut seen = Vec::new();
    for _ in 0..60 {
        stage.say(A, ClientMessage::Ping);
        seen.extend(stage.read(A));
        stage.pass(Duration::from_secs(10));
        seen.extend(stage.read(A));
    }
    let warnings: Vec<_> =
        seen.iter().filter(|message| matches!(message, ServerMessage::IdleWarning(_))).collect();
    assert_eq!(warnings, [&ServerMessage::IdleWarning(60_000)]);
    assert_eq!(stage.closed[&A].code, Code::IDLE_TIMEOUT);
    assert_eq!(leaves(&stage, A), [true]);
}

#[test]
fn acting_is_not_being_idle() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    for minute in 1..=20 {
        for _ in 0..3 {
            stage.say(A, ClientMessage::Ping);
            stage.read(A);
            stage.pass(Duration::from_secs(20));
            stage.read(A);
        }
        stage.act(A, 1, minute);
    }
    assert!(stage.closed.is_empty());
}

#[test]
fn an_action_before_welcome_is_not_heard() {
    let mut stage = Stage::new();
    stage.step(FrontEvent::Hello(A, request(ANN)));
    stage.act(A, 1, 1);
    assert_eq!(stage.closed[&A].code, Code::HELLO_EXPECTED);
    assert!(!stage.world.iter().any(|event| matches!(event, WorldEvent::Act { .. })));
}

#[test]
fn an_unreadable_action_closes_the_connection() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.act(A, 200, 1);
    assert_eq!(stage.closed[&A].code, Code::MALFORMED);
    assert!(!stage.world.iter().any(|event| matches!(event, WorldEvent::Act { .. })));
}

#[test]
fn draining_tells_everybody_and_lets_nobody_in() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.step(FrontEvent::Hello(B, request(BEN)));
    stage.step(FrontEvent::Drain);
    stage.step(FrontEvent::Hello(C, request(EntityId(5))));
    for conn in [A, B, C] {
        assert_eq!(stage.closed[&conn].code, Code::MAINTENANCE, "{conn:?}");
        assert!(stage.closed[&conn].retry_after_ms >= 2_000);
    }
    assert_eq!(leaves(&stage, A), [false]);
    stage.run_attach(B, BEN, false);
    stage.commit();
    assert_eq!(leaves(&stage, B), [false], "the join that was under way leaves as well");
}

#[test]
fn a_character_that_the_world_takes_away_closes_its_connection() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.run_and_commit(|tick| {
        tick.entities.push(gone(ANN));
        tick.gone.push(CharacterGone { character: ANN });
    });
    assert_eq!(stage.closed[&A].code, Code::INTERNAL);
    assert!(stage.closed[&A].retryable);
}

#[test]
fn a_ping_is_answered_when_the_line_is_free() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    stage.run_and_commit(|tick| tick.entities.push(pose(ANN, tick.tick, 1)));
    stage.say(A, ClientMessage::Ping);
    stage.say(A, ClientMessage::Ping);
    let messages = stage.read(A);
    assert!(matches!(messages[0], ServerMessage::Frame(_)));
    assert_eq!(messages[1..], [ServerMessage::Pong], "two pings, one answer");
}

#[test]
fn a_quiet_view_is_heard_of_once_a_second() {
    let mut stage = Stage::new();
    stage.enter(A, ANN);
    let mut frames = Vec::new();
    for _ in 0..60 {
        stage.now = stage.now + Duration::from_millis(50);
        // What happens elsewhere is not this session's business.
        stage.run_and_commit(|tick| tick.entities.push(body(EntityId(2), ChunkId(40), tick.tick, 0)));
        frames.extend(stage.read_frames(A));
    }
    assert_eq!(frames.len(), 3);
    assert!(frames.iter().all(|frame| frame.chunks.is_empty() && frame.token.is_some()));
}

#[test]
fn an_owner_without_trust_says_nothing_of_the_world_but_that_it_is_paused() {
    let trust = Arc::new(Trust::default());
    let mut stage = Stage::with(FrontConfig { trust: Arc::clone(&trust), ..config() }, vec![]);
    trust.extend(stage.now);
    stage.enter(A, ANN);
    trust.revoke();
    stage.run_and_commit(|tick| tick.entities.push(body(ANN, HERE, tick.tick, 1)));
    assert!(stage.read(A).is_empty(), "committed, and yet not to be said");
    stage.say(A, ClientMessage::Ping);
    stage.run(|_| {});
    stage.pass(Duration::from_millis(300));
    let said = stage.read(A);
    assert!(matches!(said[..], [ServerMessage::Pong, ServerMessage::Paused(_)]), "{said:?}");
    trust.extend(stage.now);
    stage.commit();
    assert_eq!(stage.read_frames(A).len(), 1);
}

#[test]
fn a_refusal_that_names_what_the_world_expects_is_no_notice() {
    let limits = Limits { unanswered_max: 0, ..Limits::default() };
    let mut stage = Stage::with(FrontConfig { limits, ..config() }, vec![]);
    stage.enter(A, ANN);
    // One too many: the front refuses it, and the world has no part in that.
    stage.act(A, 1, 1);
    assert!(matches!(stage.read_refusals(A)[..], [Refusal { expected: Seq(0), .. }]));
    assert_eq!(stage.notices.len(), 1);
    stage.run_and_commit(|tick| {
        let mut answer = verdict(A, ANN, 4);
        answer.kind = AnswerKind::Refused { code: Code::SEQ_GAP, expected: Seq(2) };
        tick.answers.push(answer);
    });
    assert!(matches!(stage.read_refusals(A)[..], [Refusal { expected: Seq(2), .. }]));
    assert_eq!(stage.notices.len(), 1, "whoever writes it looks at the trust once more");
}

#[test]
fn no_two_incidents_have_one_number_whichever_ownership_tells_of_them() {
    let mut numbers = BTreeSet::new();
    for tag in [0x0123_4567_89ab_cdef, 0x89ab_cdef_0123_4567] {
        let mut stage =
            Stage::with(FrontConfig { session_capacity: 0, tag: EpochTag(tag), ..config() }, vec![]);
        for conn in [A, B, C] {
            stage.step(FrontEvent::Hello(conn, request(ANN)));
            numbers.insert(stage.closed[&conn].correlation_id);
        }
    }
    assert_eq!(numbers.len(), 6);
}
