//! What a tick is found to have caused.

use holdfast_front::Fate;
use holdfast_protocol::{ChunkId, EntityId, Tick};

use super::toy::{Crush, LABEL, Label, Make, Put, SPOT, Step, Take, Toy, Verb};
use super::{change_of, changed_at, parts_of, place_of};
use crate::Rehearsal;
use crate::app::replicate::PART_BYTES_MAX;
use crate::persistence::durable::{Cell, Row};
use crate::poison::Watchlist;

const STONE: EntityId = EntityId(2);

#[test]
fn a_new_worlds_first_things_are_rows_of_its_first_tick() {
    let mut world = Rehearsal::<Toy>::new();
    assert!(world.look().is_present(STONE));
    let load = world.restart();
    assert!(change_of(&load, STONE).is_some(), "they were flushed");
    world.ticks(3);
    assert!(!world.look().is_present(EntityId(8)), "and they are made once");
}

#[test]
fn the_load_is_the_tick_at_which_the_world_begins() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.act(me, &Verb::Take(Take { stone: STONE })).unwrap();
    world.ticks(5);
    world.act(me, &Verb::Put(Put { stone: STONE })).unwrap();
    let put_down = world.now();
    world.ticks(2);
    let load = world.restart();
    assert_eq!(load.changes.tick, world.now());
    assert!(load.rows.is_empty());
    assert_eq!(place_of(&load, STONE), (Some(ChunkId(0)), None, put_down));
    assert_eq!(changed_at(&load, STONE, SPOT), put_down);
    assert_eq!(place_of(&load, EntityId(4)), (Some(ChunkId(1)), None, Tick(2)));
    assert!(change_of(&load, me).is_none(), "characters come when they join");
    assert_eq!(load.changes.entities.len(), 3);
    let next = world.tick();
    assert!(next.changes.entities.is_empty() && next.rows.is_empty());
}

#[test]
fn what_is_as_before_has_not_changed() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    // A system touches every spot each tick.
    let output = world.tick();
    assert!(output.changes.entities.is_empty() && output.rows.is_empty());
    world.send(me, &Verb::Step(Step { to: 5 }));
    let output = world.tick();
    assert!(output.changes.entities.is_empty());
    assert!(output.rows.components.iter().all(std::collections::BTreeMap::is_empty));
}

#[test]
fn there_and_back_within_a_tick_is_no_change() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.send(me, &Verb::Take(Take { stone: EntityId(2) }));
    world.send(me, &Verb::Put(Put { stone: EntityId(2) }));
    let output = world.tick();
    assert!(output.changes.entities.is_empty(), "the stone lies where it lay");
    assert_eq!(output.rows.row_count(), 1, "only the character's own row is written");
}

#[test]
fn a_step_within_a_chunk_changes_one_part() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    let entered = world.now();
    world.send(me, &Verb::Step(Step { to: 6 }));
    let output = world.tick();
    assert_eq!(place_of(&output, me), (Some(ChunkId(0)), Some(me), entered));
    assert_eq!(parts_of(&output, me), [(SPOT, true)]);
    let row = output.rows.components[0][&me].as_ref().unwrap();
    assert_eq!((row.tick, &row.row), (output.changes.tick, &Row(vec![Cell::BigInt(6)])));
    assert!(output.rows.entities.is_empty());
}

#[test]
fn a_step_into_another_chunk_enters_it() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.send(me, &Verb::Step(Step { to: 11 }));
    let output = world.tick();
    assert_eq!(place_of(&output, me), (Some(ChunkId(1)), Some(me), output.changes.tick));
    assert_eq!(output.rows.entities[&me].as_ref().unwrap().entered, output.changes.tick);
}

#[test]
fn a_view_moves_when_the_game_says_so() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    for (to, centers) in [(11, vec![]), (13, vec![(me, ChunkId(1))]), (14, vec![])] {
        world.send(me, &Verb::Step(Step { to }));
        assert_eq!(world.tick().changes.centers, centers, "at {to}");
        world.tick();
    }
    let request = world.join_request(me);
    world.push(holdfast_front::WorldEvent::Join(request));
    let joins = world.tick().changes.joins;
    let holdfast_front::JoinOutcome::Attached(attachment) = &joins[0] else { panic!("refused") };
    assert_eq!(attachment.center, ChunkId(1));
}

