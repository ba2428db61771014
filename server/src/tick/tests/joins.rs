//! How a connection comes to play a character, and how it does not.

use holdfast_front::{Attachment, JoinOutcome, JoinRequest, WorldEvent};
use holdfast_protocol::{ActionName, Code, EntityId, Epoch, Nonce, Seq, SessionEpoch};

use super::toy::{Count, LABEL, Make, SPOT, STRENGTH, Spot, Step, Toy, Verb};
use super::{change_of, parts_of, place_of, refused_joins};
use crate::persistence::loaded::CharacterLoad;
use crate::{LoadNumber, Rehearsal, TickOutput, WorldInput};

fn attached<'a>(output: &'a TickOutput) -> Vec<&'a Attachment> {
    let attachment = |join: &'a JoinOutcome| match join {
        JoinOutcome::Attached(attachment) => Some(attachment),
        JoinOutcome::Refused(_) => None,
    };
    output.changes.joins.iter().filter_map(attachment).collect()
}

fn join_now(world: &mut Rehearsal<Toy>, request: JoinRequest) -> Attachment {
    world.push(WorldEvent::Join(request));
    attached(&world.tick())[0].clone()
}

#[test]
fn the_first_join_makes_the_character_and_the_second_finds_it() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let request = world.join_request(me);
    world.push(WorldEvent::Join(request));
    let asking = world.tick();
    assert_eq!(asking.loads.len(), 1);
    assert!(asking.changes.joins.is_empty(), "it waits for the store");

    let output = world.tick();
    let attachment = attached(&output)[0];
    assert_eq!((attachment.session_epoch, attachment.last_seq), (SessionEpoch(1), Seq(0)));
    assert!(!attachment.resumed && !attachment.conflict);
    assert_eq!(parts_of(&output, me), [(SPOT, true), (LABEL, true), (STRENGTH, true)]);
    assert_eq!(place_of(&output, me), (Some(attachment.center), Some(me), output.changes.tick));
    assert_eq!(output.rows.entities[&me].as_ref().unwrap().home, Some(me));
    assert_eq!(output.rows.characters[&me].session_epoch, SessionEpoch(1));

    world.act(me, &Verb::Step(Step { to: 31 })).unwrap();
    world.restart();
    let back = world.join(me);
    assert_eq!(back.last_seq, Seq(1));
    assert_eq!(world.look().get::<Spot>(me), Some(&Spot(31)));
}

#[test]
fn whoever_comes_back_enters_its_chunk_anew() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.act(me, &Verb::Make(Make)).unwrap();
    world.restart();
    let request = world.join_request(me);
    world.push(WorldEvent::Join(request));
    world.tick();
    let output = world.tick();
    for id in world.look().belongings(me) {
        assert_eq!(place_of(&output, id).2, output.changes.tick);
    }
}

#[test]
fn another_accounts_character_is_refused_absent_or_present() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let mut request = world.join_request(me);
    request.account = Rehearsal::<Toy>::stranger();
    world.push(WorldEvent::Join(request.clone()));
    world.tick();
    assert_eq!(refused_joins(&world.tick()), [Code::NO_SUCH_CHARACTER]);
    world.join(me);
    world.push(WorldEvent::Join(request));
    let output = world.tick();
    assert_eq!(refused_joins(&output), [Code::NO_SUCH_CHARACTER]);
    assert!(output.rows.is_empty());
}

#[test]
fn strangers_do_not_keep_the_owner_out_however_many_there_are() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    for number in 0..5 {
        let mut request = world.join_request(me);
        request.account.subject = format!("stranger {number}").into();
        world.push(WorldEvent::Join(request));
    }
    let owner = world.join_request(me);
    world.push(WorldEvent::Join(owner.clone()));
    assert!(refused_joins(&world.tick()).is_empty());
    let output = world.tick();
    assert_eq!(refused_joins(&output), [Code::NO_SUCH_CHARACTER; 5]);
    assert_eq!(attached(&output)[0].conn, owner.conn);
}

#[test]
fn a_second_join_replaces_the_one_that_waits() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let (first, second) = (world.join_request(me), world.join_request(me));
    world.push(WorldEvent::Join(first));
    world.push(WorldEvent::Join(second.clone()));
    let output = world.tick();
    assert_eq!(refused_joins(&output), [Code::REPLACED]);
    assert_eq!(output.loads.len(), 1);
    assert_eq!(attached(&world.tick())[0].conn, second.conn);
}

