//! Coming back: with whose token, when, and to what.

use std::time::Duration;

use holdfast_front::{Audience, EpochEnd, FrontConfig, FrontEvent, HelloRequest, PartChange};
use holdfast_protocol::{
    Applied, Blob, ClientMessage, Code, EntityId, Epoch, EpochTag, ResyncKind, SyncToken, Tick,
};

use crate::harness::{A, ANN, B, BEN, Entered, HERE, PURSE, Stage, account, body, config, pose, request};

/// What a client says that comes back with all that it was given.
fn back(entered: &Entered) -> HelloRequest {
    let character = entered.welcome.character;
    HelloRequest {
        resume: Some(entered.welcome.resume.clone()),
        held: Some(entered.token()),
        ..request(character)
    }
}

/// The attachment that the world is asked to resume.
fn asks_to_resume(stage: &mut Stage, request: HelloRequest) -> Option<u64> {
    stage.step(FrontEvent::Hello(B, request));
    stage.asked_to_join().resume.map(|epoch| epoch.0)
}

/// The next ownership of the same world, with `load` in it.
fn restarted(load: Vec<holdfast_front::EntityChange>) -> Stage {
    let mut next = config();
    next.history.push(EpochEnd { epoch: Epoch(7), tag: EpochTag(77), end: Tick(150) });
    let next = FrontConfig { epoch: Epoch(8), tag: EpochTag(88), start: Tick(151), ..next };
    Stage::with(next, load)
}

#[test]
fn a_resumed_session_gets_what_it_missed_and_nothing_else() {
    let mut stage = Stage::new();
    let entered = stage.enter(A, ANN);
    stage.run_and_commit(|tick| tick.entities.push(body(EntityId(2), HERE, tick.tick, 3)));
    stage.step(FrontEvent::Lost(A));
    let again = stage.enter_with(B, back(&entered), true);
    assert_eq!(again.welcome.resync, ResyncKind::Delta);
    assert_eq!(again.frame.from, Some(entered.token().point()));
    assert_eq!(again.frame.chunks.len(), 1);
    assert_ne!(again.welcome.resume, entered.welcome.resume, "rotated");
}

#[test]
fn a_session_is_resumable_for_two_minutes_from_the_drop() {
    let mut stage = Stage::new();
    let entered = stage.enter(A, ANN);
    stage.step(FrontEvent::Lost(A));
    stage.pass(Duration::from_secs(120));
    assert_eq!(asks_to_resume(&mut stage, back(&entered)), Some(1));

    let mut stage = Stage::new();
    let entered = stage.enter(A, ANN);
    stage.step(FrontEvent::Lost(A));
    stage.now = stage.now + Duration::from_millis(120_001);
    assert_eq!(asks_to_resume(&mut stage, back(&entered)), None);
    stage.run_attach(B, ANN, false);
    stage.commit();
    let messages = stage.read(B);
    let holdfast_protocol::ServerMessage::Welcome(welcome) = &messages[0] else { panic!("{messages:?}") };
    assert_eq!(welcome.resync, ResyncKind::SnapshotExpired);
}

#[test]
fn a_session_whose_old_socket_seems_alive_is_resumable() {
    let mut stage = Stage::new();
    let entered = stage.enter(A, ANN);
    assert_eq!(asks_to_resume(&mut stage, back(&entered)), Some(1));
}

#[test]
fn an_ended_session_is_not_resumable() {
    let mut stage = Stage::new();
    let entered = stage.enter(A, ANN);
    stage.say(A, ClientMessage::Leave);
    assert_eq!(asks_to_resume(&mut stage, back(&entered)), None);
}

#[test]
fn forged_and_foreign_tokens_resume_nothing() {
    let mut stage = Stage::new();
    let entered = stage.enter(A, ANN);
    stage.step(FrontEvent::Lost(A));
    let mut forged = back(&entered);
    if let Some(Blob(bytes)) = &mut forged.resume {
        bytes[20] ^= 1;
    }
    assert_eq!(asks_to_resume(&mut stage, forged), None);
    let stolen = HelloRequest { account: account(BEN), ..back(&entered) };
    stage.step(FrontEvent::Hello(holdfast_front::Conn(9), stolen));
    assert_eq!(stage.asked_to_join().resume, None);
    let of_another_character = HelloRequest { character: BEN, ..back(&entered) };
    stage.step(FrontEvent::Hello(holdfast_front::Conn(11), of_another_character));
    assert_eq!(stage.asked_to_join().resume, None);
}

