//! How a character falls asleep, and how it goes.

use holdfast_front::{CharacterGone, Fate, WorldEvent};
use holdfast_protocol::{EntityId, SessionEpoch};

use super::toy::{DROWSY, Make, Put, Spot, Take, Toy, Verb};
use super::{change_of, parts_of, place_of};
use crate::Rehearsal;
use crate::persistence::images::Befores;
use crate::persistence::journal::{Input, InputKind};

const STONE: EntityId = EntityId(2);

#[test]
fn a_sleeper_is_seen_asleep_until_it_is_played_again() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    let asleep = world.sleep(me);
    assert_eq!(parts_of(&asleep, me), [(DROWSY, true)]);
    let request = world.join_request(me);
    world.push(WorldEvent::Join(request));
    let awake = world.tick();
    assert!(awake.loads.is_empty(), "it never left");
    assert_eq!(parts_of(&awake, me), [(DROWSY, false)]);
    assert_eq!(place_of(&awake, me).2, awake.changes.tick, "a part that goes makes it enter anew");
}

#[test]
fn whoever_was_replaced_neither_sleeps_nor_leaves() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let old = world.join(me).conn;
    world.join(me);
    world.push(WorldEvent::Sleep { conn: old, character: me });
    world.push(WorldEvent::Leave { conn: old, character: me, ended: true });
    let output = world.tick();
    assert!(output.changes.entities.is_empty() && output.rows.is_empty());
    world.ticks(3);
    assert!(world.look().is_present(me));
}

#[test]
fn a_character_leaves_only_when_its_last_change_is_durable() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    let stone = made(&mut world, me);
    world.hold_flushes();
    world.act(me, &Verb::Take(Take { stone: STONE })).unwrap();
    world.leave(me);
    world.ticks(3);
    assert!(world.look().is_present(me));
    world.release_flushes();
    let output = world.tick();
    assert_eq!(output.changes.gone, [CharacterGone { character: me }]);
    for id in [me, stone, STONE] {
        assert_eq!(change_of(&output, id).unwrap().fate, Fate::Gone);
        assert!(!world.look().is_present(id));
    }
    assert_eq!(output.rows.row_count(), 0, "nothing of it dies in the store");
    let left = Input { tick: output.changes.tick, character: me, kind: InputKind::Left };
    assert_eq!(output.rows.inputs, [left]);
    assert_eq!(output.rows.befores, Befores::new(output.rows.components.len()), "no row was touched");
    world.join(me);
    let mut expected = vec![me, STONE, stone];
    expected.sort_unstable();
    assert_eq!(world.look().belongings(me).collect::<Vec<_>>(), expected);
}

#[test]
fn what_was_put_down_in_the_last_moment_is_not_loaded_twice() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.act(me, &Verb::Take(Take { stone: STONE })).unwrap();
    world.hold_flushes();
    world.send(me, &Verb::Put(Put { stone: STONE }));
    world.leave(me);
    world.ticks(2);
    world.release_flushes();
    world.tick();
    assert!(!world.look().is_present(me) && world.look().is_present(STONE));
    world.join(me);
    assert_eq!(world.look().home(STONE), None);
    assert_eq!(world.look().get::<Spot>(STONE), Some(&Spot(5)));
}

#[test]
fn whose_stone_was_taken_waits_until_that_is_durable() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    let stone = made(&mut world, me);
    world.hold_flushes();
    world.arrange(|world| {
        world.set_home(stone, None);
        world.set(stone, Spot(7));
    });
    world.leave(me);
    world.ticks(2);
    assert!(world.look().is_present(me), "the store still has the stone in its bag");
    world.release_flushes();
    world.tick();
    assert!(!world.look().is_present(me) && world.look().is_present(stone));
}

#[test]
fn who_falls_asleep_and_wakes_within_a_tick_never_slept() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let conn = world.join(me).conn;
    world.push(WorldEvent::Sleep { conn, character: me });
    let request = world.join_request(me);
    world.push(WorldEvent::Join(request));
    let output = world.tick();
    assert_eq!(output.changes.joins.len(), 1);
    assert!(output.changes.entities.is_empty());
}

#[test]
fn join_while_leaving_reuses_the_one_in_memory() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.hold_flushes();
    let stone = made(&mut world, me);
    world.leave(me);
    let request = world.join_request(me);
    world.push(WorldEvent::Join(request));
    let output = world.tick();
    assert_eq!(output.changes.joins.len(), 1);
    assert!(output.loads.is_empty());
    world.release_flushes();
    world.ticks(3);
    assert_eq!(world.look().home(stone), Some(me));
}

#[test]
fn nobody_acts_for_a_character_that_is_leaving() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.hold_flushes();
    made(&mut world, me);
    world.leave(me);
    world.send(me, &Verb::Make(Make));
    let output = world.tick();
    assert_eq!(output.changes.answers[0].kind, holdfast_front::AnswerKind::Void);
    assert!(output.rows.is_empty());
}

#[test]
fn the_end_of_a_session_is_written_once() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.make_character("Me");
    let conn = world.join(me).conn;
    world.hold_flushes();
    let leave = WorldEvent::Leave { character: me, conn, ended: true };
    world.push(leave.clone());
    let output = world.tick();
    assert_eq!(output.rows.characters[&me].session_epoch, SessionEpoch(3));
    world.push(leave);
    assert!(world.tick().rows.is_empty());
}

fn made(world: &mut Rehearsal<Toy>, me: EntityId) -> EntityId {
    let outcome = world.act(me, &Verb::Make(Make)).unwrap();
    EntityId(u64::from(u32::from_le_bytes(outcome.detail)))
}
