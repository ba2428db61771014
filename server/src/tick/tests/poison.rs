//! What a tick that fails tells of its cause, and how the world that is loaded next is on its guard.

use std::panic::{AssertUnwindSafe, catch_unwind};

use holdfast_front::{AnswerKind, Moment, WorldEvent};
use holdfast_protocol::{
    ActionName, Blob, Code, EntityId, Epoch, EpochTag, Nonce, Seq, Tick, WorldId, encode,
};

use super::toy::{Make, STRENGTH_MAX, Spot, Step, Stumble, Take, Toy, Train, Verb};
use super::verdicts;
use crate::persistence::journal::{Input, InputKind};
use crate::persistence::loaded::LoadedWorld;
use crate::persistence::store::{StoreError, StoreErrorClass};
use crate::poison::{Failure, Judgement, PoisonGuard, Watchlist};
use crate::{Rehearsal, TickOutput, WorldMachine};

const MAKE: Verb = Verb::Make(Make);

/// Runs a tick that panics.
fn tick_panics(world: &mut Rehearsal<Toy>) -> Failure {
    let ran = catch_unwind(AssertUnwindSafe(|| world.tick()));
    assert!(ran.is_err(), "the tick did not panic");
    world.failure()
}

/// A world that is loaded after a batch with these actions was refused; everybody has joined again.
fn reloaded(world: &mut Rehearsal<Toy>, actions: &[(EntityId, ActionName)], players: &[EntityId]) {
    let error = StoreError::new(StoreErrorClass::Permanent, "23514", "a check");
    let mut guard = PoisonGuard::new();
    let failure = Failure::Refused { error, actions: actions.to_vec() };
    assert_eq!(guard.judge(Moment::default(), failure), Judgement::Reload);
    world.restart_with(guard.watchlist());
    for player in players {
        world.join(*player);
    }
}

/// The actions that a tick decided, in order.
fn decided(output: &TickOutput) -> Vec<(EntityId, ActionName)> {
    output.rows.inputs.iter().filter_map(Input::action).collect()
}

/// The name that [`Rehearsal::send`] gives a character's action.
fn name(seq: u64) -> ActionName {
    ActionName { seq: Seq(seq), nonce: Nonce(u32::try_from(seq).unwrap()) }
}

#[test]
fn a_panic_over_an_action_names_that_action() {
    let mut world = Rehearsal::<Toy>::new();
    let (me, other) = (world.player("Me"), world.player("Other"));
    world.send(other, &MAKE);
    world.send(me, &Verb::Stumble(Stumble));
    world.send(other, &MAKE);
    let Failure::Panicked { deciding, .. } = tick_panics(&mut world) else { unreachable!() };
    assert_eq!(deciding, Some((me, name(1))));
}

#[test]
fn a_panic_of_a_system_names_all_that_took_effect_and_is_not_durable() {
    let mut world = Rehearsal::<Toy>::new();
    let (me, other) = (world.player("Me"), world.player("Other"));
    world.act(other, &MAKE).unwrap();
    world.ticks(1);
    world.hold_flushes();
    world.act(me, &MAKE).unwrap();
    // A rule says no: nothing has changed that a system could stumble over.
    world.act(me, &Verb::Take(Take { stone: EntityId(4_000) })).unwrap_err();
    world.send(other, &Verb::Train(Train { to: STRENGTH_MAX }));
    let Failure::Panicked { deciding, asked, .. } = tick_panics(&mut world) else { unreachable!() };
    assert_eq!(deciding, None);
    assert_eq!(asked, [(me, name(1)), (other, name(2))]);
}

#[test]
fn a_long_message_of_a_panic_is_cut() {
    let new = LoadedWorld {
        world: WorldId(1),
        epoch: Epoch(1),
        tag: EpochTag(1),
        tick: Tick(1),
        history: Vec::new(),
        next_id: 2,
        resume_key: [0; 32],
        is_new: true,
        entities: Vec::new(),
    };
    let (world, _) = WorldMachine::new::<Toy>(&new, 16, Watchlist::default()).unwrap();
    let Failure::Panicked { message, .. } = world.failure("é".repeat(600)) else { unreachable!() };
    assert_eq!(message, "é".repeat(256));
}

