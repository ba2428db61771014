//! What can never be decided or written costs the world its speculation and nothing else: shown in one thread, with the
//! faulty ledger. Against a real server: `poison`.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeSet;

use holdfast::Replicate;
use holdfast::persistence::durable::Durable as _;
use holdfast::persistence::writer::StopReason;
use holdfast::poison::{HaltReason, Judgement};
use holdfast_client::ClientEvent;
use holdfast_protocol::{ActionName, Code, EntityId, PartTag, Verdict, decode};
use holdfast_tests::faulty::debt::refuse_large_debts;
use holdfast_tests::faulty::fuse::{FUSE_TICKS, FUSE_TOKEN};
use holdfast_tests::faulty::{DEBT_MAX, Explode, FaultyLedger, FaultyVerb, Overdraw};
use holdfast_tests::{Player, Sim};
use ledger::action::{Append, Transfer};
use ledger::component::{Purse, Tape, TapeWire};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

type Faulty = Sim<FaultyLedger>;

/// A tape of the group that everybody here is in.
const TAPE: EntityId = EntityId(2);
/// The place of [`Tape`] in the registry.
const TAPES: usize = 2;
/// The place of [`Purse`] in the registry.
const PURSES: usize = 1;

const EXPLODE: FaultyVerb = FaultyVerb::Explode(Explode {});
const OVERDRAW: FaultyVerb = FaultyVerb::Overdraw(Overdraw { amount: DEBT_MAX + 1 });

fn append(token: u64) -> FaultyVerb {
    FaultyVerb::Append(Append { tape: TAPE, token })
}

fn start(seed: u64, names: &[&str]) -> (Faulty, Vec<Player>) {
    let mut sim = Faulty::new(seed);
    sim.refuse(refuse_large_debts);
    let players = sim.crowd(names);
    for player in &players {
        sim.heard(*player);
    }
    (sim, players)
}

fn steps(sim: &mut Faulty, count: u64) {
    (0..count).for_each(|_| sim.step());
}

fn verdicts(events: &[ClientEvent]) -> Vec<(ActionName, Code)> {
    let verdict = |event: &ClientEvent| match event {
        ClientEvent::Verdict(Verdict { action, code, .. }) => Some((*action, *code)),
        _ => None,
    };
    events.iter().filter_map(verdict).collect()
}

fn stored_tokens(sim: &Faulty) -> Vec<u64> {
    let row = &sim.store().tables().components[TAPES][&TAPE];
    Tape::from_row(&row.row).unwrap().tokens
}

fn shown_tokens(sim: &Faulty, player: Player) -> Option<Vec<u64>> {
    let copy = sim.client(player).copy();
    let body = copy.chunks().find_map(|(_, place)| place.part(TAPE, PartTag(Tape::TAG)))?;
    Some(decode::<TapeWire>(body).unwrap().tokens)
}

/// Reloads, lets everybody come back, and goes on until all is answered.
fn reload(sim: &mut Faulty) {
    assert!(sim.has_failed());
    assert_eq!(sim.reload(), Judgement::Reload);
    sim.connect_all();
    steps(sim, 3);
}

#[test]
fn a_verb_that_panics_costs_one_reload_and_is_rejected_once() {
    let (mut sim, players) = start(1, &["Ada", "Bob"]);
    let [ada, bob] = players[..] else { unreachable!() };
    let before = sim.act(ada, &append(1));
    let explode = sim.act(ada, &EXPLODE);
    let after = sim.act(ada, &append(2));
    let other = sim.act(bob, &append(3));
    sim.step();
    assert!(verdicts(&sim.heard(ada)).is_empty() && stored_tokens(&sim).is_empty(), "nothing of the tick is");

    reload(&mut sim);
    let told = sim.heard(ada);
    let is_told_why = |event: &ClientEvent| matches!(event, ClientEvent::Closed(error) if error.code == Code::WORLD_RELOADED && error.retryable);
    assert_eq!(told.iter().filter(|event| is_told_why(event)).count(), 1);
    sim.settle();
    // The client has faithfully sent all three again.
    let told = [told, sim.heard(ada)].concat();
    assert_eq!(
        verdicts(&told),
        [(before, Code::ACCEPTED), (explode, Code::INTERNAL), (after, Code::ACCEPTED)]
    );
    assert_eq!(verdicts(&sim.heard(bob)), [(other, Code::ACCEPTED)]);
    assert!(!sim.has_failed(), "the resend has not killed the world again");
    let row = &sim.store().tables().components[PURSES][&sim.character(ada)];
    assert_eq!(Purse::from_row(&row.row).unwrap().balance, 1_000, "half an effect is none");
    sim.assert_copies_are_fresh();
}