#[test]
fn what_is_taken_leaves_its_chunk_for_its_owner() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.send(me, &Verb::Take(Take { stone: STONE }));
    let output = world.tick();
    assert_eq!(place_of(&output, STONE), (None, Some(me), output.changes.tick));
    assert_eq!(parts_of(&output, STONE), [(SPOT, false)]);
}

#[test]
fn what_is_destroyed_dies_in_the_store_as_well() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.act(me, &Verb::Take(Take { stone: STONE })).unwrap();
    world.send(me, &Verb::Crush(Crush { stone: STONE }));
    let output = world.tick();
    assert_eq!(change_of(&output, STONE).unwrap().fate, Fate::Gone);
    assert_eq!(output.rows.entities[&STONE], None);
    assert!(!output.rows.components[0].contains_key(&STONE));
    world.restart();
    world.join(me);
    assert!(!world.look().is_present(STONE));
}

#[test]
fn what_comes_and_goes_within_a_tick_was_never_there() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.send(me, &Verb::Make(Make));
    world.send(me, &Verb::Crush(Crush { stone: EntityId(8) }));
    let output = world.tick();
    assert!(output.changes.entities.is_empty() && output.rows.entities.is_empty());
}

#[test]
fn ids_are_never_reused_after_reload() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    let make = |world: &mut Rehearsal<Toy>| {
        let outcome = world.act(me, &Verb::Make(Make)).unwrap();
        u32::from_le_bytes(outcome.detail)
    };
    assert_eq!(make(&mut world), 8);
    world.restart();
    world.join(me);
    let first = make(&mut world);
    assert_eq!(first, 2 + 2 * 1_024, "the rest of the block is given up");
    world.hold_flushes();
    let lost = make(&mut world);
    world.restart();
    world.join(me);
    assert!(make(&mut world) > lost);
}

#[test]
fn a_block_of_ids_is_reserved_in_the_rows_that_use_it() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.restart();
    world.join(me);
    world.send(me, &Verb::Make(Make));
    let rows = world.tick().rows;
    let id = *rows.entities.keys().next().unwrap();
    assert!(rows.ids_reserved.unwrap() > id.0);
    world.send(me, &Verb::Make(Make));
    assert_eq!(world.tick().rows.ids_reserved, None);
}

#[test]
fn a_row_that_is_no_value_is_named() {
    let mut loaded = crate::persistence::loaded::LoadedWorld {
        world: holdfast_protocol::WorldId(1),
        epoch: holdfast_protocol::Epoch(1),
        tag: holdfast_protocol::EpochTag(1),
        tick: Tick(1),
        history: Vec::new(),
        next_id: 2,
        resume_key: [0; 32],
        is_new: false,
        entities: Vec::new(),
    };
    loaded.entities.push(crate::persistence::loaded::LoadedEntity {
        id: STONE,
        kind: 2,
        home: None,
        entered: Tick(1),
        components: vec![(
            0,
            crate::persistence::rows::ComponentRow { tick: Tick(1), row: Row(vec![Cell::BigInt(-1)]) },
        )],
    });
    let Err(error) = crate::WorldMachine::new::<Toy>(&loaded, 16, Watchlist::default()) else {
        panic!("it was loaded")
    };
    assert_eq!(error.to_string(), "table spot, entity 2");
}

#[test]
fn a_part_that_could_never_be_sent_is_a_fault_of_the_game() {
    let mut world = Rehearsal::<Toy>::new();
    world.arrange(|world| world.set(STONE, Label("a".repeat(PART_BYTES_MAX - 2))));
    let output = world.tick();
    assert_eq!(parts_of(&output, STONE), [(LABEL, true)], "as large as it may be");
    world.arrange(|world| world.set(STONE, Label("a".repeat(PART_BYTES_MAX - 1))));
    let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.tick()));
    let panic = ran.expect_err("it is too large");
    let text = panic.downcast_ref::<String>().expect("a panic with a text");
    assert!(text.contains("entity 2") && text.contains("Label"), "{text}");
    assert!(!text.contains("aaaa"), "and what it holds is not told");
}
