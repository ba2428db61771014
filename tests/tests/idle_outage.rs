//! A world in which nobody does anything, or nobody is, and its store goes away: it stands still and says so, turns people
//! away by and by, and goes on by itself.

use std::time::Duration;

use holdfast::http::readiness::ReadinessState;
use holdfast::persistence::store::{StoreError, StoreErrorClass};
use holdfast_client::{ClientEvent, Stage};
use holdfast_front::Moment;
use holdfast_front::trust::TRUST;
use holdfast_protocol::Code;
use holdfast_tests::{Player, Sim};
use village::Village;

/// How a store goes away.
#[derive(Clone, Copy, Debug)]
enum Away {
    /// It takes what it is asked, and says nothing.
    Silent,
    /// The connection breaks, and there is no other.
    Refuses,
}

/// A tick in a world whose store is away.
fn wait(sim: &mut Sim<Village>, away: Away) {
    sim.tick();
    if let Away::Refuses = away {
        let class = match sim.store().waiting() {
            Some(holdfast::persistence::store::StoreRequest::Flush(_)) => StoreErrorClass::Unknown,
            _ => StoreErrorClass::RetryLater,
        };
        sim.break_store(StoreError::new(class, "", "refused"), false);
    }
}

fn since(sim: &Sim<Village>, begun: Moment) -> Duration {
    sim.now().since(begun)
}

fn closed_with(sim: &mut Sim<Village>, player: Player) -> Option<Code> {
    sim.heard(player).into_iter().find_map(|event| match event {
        ClientEvent::Closed(error) => {
            assert!(error.retryable && error.retry_after_ms > 0, "{error:?}");
            Some(error.code)
        }
        _ => None,
    })
}

#[test]
fn an_idle_player_is_told_and_sent_away_and_comes_back_by_itself() {
    for away in [Away::Silent, Away::Refuses] {
        let mut sim = Sim::<Village>::new(1);
        let ada = sim.crowd(&["Ada"])[0];
        let (bob, cleo) = (sim.person("bob", "Bob"), sim.person("cleo", "Cleo"));
        for _ in 0..40 {
            sim.step();
        }
        sim.heard(ada);
        let begun = sim.now();
        let durable = sim.durable();

        // Told, within the owner's trust in itself and a quarter of a second.
        let is_paused = |event: &ClientEvent| matches!(event, ClientEvent::Paused(paused) if paused.code == Code::STORE_UNAVAILABLE);
        while !sim.heard(ada).iter().any(is_paused) {
            wait(&mut sim, away);
            assert!(since(&sim, begun) <= TRUST + Duration::from_millis(250), "{away:?}: nobody was told");
        }
        let frozen_at = sim.world_tick();
        // Whoever comes soon waits; whoever comes later is told to come again.
        sim.connect(bob);
        while since(&sim, begun) < Duration::from_millis(8_500) {
            wait(&mut sim, away);
        }
        assert!(sim.is_connected(bob) && closed_with(&mut sim, bob).is_none(), "{away:?}");
        sim.connect(cleo);
        assert_eq!(closed_with(&mut sim, cleo), Some(Code::STORE_UNAVAILABLE), "{away:?}");
        assert_eq!(sim.readiness(), ReadinessState::Ready, "{away:?}: who plays here may wait");

        while since(&sim, begun) < Duration::from_secs(29) {
            wait(&mut sim, away);
        }
        assert_eq!(sim.readiness(), ReadinessState::Ready, "{away:?}");
        while since(&sim, begun) < Duration::from_secs(34) {
            wait(&mut sim, away);
        }
        assert_eq!(sim.readiness(), ReadinessState::StoreUnavailable, "{away:?}");

        while since(&sim, begun) < Duration::from_secs(119) {
            wait(&mut sim, away);
        }
        assert!(sim.is_connected(ada), "{away:?}");
        while sim.is_connected(ada) {
            wait(&mut sim, away);
            assert!(since(&sim, begun) < Duration::from_secs(124), "{away:?}: nobody was sent away");
        }
        assert_eq!(closed_with(&mut sim, ada), Some(Code::STORE_UNAVAILABLE), "{away:?}");
        assert_eq!(sim.world_tick(), frozen_at, "{away:?}: the world stood still");
        assert!(frozen_at.since(durable) > 0 && sim.durable() >= durable);

        // And all of it ends by itself.
        for _ in 0..100 {
            sim.step();
        }
        assert_eq!(sim.readiness(), ReadinessState::Ready, "{away:?}");
        for player in [ada, cleo] {
            sim.connect(player);
        }
        for _ in 0..5 {
            sim.step();
        }
        assert_eq!(sim.client(ada).stage(), Stage::Playing, "{away:?}");
        assert_eq!(sim.client(cleo).stage(), Stage::Playing, "{away:?}");
        assert!(sim.world_tick() > frozen_at);
        assert_eq!(sim.stopped(), None);
    }
}

#[test]
fn an_empty_world_says_that_nobody_is_to_come_and_that_they_may_again() {
    for away in [Away::Silent, Away::Refuses] {
        let mut sim = Sim::<Village>::new(2);
        for _ in 0..40 {
            sim.step();
        }
        let begun = sim.now();
        while since(&sim, begun) < Duration::from_secs(34) {
            wait(&mut sim, away);
        }
        assert_eq!(sim.readiness(), ReadinessState::StoreUnavailable, "{away:?}");
        for _ in 0..100 {
            sim.step();
        }
        assert_eq!(sim.readiness(), ReadinessState::Ready, "{away:?}");
    }
}