#[test]
fn a_failed_load_is_told_and_can_be_tried_again() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let request = world.join_request(me);
    world.push(WorldEvent::Join(request));
    let asked = world.tick_unanswered().loads[0].number;
    world.push_load(WorldInput::Loaded { character: me, load: CharacterLoad::Failed, asked });
    assert_eq!(refused_joins(&world.tick()), [Code::STORE_UNAVAILABLE]);
    world.join(me);
}

#[test]
fn stale_load_is_dropped() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let request = world.join_request(me);
    world.push(WorldEvent::Join(request));
    let asked = world.tick_unanswered().loads[0].number;
    let load = world.stored(me);
    let stale = [
        LoadNumber { number: asked.number + 1, ..asked },
        LoadNumber { epoch: Epoch(asked.epoch.0 + 1), ..asked },
    ];
    for asked in stale {
        world.push_load(WorldInput::Loaded { character: me, load: load.clone(), asked });
    }
    let output = world.tick();
    assert!(output.changes.joins.is_empty() && output.changes.entities.is_empty());
    // The one that is waited for is taken, once.
    for _ in 0..2 {
        world.push_load(WorldInput::Loaded { character: me, load: load.clone(), asked });
    }
    assert_eq!(attached(&world.tick()).len(), 1);
    assert_eq!(world.look().belongings(me).count(), 1);
}

#[test]
fn a_session_is_resumed_by_its_latest_attachment_or_the_one_before() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    let resume = |world: &mut Rehearsal<Toy>, epoch| {
        let request = JoinRequest { resume: Some(SessionEpoch(epoch)), ..world.join_request(me) };
        join_now(world, request)
    };
    let second = resume(&mut world, 1);
    assert!(second.resumed);
    assert_eq!(second.session_epoch, SessionEpoch(2));
    assert!(resume(&mut world, 1).resumed, "the answer to the second may have been lost");
    assert!(!resume(&mut world, 1).resumed);
    assert!(!resume(&mut world, 0).resumed);
    assert!(!resume(&mut world, 99).resumed);
}

#[test]
fn an_ended_session_is_not_resumed_also_not_after_a_restart() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let conn = world.join(me).conn;
    world.push(WorldEvent::Leave { character: me, conn, ended: true });
    world.ticks(3);
    assert!(!world.look().is_present(me));
    world.restart();
    let request = JoinRequest { resume: Some(SessionEpoch(1)), ..world.join_request(me) };
    world.push(WorldEvent::Join(request));
    world.tick();
    assert!(!attached(&world.tick())[0].resumed);
}

#[test]
fn a_conflict_is_seen_at_the_join() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    let mine = world.send(me, &Verb::Count(Count));
    for _ in 0..64 {
        world.send(me, &Verb::Count(Count));
    }
    world.tick();
    let name = |seq, nonce| ActionName { seq: Seq(seq), nonce: Nonce(nonce) };
    let conflict = |world: &mut Rehearsal<Toy>, oldest| {
        let request = JoinRequest { oldest_unanswered: Some(oldest), ..world.join_request(me) };
        join_now(world, request).conflict
    };
    assert!(conflict(&mut world, mine), "it has fallen out of the ring");
    assert!(!conflict(&mut world, name(65, 65)), "it is answered");
    assert!(conflict(&mut world, name(65, 66)), "somebody else has used its place");
    assert!(!conflict(&mut world, name(66, 9)), "it is the next");
    assert!(conflict(&mut world, name(67, 9)), "what came before it is lost");
    assert!(conflict(&mut world, name(0, 0)));
}

#[test]
fn whoever_is_lost_while_waiting_does_not_come_in() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let request = world.join_request(me);
    let conn = request.conn;
    world.push(WorldEvent::Join(request));
    let asked = world.tick_unanswered().loads[0].number;
    world.push(WorldEvent::Sleep { conn, character: me });
    world.push_load(WorldInput::Loaded { character: me, load: world.stored(me), asked });
    let output = world.tick();
    assert_eq!(refused_joins(&output), [Code::SILENT]);
    assert!(attached(&output).is_empty() && !world.look().is_present(me));
}

#[test]
fn a_join_of_an_unknown_character_touches_nothing() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let request = JoinRequest { character: EntityId(4_001), ..world.join_request(me) };
    world.push(WorldEvent::Join(request));
    let asked = world.tick_unanswered().loads[0].number;
    let load = CharacterLoad::NoSuchCharacter;
    world.push_load(WorldInput::Loaded { character: EntityId(4_001), load, asked });
    let output = world.tick();
    assert_eq!(refused_joins(&output), [Code::NO_SUCH_CHARACTER]);
    assert!(change_of(&output, EntityId(4_001)).is_none());
}