#[test]
fn what_is_condemned_is_rejected_for_good_and_has_no_effect() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    world.send(me, &Verb::Stumble(Stumble));
    let failure = tick_panics(&mut world);
    let mut guard = PoisonGuard::new();
    assert_eq!(guard.judge(Moment::default(), failure), Judgement::Reload);
    world.restart_with(guard.watchlist());
    world.join(me);

    // The client has no answer, and faithfully sends the same again.
    world.send(me, &Verb::Stumble(Stumble));
    let output = world.tick();
    assert_eq!(verdicts(&output.changes.answers), [(me, Code::INTERNAL, false)]);
    assert_eq!(output.rows.characters[&me].last_seq, Seq(1), "its seq is used, durably");
    assert_eq!(decided(&output), [(me, name(1))], "and it is recorded");
    let InputKind::Acted { action, code, .. } = &output.rows.inputs[0].kind else { unreachable!() };
    assert_eq!((&action.0[..], *code), (&[7][..], Code::INTERNAL), "by its verb");
    assert!(output.rows.indexed.contains(&me));
    assert!(output.changes.entities.is_empty() && output.rows.entities.is_empty());
    assert_eq!(world.look().get::<Spot>(me), Some(&Spot(5)));

    // It goes on with the next one, and the answer stands whoever asks again.
    world.act(me, &MAKE).unwrap();
    world.restart();
    let conn = world.join(me).conn;
    let action = Blob(encode(&Verb::Stumble(Stumble)));
    world.push(WorldEvent::Act { conn, character: me, name: name(1), action, heard: Moment::default() });
    assert_eq!(verdicts(&world.tick().changes.answers), [(me, Code::INTERNAL, true)]);
}

#[test]
fn another_action_in_the_place_of_a_condemned_one_is_an_ordinary_one() {
    let mut world = Rehearsal::<Toy>::new();
    let me = world.player("Me");
    reloaded(&mut world, &[(me, ActionName { seq: Seq(1), nonce: Nonce(999) })], &[me]);
    assert!(world.act(me, &MAKE).is_ok());
}

#[test]
fn each_suspect_is_alone_in_its_flush_and_the_others_wait_in_order() {
    let mut world = Rehearsal::<Toy>::new();
    let (me, other, third) = (world.player("Me"), world.player("Other"), world.player("Third"));
    reloaded(&mut world, &[(me, name(1)), (me, name(2)), (other, name(1))], &[me, other, third]);
    for player in [third, me, third, me, other, me] {
        world.send(player, &MAKE);
    }
    let ticks: Vec<_> = (0..8).map(|_| decided(&world.tick())).collect();
    assert_eq!(
        ticks,
        [
            vec![(third, name(1))],
            // Third's is durable. Me's first is a suspect, and nothing else is decided.
            vec![(me, name(1))],
            vec![(third, name(2))],
            vec![(me, name(2))],
            vec![(other, name(1))],
            // No suspect is left, and nothing waits any more.
            vec![(me, name(3))],
            vec![],
            vec![],
        ],
    );
}

#[test]
fn nothing_is_decided_after_a_suspect_until_it_is_durable() {
    let mut world = Rehearsal::<Toy>::new();
    let (me, other) = (world.player("Me"), world.player("Other"));
    reloaded(&mut world, &[(me, name(1)), (other, name(1))], &[me, other]);
    world.hold_flushes();
    world.send(me, &MAKE);
    world.send(other, &MAKE);
    assert_eq!(decided(&world.tick()), [(me, name(1))]);
    for _ in 0..3 {
        world.send(other, &MAKE);
        assert_eq!(decided(&world.tick()), []);
    }
    world.release_flushes();
    assert_eq!(decided(&world.tick()), [(other, name(1))]);
    assert_eq!(decided(&world.tick()).len(), 3);
}

#[test]
fn a_suspect_waits_until_nothing_before_it_is_undurable_and_nobody_overtakes_it() {
    let mut world = Rehearsal::<Toy>::new();
    let (me, other) = (world.player("Me"), world.player("Other"));
    reloaded(&mut world, &[(me, name(1)), (me, name(2))], &[me, other]);
    world.hold_flushes();
    world.send(other, &MAKE);
    assert_eq!(decided(&world.tick()), [(other, name(1))]);
    world.send(me, &MAKE);
    for _ in 0..3 {
        world.send(other, &MAKE);
        assert_eq!(decided(&world.tick()), [], "what came later waits behind the suspect");
    }
    world.release_flushes();
    assert_eq!(decided(&world.tick()), [(me, name(1))]);
    assert_eq!(decided(&world.tick()).len(), 3);
}

