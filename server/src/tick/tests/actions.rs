//! Order, exactly once, and who may act.

use holdfast_front::{AnswerKind, Conn, Moment, WorldEvent};
use holdfast_protocol::{ActionName, Blob, Code, EntityId, Nonce, Seq, encode};

use super::toy::{Count, Make, Spot, Step, Take, Toy, Verb};
use super::verdicts;
use crate::Rehearsal;
use crate::action::Verbs;
use crate::rehearsal::INPUTS_MAX;

const STONE: EntityId = EntityId(2);
const NOT_THERE: Code = Code::of_verb(2, 1);

fn act(conn: Conn, character: EntityId, seq: u64, nonce: u32, verb: &Verb) -> WorldEvent {
    let name = ActionName { seq: Seq(seq), nonce: Nonce(nonce) };
    WorldEvent::Act { conn, character, name, action: Blob(encode(verb)), heard: Moment::default() }
}

#[test]
fn of_two_who_reach_exactly_one_takes() {
    let mut world = Rehearsal::<Toy>::new();
    let (first, second) = (world.player("First"), world.player("Second"));
    world.send(first, &Verb::Take(Take { stone: STONE }));
    world.send(second, &Verb::Take(Take { stone: STONE }));
    let output = world.tick();
    let expected = [(first, Code::ACCEPTED, false), (second, NOT_THERE, false)];
    assert_eq!(verdicts(&output.changes.answers), expected);
    assert_eq!(world.look().home(STONE), Some(first));
}

#[test]
fn same_action_thrice_has_one_effect_and_one_verdict() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let conn = world.join(me).conn;
    world.push(act(conn, me, 1, 77, &Verb::Make(Make)));
    world.push(act(conn, me, 1, 77, &Verb::Make(Make)));
    let output = world.tick();
    assert_eq!(verdicts(&output.changes.answers), [(me, Code::ACCEPTED, false), (me, Code::ACCEPTED, true)],);
    let later = world.join(me).conn;
    world.push(act(later, me, 1, 77, &Verb::Make(Make)));
    let replayed = world.tick();
    assert_eq!(verdicts(&replayed.changes.answers), [(me, Code::ACCEPTED, true)]);
    let details: Vec<_> = [&output, &replayed]
        .iter()
        .flat_map(|output| &output.changes.answers)
        .map(|answer| match answer.kind {
            AnswerKind::Verdict { detail, .. } => detail,
            _ => panic!("a verdict was expected"),
        })
        .collect();
    assert!(details.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(world.look().belongings(me).count(), 2);
}

#[test]
fn a_restart_answers_from_the_ring_at_rest() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let conn = world.join(me).conn;
    world.push(act(conn, me, 1, 77, &Verb::Take(Take { stone: EntityId(4_000) })));
    world.tick();
    world.restart();
    let conn = world.join(me).conn;
    world.push(act(conn, me, 1, 77, &Verb::Make(Make)));
    assert_eq!(verdicts(&world.tick().changes.answers), [(me, NOT_THERE, true)]);
}

#[test]
fn what_is_not_the_next_action_is_turned_away_without_effect() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let conn = world.join(me).conn;
    for seq in 1..=66 {
        world.push(act(conn, me, seq, 1, &Verb::Count(Count)));
    }
    world.tick();
    for (seq, nonce) in [(69, 1), (66, 2), (2, 1), (0, 0)] {
        world.push(act(conn, me, seq, nonce, &Verb::Make(Make)));
    }
    let output = world.tick();
    let refused: Vec<_> = output
        .changes
        .answers
        .iter()
        .map(|answer| match answer.kind {
            AnswerKind::Refused { code, expected } => (code, expected),
            _ => panic!("a refusal was expected"),
        })
        .collect();
    let expected = Seq(67);
    assert_eq!(
        refused,
        [
            (Code::SEQ_GAP, expected),
            (Code::SEQ_CONFLICT, expected),
            (Code::SEQ_EXPIRED, expected),
            (Code::SEQ_EXPIRED, expected),
        ],
    );
    assert!(output.changes.entities.is_empty() && output.rows.is_empty());
}

#[test]
fn a_rejection_consumes_its_seq_in_the_same_rows() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.send(me, &Verb::Take(Take { stone: EntityId(4_000) }));
    let output = world.tick();
    assert_eq!(output.rows.characters[&me].last_seq, Seq(1));
    assert_eq!(output.rows.characters[&me].tick, output.changes.tick);
    assert!(output.rows.entities.is_empty());
}

#[test]
fn effect_and_verdict_are_rows_of_one_tick() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.send(me, &Verb::Take(Take { stone: STONE }));
    let rows = world.tick().rows;
    assert_eq!(rows.entities[&STONE].as_ref().unwrap().home, Some(me));
    assert_eq!(rows.components[0][&STONE], None);
    assert_eq!(rows.characters[&me].last_seq, Seq(1));
}

