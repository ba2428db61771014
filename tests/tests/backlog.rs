//! A world whose store stands still: what players ask for meanwhile waits within bounds, is refused beyond them, and is done
//! in order when the world goes on, none of it lost and none of it too fast.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use holdfast::hub::{self, Hub, HubEvent, HubSettings, TICKS_AHEAD_MAX};
use holdfast::persistence::rows::TickRows;
use holdfast::persistence::store::StoreReply;
use holdfast::{App, WorldMachine};
use holdfast_client::ClientEvent;
use holdfast_front::gate::GATE_BYTES_MAX;
use holdfast_front::{Answer, AnswerKind, Conn, Limits, Moment, TickChanges, Trust};
use holdfast_protocol::{
    Act, ActionName, Blob, BuildId, ClientMessage, Code, EntityId, EpochTag, Nonce, Seq, UNANSWERED_MAX,
    encode,
};
use holdfast_tests::{FakeStore, Player, Sim};
use village::Village;
use village::action::{Look, Move, Verb};
use village::component::Position;
use village::tile::Tile;

fn standing_still(sim: &mut Sim<Village>) {
    sim.commit();
    while sim.tick() {}
}

fn codes(events: &[ClientEvent]) -> Vec<Code> {
    let code = |event: &ClientEvent| match event {
        ClientEvent::Verdict(verdict) => Some(verdict.code),
        _ => None,
    };
    events.iter().filter_map(code).collect()
}

fn tile_of(sim: &Sim<Village>, player: Player) -> Tile {
    sim.world().get::<Position>(sim.character(player)).expect("it is somewhere").tile
}

#[test]
fn the_world_stands_still_three_ticks_ahead_and_leaves_none_out() {
    let mut sim = Sim::<Village>::new(1);
    let ada = sim.crowd(&["Ada"])[0];
    for _ in 0..3 {
        sim.act(ada, &Verb::Look(Look {}));
        let durable = sim.durable();
        let mut ticks = Vec::new();
        while sim.tick() {
            ticks.push(sim.world_tick().0);
        }
        let ahead: Vec<_> = (1..=TICKS_AHEAD_MAX).map(|ahead| durable.0 + ahead).collect();
        assert_eq!(ticks, ahead);
        assert!(!sim.tick(), "however often it is asked");
        sim.commit();
        assert!(sim.is_settled());
    }
    assert_eq!(TICKS_AHEAD_MAX, 3);
}

#[test]
fn what_is_refused_as_busy_has_used_up_nothing() {
    let mut sim = Sim::<Village>::new(2);
    let ada = sim.crowd(&["Ada"])[0];
    standing_still(&mut sim);
    sim.heard(ada);
    for _ in 0..UNANSWERED_MAX {
        sim.act(ada, &Verb::Look(Look {}));
    }
    for _ in 0..5 {
        sim.tick();
    }
    // One more than a client with manners would send.
    let beyond = ActionName { seq: Seq(65), nonce: Nonce(7) };
    let action = Blob(encode(&Verb::Look(Look {})));
    sim.say(ada, ClientMessage::Act(Act { name: beyond, action: action.clone() }));
    let refused: Vec<_> = sim
        .heard(ada)
        .into_iter()
        .filter_map(|event| match event {
            ClientEvent::Refused(refusal) => Some(refusal),
            _ => None,
        })
        .collect();
    let [refusal] = refused[..] else { panic!("{refused:?}") };
    assert_eq!((refusal.action, refusal.code), (beyond, Code::BUSY));
    assert!(refusal.retry_after_ms > 0, "it may come again");

    sim.settle();
    assert_eq!(codes(&sim.heard(ada)), [Code::ACCEPTED; UNANSWERED_MAX]);
    // The place behind them is still free.
    assert_eq!(sim.act(ada, &Verb::Look(Look {})).seq, Seq(65));
    sim.settle();
    assert_eq!(codes(&sim.heard(ada)), [Code::ACCEPTED]);
}

#[test]
fn steps_that_waited_are_made_one_at_a_time_and_none_is_too_fast() {
    let mut sim = Sim::<Village>::new(3);
    let ada = sim.crowd(&["Ada"])[0];
    standing_still(&mut sim);
    sim.heard(ada);
    let here = tile_of(&sim, ada);
    let there = Tile { x: here.x + 1, y: here.y };
    for step in 0..20 {
        sim.act(ada, &Verb::Move(Move { to: if step % 2 == 0 { there } else { here } }));
    }
    for _ in 0..5 {
        sim.tick();
    }
    let mut moved_at = Vec::new();
    let mut last = tile_of(&sim, ada);
    for _ in 0..100 {
        sim.step();
        let now = tile_of(&sim, ada);
        if now != last {
            moved_at.push(sim.world_tick().0);
            last = now;
        }
    }
    assert_eq!(moved_at.len(), 20, "each is made in a tick of its own");
    assert!(moved_at.windows(2).all(|pair| pair[1] - pair[0] == 2), "at the pace of the verb: {moved_at:?}");
    assert_eq!(codes(&sim.heard(ada)), [Code::ACCEPTED; 20]);
}

