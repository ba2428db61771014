//! A second server stands by for the same world: when the owner is killed or hangs it takes over, players reach it by
//! themselves, and nothing more comes of the old owner.
//!
//! Bots play in the ledger while the owner is killed (SIGKILL) or stopped (SIGSTOP for eight seconds); beside them a
//! listener stays with the old owner whatever becomes of it. Then the checker compares what all of them saw with the
//! tables.

use std::time::Duration;

use holdfast_client::ClientEvent;
use holdfast_devstack::{Role, Stack, StackOptions};
use holdfast_protocol::{Code, ResyncKind};
use holdfast_swarm::torture::{self, Fault, TortureOptions, TortureReport};
use holdfast_swarm::world::World;
use holdfast_tests::door::{OPEN_DOOR, PATIENCE, Village};
use holdfast_tests::{Door, EventLog};
use village::action::{Look, Verb};

async fn run(fault: Fault, count: usize) -> TortureReport {
    let options = TortureOptions { faults: vec![fault], ..TortureOptions::new(World::Ledger, count, 1) };
    torture::run(&options, |_| {}).await.expect("the world is taken over from each fault")
}

/// Nothing lost, doubled or seen too early; nothing written and nothing said by who had lost the world; and each fault
/// made one more ownership.
fn assert_taken_over(report: &TortureReport, count: usize) {
    assert!(report.holds(), "{:#?}", report.failures());
    let ownerships = report.ownerships;
    assert_eq!((report.struck_count(), ownerships.count), (count, count + 1));
    assert_eq!((ownerships.late_writes, ownerships.late_frames), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_plays_at_an_owner_that_is_killed_plays_on_at_the_standby() {
    assert_taken_over(&run(Fault::KillOwner, 2).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_hangs_is_taken_over_from_and_says_nothing_when_it_wakes() {
    let report = run(Fault::StopOwner, 1).await;
    assert_taken_over(&report, 1);
    // Who hears nothing for four seconds looks elsewhere; no earlier.
    let playing = report.rows[0].playing();
    assert!(playing.percentile(100).unwrap() > Duration::from_secs(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_standby_is_told_of_in_the_welcome_and_sends_people_away_until_it_owns_the_world() {
    let mut options = StackOptions::new("village").standbys(1);
    options.environment = OPEN_DOOR.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let mut stack = Stack::start(options).await.unwrap();
    let addresses: Vec<_> = stack.servers().map(holdfast_devstack::Server::ws_url).collect();
    let door = Door::of(&stack.server).await.unwrap();
    let who = door.newcomer(&stack.issuer, "Ada", "villager").await.unwrap();

    // Whoever comes to the standby first waits for what it becomes, is sent away, and may come again.
    let log = EventLog::default();
    let standby = Door::of(&stack.standbys[0]).await.unwrap();
    let early = standby.play::<Village>(&who, log.observer());
    assert!(!early.wait_playing(Duration::from_secs(3)).await);
    drop(early);
    let sent_away = |event: &&ClientEvent| matches!(event, ClientEvent::Closed(error) if error.code == Code::NOT_OWNER && error.retryable);
    assert!(log.count(sent_away) > 0 && log.count(|event| matches!(event, ClientEvent::Welcomed(_))) == 0);

    let log = EventLog::default();
    let client = door.play::<Village>(&who, log.observer());
    assert!(client.wait_playing(PATIENCE).await);
    assert_eq!(client.core(|core| core.addresses().to_vec()), addresses);

    stack.server_mut(0).unwrap().kill9();
    let look = client.act(&Verb::Look(Look {})).unwrap();
    let settled = client.wait_verdict(look, PATIENCE).await.unwrap();
    assert!(settled.is_accepted(), "what was asked for in between is done at the standby");
    stack.server_mut(1).unwrap().wait_until(Role::Owner).await.unwrap();
    let own_first = [addresses[1].clone(), addresses[0].clone()];
    assert_eq!(client.core(|core| core.addresses().to_vec()), own_first);
    let resyncs = log.all().into_iter().filter_map(|event| match event {
        ClientEvent::Welcomed(welcomed) => Some(welcomed.resync),
        _ => None,
    });
    let delta = [ResyncKind::SnapshotFresh, ResyncKind::Delta];
    assert_eq!(resyncs.collect::<Vec<_>>(), delta, "the old owner's tokens are good at the new one");
}