#[test]
fn a_refused_batch_with_one_action_costs_one_reload() {
    let (mut sim, players) = start(2, &["Ada"]);
    let name = sim.act(players[0], &OVERDRAW);
    sim.step();
    assert!(matches!(sim.stopped(), Some(StopReason::Refused { actions, .. }) if actions.len() == 1));
    assert!(verdicts(&sim.heard(players[0])).is_empty());
    reload(&mut sim);
    sim.settle();
    assert_eq!(verdicts(&sim.heard(players[0])), [(name, Code::INTERNAL)]);
    assert!(!sim.has_failed());
}

#[test]
fn a_refused_batch_with_several_actions_costs_two_reloads_and_only_the_guilty_one_is_rejected() {
    let (mut sim, players) = start(3, &["Ada", "Bob", "Cleo"]);
    let [ada, bob, cleo] = players[..] else { unreachable!() };
    let innocent =
        [(ada, sim.act(ada, &append(1))), (ada, sim.act(ada, &append(2))), (cleo, sim.act(cleo, &append(3)))];
    let guilty = sim.act(bob, &OVERDRAW);
    let after = sim.act(bob, &append(4));
    sim.step();
    assert!(matches!(sim.stopped(), Some(StopReason::Refused { actions, .. }) if actions.len() == 5));
    reload(&mut sim);
    while !sim.has_failed() {
        sim.step();
    }
    let Some(StopReason::Refused { actions, .. }) = sim.stopped() else { panic!("{:?}", sim.stopped()) };
    assert_eq!(*actions, [(sim.character(bob), guilty)], "it was alone in its flush");
    reload(&mut sim);
    sim.settle();
    assert!(!sim.has_failed());
    let mut told: Vec<_> = players.iter().map(|player| (*player, verdicts(&sim.heard(*player)))).collect();
    let (_, of_bob) = told.remove(1);
    assert_eq!(of_bob, [(guilty, Code::INTERNAL), (after, Code::ACCEPTED)]);
    for (player, name) in innocent {
        let verdict = told.iter().find(|(of, _)| *of == player).unwrap().1.iter().find(|(of, _)| *of == name);
        assert_eq!(verdict, Some(&(name, Code::ACCEPTED)));
    }
    let tokens: BTreeSet<_> = stored_tokens(&sim).into_iter().collect();
    assert_eq!((tokens, stored_tokens(&sim).len()), (BTreeSet::from([1, 2, 3, 4]), 4));
    sim.assert_copies_are_fresh();
}

#[test]
fn the_suspects_of_somebody_who_stays_away_keep_nobody_waiting() {
    let (mut sim, players) = start(4, &["Ada", "Bob"]);
    let [ada, bob] = players[..] else { unreachable!() };
    sim.act(bob, &OVERDRAW);
    let innocent = sim.act(ada, &append(1));
    sim.step();
    assert_eq!(sim.reload(), Judgement::Reload);
    sim.connect(ada);
    steps(&mut sim, 4);
    assert_eq!(verdicts(&sim.heard(ada)), [(innocent, Code::ACCEPTED)]);
    let mut names = Vec::new();
    for token in 2..8 {
        names.push(sim.act(ada, &append(token)));
    }
    steps(&mut sim, 1);
    let told: Vec<_> = verdicts(&sim.heard(ada)).into_iter().map(|(name, _)| name).collect();
    assert_eq!(told, names, "all in one tick, as ever");
    // When Bob is back, his is alone, and found out.
    sim.connect(bob);
    while !sim.has_failed() {
        sim.step();
    }
    reload(&mut sim);
    sim.settle();
    assert!(verdicts(&sim.heard(bob)).iter().all(|(_, code)| *code == Code::INTERNAL));
}

#[test]
fn what_the_world_writes_by_itself_halts_and_says_where() {
    let (mut sim, players) = start(5, &["Ada"]);
    let lit = sim.act(players[0], &append(FUSE_TOKEN));
    steps(&mut sim, 2);
    assert_eq!(verdicts(&sim.heard(players[0])), [(lit, Code::ACCEPTED)]);
    steps(&mut sim, FUSE_TICKS);
    assert!(sim.has_failed());
    let Judgement::Halt(HaltReason::Unwritable(error)) = sim.reload() else { panic!("it was reloaded") };
    assert_eq!(error.sqlstate, "23514");
    assert_eq!((error.table.as_deref(), error.entity), (Some("debts"), Some(TAPE)));
    assert_eq!(error.constraint.as_deref(), Some("debt_is_bearable"));
    assert_eq!(stored_tokens(&sim), [FUSE_TOKEN], "what was acknowledged stands");
}

