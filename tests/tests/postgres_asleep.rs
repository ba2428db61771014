//! PostgreSQL stands still under a world in which nobody does anything: whoever is there is told, whoever comes is turned
//! away after a while, and all of it ends by itself. The times are shown in `idle_outage`, by a clock that is a test's.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::time::{Duration, Instant};

use holdfast_client::ClientEvent;
use holdfast_devstack::{Stack, StackOptions};
use holdfast_protocol::{ClientMessage, Code, ServerMessage};
use holdfast_tests::door::{OPEN_DOOR, PATIENCE, Village};
use holdfast_tests::{Door, EventLog};
use tokio::time::sleep;
use village::action::{Look, Verb};

async fn status(stack: &Stack, path: &str) -> u16 {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    client.get(format!("{}{path}", stack.server.url())).send().await.unwrap().status().as_u16()
}

fn paused_count(log: &EventLog) -> usize {
    log.count(|event| matches!(event, ClientEvent::Paused(paused) if paused.code == Code::STORE_UNAVAILABLE))
}

#[tokio::test]
async fn an_idle_world_says_that_its_store_sleeps_and_goes_on_when_it_wakes() {
    let mut options = StackOptions::new("village");
    options.environment = OPEN_DOOR.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let mut stack = Stack::start(options).await.unwrap();
    let door = Door::of(&stack.server).await.unwrap();
    let ada = door.newcomer(&stack.issuer, "Ada", "villager").await.unwrap();
    let bob = door.newcomer(&stack.issuer, "Bob", "villager").await.unwrap();
    let log = EventLog::default();
    let client = door.play::<Village>(&ada, log.observer());
    assert!(client.wait_playing(PATIENCE).await);
    assert_eq!(paused_count(&log), 0);

    stack.postgres.freeze();
    let deadline = Instant::now() + PATIENCE;
    while paused_count(&log) == 0 {
        assert!(Instant::now() < deadline, "nobody is told: {:?}", log.all());
        sleep(Duration::from_millis(20)).await;
    }
    sleep(Duration::from_secs(6)).await;
    let mut late = door.knock().await.unwrap();
    late.send(&ClientMessage::Hello(door.hello(&bob))).await.unwrap();
    let error = |message| if let ServerMessage::Error(error) = message { Some(error) } else { None };
    let refused = late.hear_until(PATIENCE, error).await.unwrap();
    assert_eq!((refused.code, refused.retryable), (Code::STORE_UNAVAILABLE, true));
    assert_eq!(status(&stack, "/api/health/live").await, 200, "it stands still, and lives");
    assert_eq!(status(&stack, "/api/health/ready").await, 200, "players may wait for half a minute");

    stack.postgres.thaw();
    let looked = client.act_and_wait(&Verb::Look(Look {}), PATIENCE).await.unwrap();
    assert!(looked.unwrap().is_accepted());
    let lost = log.count(|event| matches!(event, ClientEvent::Closed(_) | ClientEvent::Lost(_)));
    assert_eq!(lost, 0, "whoever waited has waited on the same connection: {:?}", log.all());
    assert_eq!(stack.server.exit_status(), None);
    let latecomer = door.play::<Village>(&bob, EventLog::default().observer());
    assert!(latecomer.wait_playing(PATIENCE).await);
}