#[test]
fn a_suspect_that_a_rule_rejects_holds_up_nobody() {
    let mut world = Rehearsal::<Toy>::new();
    let (me, other) = (world.player("Me"), world.player("Other"));
    reloaded(&mut world, &[(me, name(1)), (other, name(9))], &[me, other]);
    world.hold_flushes();
    world.send(me, &Verb::Take(Take { stone: EntityId(4_000) }));
    world.send(me, &MAKE);
    assert_eq!(decided(&world.tick()), [(me, name(1)), (me, name(2))]);
}

#[test]
fn suspects_of_the_absent_hold_up_nobody() {
    let mut world = Rehearsal::<Toy>::new();
    let (gone, other) = (world.player("Gone"), world.player("Other"));
    reloaded(&mut world, &[(gone, name(1)), (gone, name(2))], &[other]);
    world.hold_flushes();
    world.send(other, &MAKE);
    world.send(other, &MAKE);
    assert_eq!(decided(&world.tick()), [(other, name(1)), (other, name(2))]);
}

#[test]
fn a_suspect_on_its_cooldown_holds_up_nobody() {
    let mut world = Rehearsal::<Toy>::new();
    let (me, other) = (world.player("Me"), world.player("Other"));
    reloaded(&mut world, &[(me, name(1)), (me, name(2))], &[me, other]);
    world.send(me, &Verb::Step(Step { to: 6 }));
    world.send(me, &Verb::Step(Step { to: 7 }));
    assert_eq!(decided(&world.tick()), [(me, name(1))]);
    world.send(other, &MAKE);
    assert_eq!(decided(&world.tick()), [(other, name(1))], "the second step's cooldown has not passed");
    assert_eq!(decided(&world.tick()), [(me, name(2))]);
}

#[test]
fn joins_and_leaves_go_on_while_a_suspect_is_alone() {
    let mut world = Rehearsal::<Toy>::new();
    let (me, other) = (world.player("Me"), world.player("Other"));
    reloaded(&mut world, &[(me, name(1)), (other, name(1))], &[me, other]);
    world.hold_flushes();
    world.send(me, &MAKE);
    world.send(other, &MAKE);
    world.tick();
    let newcomer = world.make_character("Newcomer");
    world.join(newcomer);
    let answers = world.leave(other).changes.answers;
    assert!(answers.is_empty(), "what waits is drained before the leave");
    let kinds: Vec<_> = world.tick().changes.answers.into_iter().map(|answer| answer.kind).collect();
    assert_eq!(kinds, [AnswerKind::Void], "the action of whoever has left is none");
    world.release_flushes();
    world.ticks(2);
    assert!(!world.look().is_present(other));
}

#[test]
fn what_was_decided_is_answered_again_while_a_suspect_is_alone() {
    let mut world = Rehearsal::<Toy>::new();
    let (me, other) = (world.player("Me"), world.player("Other"));
    world.act(other, &MAKE).unwrap();
    reloaded(&mut world, &[(me, name(1)), (other, name(9))], &[me]);
    let conn = world.join(other).conn;
    world.hold_flushes();
    world.send(me, &MAKE);
    world.tick();
    let action = Blob(encode(&MAKE));
    world.push(WorldEvent::Act { conn, character: other, name: name(1), action, heard: Moment::default() });
    assert_eq!(verdicts(&world.tick().changes.answers), [(other, Code::ACCEPTED, true)]);
}

#[test]
fn nothing_is_decided_after_a_condemned_action_until_its_rejection_is_durable() {
    let mut world = Rehearsal::<Toy>::new();
    let (me, other) = (world.player("Me"), world.player("Other"));
    let mut guard = PoisonGuard::new();
    let failure =
        Failure::Panicked { deciding: Some((me, name(1))), asked: Vec::new(), message: String::new() };
    assert_eq!(guard.judge(Moment::default(), failure), Judgement::Reload);
    world.restart_with(guard.watchlist());
    world.join(me);
    world.join(other);
    world.hold_flushes();
    world.send(me, &Verb::Stumble(Stumble));
    // The next one stumbles too: the world must not fail over it before the first is answered for good.
    world.send(me, &Verb::Stumble(Stumble));
    assert_eq!(decided(&world.tick()), [(me, name(1))]);
    world.send(other, &MAKE);
    assert_eq!(decided(&world.tick()), []);
    world.release_flushes();
    let Failure::Panicked { deciding, .. } = tick_panics(&mut world) else { unreachable!() };
    assert_eq!(deciding, Some((me, name(2))));
}