#[test]
fn a_fourth_failure_within_ten_minutes_halts() {
    let (mut sim, players) = start(6, &["Ada"]);
    for _ in 0..3 {
        sim.act(players[0], &EXPLODE);
        sim.step();
        reload(&mut sim);
        sim.settle();
    }
    sim.act(players[0], &EXPLODE);
    sim.step();
    assert!(matches!(sim.reload(), Judgement::Halt(HaltReason::TooManyReloads { .. })));
}

/// Takes in the verdicts that players were told since the last time.
fn hear(sim: &mut Sim<FaultyLedger>, players: &[Player], told: &mut Vec<(Player, ActionName, Code)>) {
    for player in players {
        told.extend(verdicts(&sim.heard(*player)).into_iter().map(|(name, code)| (*player, name, code)));
    }
}

/// Everything that a client holds is what the store has: checked after each step of a random play with one poisonous
/// action in it, also while flushes wait and while connections come and go.
fn play(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let (mut sim, players) = start(seed, &["Ada", "Bob", "Cleo", "Dora"]);
    let poison = if random.random() { EXPLODE } else { OVERDRAW };
    let poisoned_at = random.random_range(0..30);
    let (mut reload_count, mut asked, mut told) = (0, Vec::new(), Vec::new());
    for step in 0..60_u64 {
        for player in &players {
            if !random.random_bool(0.5) || sim.client(*player).unanswered_count() > 20 {
                continue;
            }
            let token = step * 10 + sim.character(*player).0;
            let verb = if random.random_bool(0.7) {
                append(token)
            } else {
                let to = sim.character(players[random.random_range(0..players.len())]);
                FaultyVerb::Transfer(Transfer { to, amount: random.random_range(-1..20) })
            };
            asked.push((
                *player,
                sim.act(*player, &verb),
                matches!(verb, FaultyVerb::Append(_)).then_some(token),
            ));
        }
        if step == poisoned_at {
            let player = players[random.random_range(0..players.len())];
            asked.push((player, sim.act(player, &poison), None));
        }
        if random.random_bool(0.05) {
            sim.disconnect(players[random.random_range(0..players.len())]);
        }
        sim.tick();
        if random.random_bool(0.6) {
            sim.commit();
        }
        if sim.has_failed() {
            // What was under way when a tick panicked may be committed, or not.
            if sim.stopped().is_none() && random.random() {
                sim.commit();
            }
            assert_eq!(sim.reload(), Judgement::Reload, "seed {seed}");
            reload_count += 1;
        }
        sim.connect_all();
        look(&sim, &players, seed);
        hear(&mut sim, &players, &mut told);
    }
    // Whoever was lost just now is welcomed, and everybody is answered, within a few ticks.
    let mut left = 200;
    while left > 0 && players.iter().any(|player| sim.client(*player).unanswered_count() > 0) {
        left -= 1;
        sim.step();
        if sim.has_failed() {
            assert_eq!(sim.reload(), Judgement::Reload, "seed {seed}");
            reload_count += 1;
        }
        sim.connect_all();
        look(&sim, &players, seed);
        hear(&mut sim, &players, &mut told);
    }
    steps(&mut sim, 4);
    let most = if poison == EXPLODE { 1 } else { 2 };
    assert!((1..=most).contains(&reload_count), "seed {seed}: {reload_count} reloads");
    let tokens = stored_tokens(&sim);
    for (player, name, token) in &asked {
        let codes: Vec<_> = told
            .iter()
            .filter(|(of, named, _)| of == player && named == name)
            .map(|(.., code)| *code)
            .collect();
        let [code] = codes[..] else { panic!("seed {seed}: {name:?} has the answers {codes:?}") };
        if let Some(token) = token {
            let count = tokens.iter().filter(|stored| *stored == token).count();
            let is_full = code.verb_tag() == 2;
            assert!(
                (code == Code::ACCEPTED && count == 1) || (is_full && count == 0),
                "seed {seed}: {token}"
            );
        }
    }
    let rejected = told.iter().filter(|(.., code)| *code == Code::INTERNAL).count();
    assert_eq!(rejected, 1, "seed {seed}: the poisonous one and no other");
    sim.assert_copies_are_fresh();
}

/// Nobody is shown what the store does not have.
fn look(sim: &Faulty, players: &[Player], seed: u64) {
    let stored = stored_tokens(sim);
    for player in players {
        let shown = shown_tokens(sim, *player).unwrap_or_default();
        assert!(stored.starts_with(&shown), "seed {seed}: {shown:?} is shown of {stored:?}");
    }
}

#[test]
fn whatever_is_poisoned_nobody_is_shown_what_does_not_last_and_one_action_is_rejected() {
    (0..100).for_each(play);
}