#[test]
fn tokens_outlive_a_restart_for_two_minutes() {
    let mut stage = Stage::new();
    let entered = stage.enter(A, ANN);
    let mut next = restarted(vec![]);
    next.pass(Duration::from_secs(120));
    assert_eq!(asks_to_resume(&mut next, back(&entered)), Some(1));
    let mut next = restarted(vec![]);
    next.pass(Duration::from_millis(120_001));
    assert_eq!(asks_to_resume(&mut next, back(&entered)), None);
}

#[test]
fn old_epoch_token_gets_rosters_everywhere_and_only_what_changed() {
    let mut stage = Stage::new();
    let lamp = body(EntityId(4), HERE, Tick(95), 1);
    stage.run_and_commit(|tick| tick.entities.push(lamp.clone()));
    let entered = stage.enter(A, ANN);
    let held = entered.token();

    let mut changed_later = body(EntityId(6), HERE, Tick(95), 2);
    changed_later.parts[0].changed = Tick(held.tick.0 + 1);
    let mut next = restarted(vec![lamp, changed_later]);
    let again = next.enter_with(B, back(&entered), true);
    assert_eq!(again.welcome.resync, ResyncKind::Delta);
    assert_eq!(again.frame.from, Some(held.point()), "in the words of the client's own token");
    let rosters: Vec<_> = again.frame.rosters.iter().map(|roster| roster.chunk.0).collect();
    assert_eq!(rosters, [HERE.0, HERE.0 + 1, HERE.0 - 1]);
    let written: Vec<_> =
        again.frame.chunks[0].entities.iter().map(|entity| (entity.id.0, entity.whole)).collect();
    assert_eq!(written, [(1, true), (6, false)], "the lamp is known; the character was loaded anew");
    assert!(again.frame.own.roster.is_some());
}

#[test]
fn a_token_past_the_end_of_its_epoch_counts_as_the_end() {
    let mut stage = Stage::new();
    let entered = stage.enter(A, ANN);
    let held = SyncToken { tick: Tick(160), ..entered.token() };
    let mut changed = body(EntityId(4), HERE, Tick(95), 1);
    changed.parts[0].changed = Tick(151);
    let mut next = restarted(vec![changed]);
    let again = next.enter_with(B, HelloRequest { held: Some(held), ..back(&entered) }, true);
    assert_eq!(again.frame.from.unwrap().tick, Tick(160));
    assert!(again.frame.chunks[0].entities.iter().any(|entity| entity.id == EntityId(4)));
}

#[test]
fn a_part_that_a_load_says_may_have_been_there_makes_its_entity_whole() {
    let mut stage = Stage::new();
    let entered = stage.enter(A, ANN);
    let mut lamp = body(EntityId(4), HERE, Tick(95), 1);
    let may_have_been = PartChange { tag: PURSE, audience: Audience::View, changed: Tick(151), body: None };
    lamp.parts.push(may_have_been);
    let mut next = restarted(vec![lamp]);
    let again = next.enter_with(B, back(&entered), true);
    let lamp = again.frame.chunks[0].entities.iter().find(|entity| entity.id == EntityId(4));
    assert!(lamp.unwrap().whole);
}

#[test]
fn the_client_is_told_why_it_gets_everything() {
    let kind = |change: fn(&mut HelloRequest), resumed| {
        let mut stage = Stage::new();
        let entered = stage.enter(A, ANN);
        stage.step(FrontEvent::Lost(A));
        let mut request = back(&entered);
        change(&mut request);
        let again = stage.enter_with(B, request, resumed);
        assert_eq!(again.frame.from.is_none(), again.welcome.resync != ResyncKind::Delta);
        again.welcome.resync
    };
    assert_eq!(kind(|_| {}, true), ResyncKind::Delta);
    assert_eq!(kind(|request| request.held = None, true), ResyncKind::SnapshotFresh);
    assert_eq!(kind(|request| request.resume = None, false), ResyncKind::SnapshotFresh);
    assert_eq!(kind(|_| {}, false), ResyncKind::SnapshotExpired);
    let foreign: fn(&mut HelloRequest) = |request| {
        if let Some(held) = &mut request.held {
            held.tag = EpochTag(1);
        }
    };
    assert_eq!(kind(foreign, true), ResyncKind::SnapshotUnknownEpoch);
    assert_eq!(kind(foreign, false), ResyncKind::SnapshotUnknownEpoch, "nor does it know the session");
}

