//! A world that begins anew while its database is away: it is tried until it succeeds, and a wish to stop is heard. What
//! may cost a reload, and how much, is `poison`'s to show.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::time::{Duration, Instant};

use holdfast_client::{ActionsOf, Client, ClientEvent};
use holdfast_devstack::{Role, Stack, StackOptions};
use holdfast_protocol::{ActionName, Code, ResyncKind};
use holdfast_tests::door::{OPEN_DOOR, PATIENCE};
use holdfast_tests::faulty::{Explode, FaultyVerb};
use holdfast_tests::{Door, EventLog};

struct Faulty;

impl ActionsOf for Faulty {
    type Action = FaultyVerb;
}

struct Asleep {
    stack: Stack,
    client: Client<Faulty>,
    log: EventLog,
    exploded: ActionName,
}

/// A world that has to begin anew, and whose database does not answer.
async fn reloading_without_a_database() -> Asleep {
    let mut options = StackOptions::new("ledger-faulty");
    options.environment = OPEN_DOOR.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let mut stack = Stack::start(options).await.unwrap();
    let door = Door::of(&stack.server).await.unwrap();
    let who = door.newcomer(&stack.issuer, "Ada", "account").await.unwrap();
    let log = EventLog::default();
    let client = door.play::<Faulty>(&who, log.observer());
    assert!(client.wait_playing(PATIENCE).await);
    stack.postgres.freeze();
    // The world goes on for a moment: until it is three ticks ahead, or needs a beat.
    let exploded = client.act(&FaultyVerb::Explode(Explode {})).unwrap();
    stack.server.wait_until(Role::Reloading).await.unwrap();
    Asleep { stack, client, log, exploded }
}

fn reloads_heard(log: &EventLog) -> usize {
    log.count(|event| {
        matches!(event, ClientEvent::Closed(error) if error.code == Code::WORLD_RELOADED && error.retryable)
    })
}

#[tokio::test]
async fn a_world_that_cannot_be_loaded_yet_is_tried_again_until_it_can() {
    let Asleep { mut stack, client, log, exploded } = reloading_without_a_database().await;
    let pid = stack.server.pid();
    let deadline = Instant::now() + PATIENCE;
    // The one whose world it was is told, and told again when it comes too early.
    while reloads_heard(&log) < 2 {
        assert!(Instant::now() < deadline, "{:?}", log.all());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Longer than any one attempt lasts.
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!(stack.server.exit_status(), None, "{}", stack.server.log_tail());
    stack.postgres.thaw();
    stack.server.wait_until_ready().await.unwrap();
    assert_eq!(stack.server.pid(), pid, "the same process");
    assert!(client.wait_verdict(exploded, PATIENCE).await.is_some());
    assert_eq!(log.only_verdict(exploded).code, Code::INTERNAL);
    let resyncs = log.all().into_iter().filter_map(|event| match event {
        ClientEvent::Welcomed(welcomed) => Some(welcomed.resync),
        _ => None,
    });
    assert_eq!(resyncs.collect::<Vec<_>>(), [ResyncKind::SnapshotFresh, ResyncKind::Delta]);
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_while_its_world_begins_anew_stops() {
    let Asleep { mut stack, .. } = reloading_without_a_database().await;
    stack.server.signal_stop();
    let status = stack.server.wait_for_exit(PATIENCE).await.unwrap();
    assert_eq!(status.code(), Some(0), "{}", stack.server.log_tail());
    stack.postgres.thaw();
}
