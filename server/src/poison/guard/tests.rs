//! The guard, failure by failure.

use holdfast_protocol::{Nonce, Seq};

use super::*;
use crate::persistence::store::{StoreError, StoreErrorClass};

const ADA: EntityId = EntityId(1);
const BOB: EntityId = EntityId(3);

fn name(seq: u64, nonce: u32) -> ActionName {
    ActionName { seq: Seq(seq), nonce: Nonce(nonce) }
}

fn at(seconds: u64) -> Moment {
    Moment(Duration::from_secs(seconds))
}

fn error() -> StoreError {
    StoreError::new(StoreErrorClass::Permanent, "23514", "no such balance")
}

fn refused(actions: &[(EntityId, ActionName)]) -> Failure {
    Failure::Refused { error: error(), actions: actions.to_vec() }
}

fn panicked(deciding: Option<(EntityId, ActionName)>, asked: &[(EntityId, ActionName)]) -> Failure {
    Failure::Panicked { deciding, asked: asked.to_vec(), message: "a plan was wrong".to_owned() }
}

#[test]
fn the_action_that_was_being_decided_is_condemned_and_nobody_else_suspected() {
    let mut guard = PoisonGuard::new();
    let failure = panicked(Some((ADA, name(4, 40))), &[(BOB, name(7, 70)), (BOB, name(8, 80))]);
    assert_eq!(guard.judge(at(0), failure), Judgement::Reload);
    let watchlist = guard.watchlist();
    assert!(watchlist.is_condemned(ADA, name(4, 40)));
    assert!(!watchlist.is_condemned(ADA, name(4, 41)), "another action in its place is an ordinary one");
    assert!(!watchlist.is_condemned(BOB, name(4, 40)));
    assert!(!watchlist.is_suspect(BOB, Seq(7)) && !watchlist.is_suspect(ADA, Seq(4)));
}

#[test]
fn the_only_action_of_a_batch_or_a_panicking_tick_is_condemned() {
    for failure in [refused(&[(ADA, name(4, 40))]), panicked(None, &[(ADA, name(4, 40))])] {
        let mut guard = PoisonGuard::new();
        assert_eq!(guard.judge(at(0), failure), Judgement::Reload);
        assert!(guard.watchlist().is_condemned(ADA, name(4, 40)));
    }
}

#[test]
fn of_several_each_is_suspect_up_to_its_characters_last() {
    let several = [(ADA, name(4, 40)), (BOB, name(7, 70)), (ADA, name(5, 50))];
    for failure in [refused(&several), panicked(None, &several)] {
        let mut guard = PoisonGuard::new();
        assert_eq!(guard.judge(at(0), failure), Judgement::Reload);
        let watchlist = guard.watchlist();
        assert!(watchlist.is_suspect(ADA, Seq(4)) && watchlist.is_suspect(ADA, Seq(5)));
        assert!(!watchlist.is_suspect(ADA, Seq(6)) && !watchlist.is_suspect(BOB, Seq(8)));
        assert!(!watchlist.is_condemned(ADA, name(4, 40)));
    }
}

#[test]
fn a_second_failure_condemns_one_and_forgets_no_suspect() {
    let mut guard = PoisonGuard::new();
    guard.judge(at(0), refused(&[(ADA, name(4, 40)), (BOB, name(7, 70))]));
    guard.judge(at(1), refused(&[(BOB, name(7, 70))]));
    let watchlist = guard.watchlist();
    assert!(watchlist.is_condemned(BOB, name(7, 70)) && watchlist.is_suspect(ADA, Seq(4)));
}

#[test]
fn a_batch_without_an_action_halts_and_says_what_the_store_said() {
    let mut guard = PoisonGuard::new();
    let halt = Judgement::Halt(HaltReason::Unwritable(error()));
    assert_eq!(guard.judge(at(0), refused(&[])), halt);
    let Judgement::Halt(reason) = halt else { unreachable!() };
    let source = std::error::Error::source(&reason).unwrap().to_string();
    assert!(source.contains("23514") && source.contains("no such balance"), "{source}");
}

#[test]
fn a_world_that_panics_by_itself_is_reloaded_three_times_and_then_halts() {
    let mut guard = PoisonGuard::new();
    for second in 0..3 {
        assert_eq!(guard.judge(at(second), panicked(None, &[])), Judgement::Reload);
    }
    let last = Box::new(panicked(None, &[]));
    assert_eq!(
        guard.judge(at(599), panicked(None, &[])),
        Judgement::Halt(HaltReason::TooManyReloads { last: last.clone() })
    );
    let text = HaltReason::TooManyReloads { last }.to_string();
    assert!(text.contains("3 times within 10 minutes") && text.contains("a plan was wrong"), "{text}");
}

#[test]
fn reloads_and_suspects_are_forgotten_after_ten_minutes_and_the_condemned_are_not() {
    let mut guard = PoisonGuard::new();
    guard.judge(at(0), panicked(Some((ADA, name(1, 1))), &[]));
    guard.judge(at(0), refused(&[(ADA, name(4, 40)), (BOB, name(7, 70))]));
    guard.judge(at(0), panicked(None, &[]));
    assert_eq!(guard.judge(at(600), panicked(None, &[])), Judgement::Reload);
    let watchlist = guard.watchlist();
    assert!(watchlist.is_condemned(ADA, name(1, 1)) && !watchlist.is_suspect(ADA, Seq(4)));
}

#[test]
fn of_the_condemned_the_oldest_are_forgotten_first() {
    let mut guard = PoisonGuard::new();
    for number in 0..=CONDEMNED_MAX as u64 {
        let failure = panicked(Some((ADA, name(number, 0))), &[]);
        assert_eq!(guard.judge(at(600 * number), failure), Judgement::Reload);
    }
    let watchlist = guard.watchlist();
    assert!(!watchlist.is_condemned(ADA, name(0, 0)) && watchlist.is_condemned(ADA, name(1, 0)));
    assert_eq!(guard.condemned.len(), CONDEMNED_MAX);
    assert_eq!(guard.reloads.len(), 1);
}