#[test]
fn a_move_on_cooldown_holds_back_only_its_character() {
    let mut world = Rehearsal::<Toy>::new();
    let (hasty, other) = (world.player("Hasty"), world.player("Other"));
    world.send(hasty, &Verb::Step(Step { to: 6 }));
    world.send(hasty, &Verb::Step(Step { to: 7 }));
    world.send(hasty, &Verb::Make(Make));
    world.send(other, &Verb::Make(Make));
    let answers = |output: crate::TickOutput| {
        output.changes.answers.iter().map(|answer| (answer.character, answer.action.seq)).collect::<Vec<_>>()
    };
    assert_eq!(answers(world.tick()), [(hasty, Seq(1)), (other, Seq(1))]);
    assert_eq!(answers(world.tick()), []);
    assert_eq!(answers(world.tick()), [(hasty, Seq(2)), (hasty, Seq(3))]);
    assert_eq!(world.look().get::<Spot>(hasty), Some(&Spot(7)));
}

#[test]
fn a_join_makes_void_what_the_connection_before_it_has_queued() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.send(me, &Verb::Step(Step { to: 6 }));
    world.send(me, &Verb::Step(Step { to: 7 }));
    world.tick();
    let request = world.join_request(me);
    world.push(WorldEvent::Join(request));
    assert_eq!(world.tick().changes.joins.len(), 1, "the join does not wait behind the step");
    let answers = world.tick().changes.answers;
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].kind, AnswerKind::Void);
    assert_eq!(world.look().get::<Spot>(me), Some(&Spot(6)));
}

#[test]
fn a_leave_does_not_wait_behind_what_is_held() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    for to in [6, 7, 8] {
        world.send(me, &Verb::Step(Step { to }));
    }
    world.leave(me);
    let kinds: Vec<_> = world.tick().changes.answers.into_iter().map(|answer| answer.kind).collect();
    assert_eq!(kinds, [AnswerKind::Void, AnswerKind::Void]);
    world.ticks(2);
    assert!(!world.look().is_present(me));
    world.join(me);
    assert_eq!(world.look().get::<Spot>(me), Some(&Spot(6)));
}

#[test]
fn only_the_latest_connection_acts() {
    let mut world = Rehearsal::<Toy>::new();
    let (me, other) = (world.make_character("Me"), world.player("Other"));
    let old = world.join(me).conn;
    let new = world.join(me).conn;
    world.push(act(old, me, 1, 1, &Verb::Make(Make)));
    world.push(act(new, other, 1, 1, &Verb::Make(Make)));
    world.push(act(new, EntityId(999), 1, 1, &Verb::Make(Make)));
    let output = world.tick();
    assert!(output.changes.answers.iter().all(|answer| answer.kind == AnswerKind::Void));
    assert_eq!(output.changes.answers.len(), 3);
    assert!(output.rows.is_empty());
}

#[test]
fn beyond_the_queues_bound_the_answer_is_busy() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let conn = world.join(me).conn;
    for seq in 1..=INPUTS_MAX as u64 + 1 {
        world.push(act(conn, me, seq, 1, &Verb::Count(Count)));
    }
    let answers = world.tick().changes.answers;
    let busy: Vec<_> = answers
        .iter()
        .filter(|answer| matches!(answer.kind, AnswerKind::Refused { code: Code::BUSY, .. }))
        .map(|answer| answer.action.seq)
        .collect();
    assert_eq!(busy, [Seq(INPUTS_MAX as u64 + 1)]);
    assert_eq!(answers.len(), INPUTS_MAX + 1);
}

#[test]
fn what_cannot_be_read_is_refused_without_a_seq() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let conn = world.join(me).conn;
    for bytes in [vec![], vec![9, 0], vec![2], vec![4, 0]] {
        let name = ActionName { seq: Seq(1), nonce: Nonce(1) };
        world.push(WorldEvent::Act {
            conn,
            character: me,
            name,
            action: Blob(bytes),
            heard: Moment::default(),
        });
    }
    let malformed = AnswerKind::Refused { code: Code::MALFORMED, expected: Seq(1) };
    let answers = world.tick().changes.answers;
    assert_eq!(answers.len(), 4);
    assert!(answers.iter().all(|answer| answer.kind == malformed));
}

#[test]
fn a_verbs_tag_is_its_wire() {
    assert_eq!(encode(&Verb::Take(Take { stone: EntityId(300) })), [2, 0xac, 0x02]);
    assert_eq!(encode(&Verb::Count(Count)), [0xc8, 0x01]);
    let read: Verb = holdfast_protocol::decode(&[2, 0xac, 0x02]).unwrap();
    assert_eq!(read, Verb::Take(Take { stone: EntityId(300) }));
    let tags: Vec<_> = Verb::wire().iter().map(|(tag, name, _)| (*tag, *name)).collect();
    assert_eq!(tags[..2], [(1, "step"), (2, "take")]);
    let codes = Verb::codes();
    assert!(codes.iter().any(|entry| entry.code == NOT_THERE && entry.name == "not_there"));
}

#[test]
fn a_longer_answer_is_sent_once_and_not_kept() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let conn = world.join(me).conn;
    world.push(act(conn, me, 1, 1, &Verb::Count(Count)));
    world.push(act(conn, me, 1, 1, &Verb::Count(Count)));
    let answers = world.tick().changes.answers;
    let replies: Vec<_> = answers
        .iter()
        .map(|answer| matches!(&answer.kind, AnswerKind::Verdict { reply: Some(_), .. }))
        .collect();
    assert_eq!(replies, [true, false]);
}