#[test]
fn a_reader_that_sleeps_through_all_of_it_misses_no_verdict() {
    let mut sim = Sim::<Village>::new(4);
    let players = sim.crowd(&["Ada", "Bob"]);
    let [ada, bob] = players[..] else { panic!("two") };
    sim.settle();
    sim.heard(ada);
    sim.set_reading(ada, false);
    let here = tile_of(&sim, bob);
    for round in 0..8 {
        for _ in 0..8 {
            sim.act(ada, &Verb::Look(Look {}));
        }
        let to = Tile { x: here.x, y: if round % 2 == 0 { here.y + 1 } else { here.y } };
        sim.act(bob, &Verb::Move(Move { to }));
        for _ in 0..3 {
            sim.step();
        }
    }
    sim.set_reading(ada, true);
    sim.settle();
    let seqs: BTreeSet<_> = sim
        .heard(ada)
        .iter()
        .filter_map(|event| match event {
            ClientEvent::Verdict(verdict) => Some(verdict.action.seq),
            _ => None,
        })
        .collect();
    assert_eq!(seqs, (1..=64).map(Seq).collect());
    sim.step();
    sim.assert_copies_are_fresh();
}

/// A hub of a new village, and the moment at which it began.
fn hub() -> (Hub, Moment) {
    let app = App::of::<Village>();
    let mut store = FakeStore::new(&app.tables());
    let now = Moment(Duration::from_secs(1_000));
    let loaded = store.take_world(EpochTag(1));
    let (_, load) = WorldMachine::new::<Village>(&loaded, 10, Default::default()).expect("it can be loaded");
    let trust = Arc::new(Trust::default());
    trust.extend(now);
    let settings = HubSettings {
        build: BuildId::of(&app.wire(), "backlog"),
        addresses: Arc::from([]),
        session_capacity: 10,
        tick: Duration::from_millis(50),
        table_count: app.tables().len(),
        seed: 1,
        limits: Limits::default(),
        trust,
    };
    let (front, writer) = hub::configs::<Village>(&loaded, settings);
    (Hub::new(front, writer, load.changes, now, now), now)
}

#[test]
fn a_gate_that_holds_64_mib_stops_the_world_at_once() {
    let (mut hub, now) = hub();
    let mut effects = Vec::new();
    let reply: Arc<[u8]> = vec![0; GATE_BYTES_MAX / 2].into();
    for held in 1..=2 {
        assert!(!hub.gate_is_full());
        let kind = AnswerKind::Verdict {
            code: Code::ACCEPTED,
            detail: [0; 4],
            reply: Some(Arc::clone(&reply)),
            replayed: false,
        };
        let action = ActionName { seq: Seq(held), nonce: Nonce(1) };
        let answer = Answer {
            conn: Conn(1),
            character: EntityId(1),
            action,
            verb: None,
            heard: Moment::default(),
            kind,
        };
        let tick = hub.durable().0 + held;
        let changes = TickChanges {
            tick: holdfast_protocol::Tick(tick),
            answers: vec![answer],
            ..TickChanges::default()
        };
        let mut rows = TickRows::new(App::of::<Village>().tables().len());
        rows.ids_reserved = Some(2 * tick);
        hub.step(now, HubEvent::Ticked(changes, rows), &mut effects);
    }
    assert!(hub.gate_is_full(), "two ticks are held, and a third might run but for that");
    hub.step(now, HubEvent::Store(StoreReply::Flushed), &mut effects);
    assert!(!hub.gate_is_full());
}

#[test]
fn the_bounds_are_those_that_are_promised() {
    let limits = Limits::default();
    assert_eq!((limits.unanswered_max, limits.queued_max), (64, 10_000));
    assert_eq!((limits.answers_bytes_max, GATE_BYTES_MAX), (128 * 1024, 64 * 1024 * 1024));
    let seconds =
        [limits.write_timeout, limits.refuse_joins_after, limits.close_after].map(|time| time.as_secs());
    assert_eq!(seconds, [10, 5, 120]);
    assert_eq!(limits.pause_after, Duration::from_millis(250));
    assert_eq!(holdfast::http::readiness::UNREADY_AFTER, Duration::from_secs(30));
}