#[test]
fn a_lost_welcome_can_be_followed_by_the_token_before() {
    let mut stage = Stage::new();
    let entered = stage.enter(A, ANN);
    stage.step(FrontEvent::Lost(A));
    stage.step(FrontEvent::Hello(B, back(&entered)));
    stage.run_attach(B, ANN, true);
    stage.step(FrontEvent::Lost(B));
    stage.commit();
    stage.run_and_commit(|tick| tick.entities.push(pose(ANN, tick.tick, 4)));
    stage.step(FrontEvent::Hello(holdfast_front::Conn(9), back(&entered)));
    assert_eq!(stage.asked_to_join().resume.map(|epoch| epoch.0), Some(1));
}

/// The client says that it has applied what it was sent first.
fn confirms(stage: &mut Stage, conn: holdfast_front::Conn, entered: &Entered) {
    stage.say(conn, ClientMessage::Applied(Applied { tick: entered.token().tick }));
}

#[test]
fn a_tab_that_slept_while_another_took_over_is_told_so_when_it_wakes() {
    for lost in [false, true] {
        let mut stage = Stage::new();
        let slept = stage.enter(A, ANN);
        confirms(&mut stage, A, &slept);
        let other = stage.enter(B, ANN);
        confirms(&mut stage, B, &other);
        if lost {
            stage.step(FrontEvent::Lost(B));
        }
        let asked = stage.world.len();
        let wakes = holdfast_front::Conn(9);
        stage.step(FrontEvent::Hello(wakes, back(&slept)));
        assert_eq!((stage.closed[&wakes].code, stage.closed[&wakes].retryable), (Code::REPLACED, false));
        assert_eq!(stage.world.len(), asked, "the world is not asked");
        assert!(!stage.closed.contains_key(&B));

        // Whoever wants it back says so by showing no token, and the other one comes back with its own.
        let (returns, takes_back) = (holdfast_front::Conn(11), holdfast_front::Conn(13));
        stage.step(FrontEvent::Hello(returns, back(&other)));
        assert_eq!(stage.asked_to_join().resume.map(|epoch| epoch.0), Some(2));
        stage.step(FrontEvent::Hello(takes_back, request(ANN)));
        assert!(!stage.closed.contains_key(&takes_back));
    }
}

#[test]
fn a_client_whose_welcome_was_lost_is_not_taken_for_somebody_else() {
    let mut stage = Stage::new();
    let entered = stage.enter(A, ANN);
    confirms(&mut stage, A, &entered);
    // Whatever it says without having seen the Welcome proves nothing: a ping that was on its way, an echo of before.
    let lost = stage.enter_with(B, back(&entered), true);
    stage.say(B, ClientMessage::Ping);
    confirms(&mut stage, B, &entered);
    stage.step(FrontEvent::Lost(B));
    let again = holdfast_front::Conn(9);
    stage.step(FrontEvent::Hello(again, back(&entered)));
    assert!(!stage.closed.contains_key(&again));
    assert_eq!(stage.asked_to_join().resume.map(|epoch| epoch.0), Some(1));
    assert!(lost.token().tick > entered.token().tick);
}

#[test]
fn who_replaced_somebody_and_left_for_good_keeps_nobody_out() {
    let mut stage = Stage::new();
    let slept = stage.enter(A, ANN);
    let other = stage.enter(B, ANN);
    confirms(&mut stage, B, &other);
    stage.say(B, ClientMessage::Leave);
    let wakes = holdfast_front::Conn(9);
    stage.step(FrontEvent::Hello(wakes, back(&slept)));
    assert!(!stage.closed.contains_key(&wakes));
}
