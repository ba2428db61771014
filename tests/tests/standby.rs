//! A second server for the same world: it stands by, says so, and takes over when the owner is gone, hangs, or ends.
//!
//! How fast it is, is measured elsewhere; here a takeover that comes the wrong way takes so much longer that it is seen.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::time::{Duration, Instant};

use holdfast_client::{Heard, RawConnection};
use holdfast_devstack::{Role, Stack, StackOptions};
use holdfast_protocol::{ClientMessage, Code, ServerMessage};
use holdfast_tests::door::{OPEN_DOOR, PATIENCE, Village};
use holdfast_tests::{Door, EventLog, TestServer};
use serde_json::{Value, json};
use village::action::{Say, Verb};

/// How long an owner keeps the world without a flush or beat.
const LEASE: Duration = Duration::from_secs(5);

async fn start() -> TestServer {
    TestServer::start_with("village", &OPEN_DOOR).await.unwrap()
}

async fn get(url: &str, path: &str) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    let answer = client.get(format!("{url}{path}")).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn epoch(world: &TestServer) -> i64 {
    let mut database = world.database.connect().await.unwrap();
    sqlx::query_scalar("SELECT epoch FROM holdfast.worlds").fetch_one(&mut database).await.unwrap()
}

/// The last words on a connection.
async fn last_word(connection: &mut RawConnection) -> Code {
    let error = |message| if let ServerMessage::Error(error) = message { Some(error.code) } else { None };
    connection.hear_until(PATIENCE, error).await.expect("the reason")
}

#[tokio::test]
async fn a_standby_says_so_and_lets_nobody_in() {
    let world = start().await;
    let standby = world.server.start_standby().await.unwrap();
    let url = standby.url();
    assert_eq!(get(&url, "/api/health/ready").await, (503, json!({ "status": "standby" })));
    assert_eq!(get(&url, "/api/health/live").await, (200, json!({ "status": "live" })));
    assert_eq!(get(&url, "/api/world").await.0, 200);
    let (status, answer) = get(&url, "/api/characters").await;
    assert_eq!((status, &answer["error"]["code"]), (503, &json!("not_owner")));

    let who =
        Door::of(&world.server).await.unwrap().newcomer(&world.issuer, "Ada", "villager").await.unwrap();
    let door = Door::of(&standby).await.unwrap();
    let mut connection = door.knock().await.unwrap();
    connection.send(&ClientMessage::Hello(door.hello(&who))).await.unwrap();
    assert_eq!(last_word(&mut connection).await, Code::NOT_OWNER);
    assert_eq!(epoch(&world).await, 1, "it has only looked");
    assert_eq!(get(&world.server.url(), "/api/health/ready").await.0, 200, "and the owner does not mind");
}

#[tokio::test]
async fn a_standby_takes_over_from_an_owner_that_was_killed_without_waiting_for_its_lease() {
    let mut world = start().await;
    let mut standby = world.server.start_standby().await.unwrap();
    let door = Door::of(&world.server).await.unwrap();
    let who = door.newcomer(&world.issuer, "Ada", "villager").await.unwrap();
    let client = door.play::<Village>(&who, EventLog::default().observer());
    assert!(client.wait_playing(PATIENCE).await);
    let said = Verb::Say(Say { text: "It was saved.".to_owned() });
    assert!(client.act_and_wait(&said, PATIENCE).await.unwrap().unwrap().is_accepted());

    let killed = Instant::now();
    world.server.kill9();
    standby.wait_until_ready().await.unwrap();
    let took = killed.elapsed();
    assert!(took >= Duration::from_millis(300), "a lock that is free for a moment is not taken: {took:?}");
    assert!(took < LEASE - Duration::from_secs(2), "{took:?}");
    assert_eq!(epoch(&world).await, 2);

    let client = Door::of(&standby).await.unwrap().play::<Village>(&who, EventLog::default().observer());
    assert!(client.wait_playing(PATIENCE).await);
    let heard = |copy: &holdfast_client::WorldCopy| copy.chunks().count() > 0;
    assert!(client.wait_until(PATIENCE, heard).await);

    // The one that was killed comes back as the standby of the other.
    world.server.spawn().unwrap();
    world.server.wait_until(Role::Standby).await.unwrap();
    assert_eq!(epoch(&world).await, 2);
}

#[tokio::test]
async fn a_standby_takes_over_from_an_owner_that_hangs_and_the_old_one_says_nothing_more_of_the_world() {
    let mut world = start().await;
    let mut standby = world.server.start_standby().await.unwrap();
    let door = Door::of(&world.server).await.unwrap();
    let who = door.newcomer(&world.issuer, "Ada", "villager").await.unwrap();
    let (mut connection, _) = door.enter(&who).await.unwrap();

    let hung = Instant::now();
    world.server.freeze();
    standby.wait_until_ready().await.unwrap();
    let took = hung.elapsed();
    assert!(took >= LEASE - Duration::from_secs(1), "it beats once a second: {took:?}");
    assert!(took < LEASE + Duration::from_secs(5), "{took:?}");

    // What the kernel held when the owner stopped is read; whatever comes after that was written by an owner that woke.
    while let Heard::Message(_) = connection.hear(Duration::from_millis(200)).await {}
    // More than it can have left unsaid in one write: it is asked for answers, and for a snapshot.
    for _ in 0..3 {
        connection
            .send(&ClientMessage::Resync(holdfast_protocol::Resync { tick: Default::default() }))
            .await
            .unwrap();
    }
    world.server.thaw();
    while let Heard::Message(message) = connection.hear(Duration::from_secs(5)).await {
        assert!(
            matches!(*message, ServerMessage::Pong | ServerMessage::Paused(_) | ServerMessage::Error(_)),
            "an owner of the past says {message:?}"
        );
    }
    let status = world.server.wait_for_exit(PATIENCE).await.unwrap();
    assert_eq!(status.code(), Some(75), "{}", world.server.log_tail());
    assert_eq!(epoch(&world).await, 2);
    assert_eq!(standby.exit_status(), None);
}

#[tokio::test]
async fn an_owner_that_ends_in_order_hands_its_world_over_at_once() {
    let mut world = start().await;
    let mut standby = world.server.start_standby().await.unwrap();
    world.server.signal_stop();
    let status = world.server.wait_for_exit(PATIENCE).await.unwrap();
    assert_eq!(status.code(), Some(0), "{}", world.server.log_tail());
    standby.wait_until_ready().await.unwrap();
    // And where nobody follows, the next one finds nobody to wait for.
    standby.signal_stop();
    standby.wait_for_exit(PATIENCE).await.unwrap();
    let mut database = world.database.connect().await.unwrap();
    let lease: bool = sqlx::query_scalar("SELECT lease_expires IS NULL FROM holdfast.worlds")
        .fetch_one(&mut database)
        .await
        .unwrap();
    assert!(lease, "the lease was given back");
}

#[tokio::test]
async fn of_several_standbys_one_takes_over_and_the_others_go_on_waiting() {
    let mut world = start().await;
    let mut standbys = Vec::new();
    for _ in 0..3 {
        standbys.push(world.server.start_standby().await.unwrap());
    }
    world.server.kill9();
    let mut states = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    while !states.contains(&"ready".to_owned()) {
        assert!(Instant::now() < deadline, "nobody takes over: {states:?}");
        states.clear();
        for standby in &standbys {
            let (_, answer) = get(&standby.url(), "/api/health/ready").await;
            states.push(answer["status"].as_str().unwrap().to_owned());
        }
    }
    // One that has just lost the race has not looked again yet; with the next looks all is as it should be.
    tokio::time::sleep(Duration::from_secs(1)).await;
    states.clear();
    for standby in &mut standbys {
        assert_eq!(standby.exit_status(), None, "{}", standby.log_tail());
        states.push(get(&standby.url(), "/api/health/ready").await.1["status"].as_str().unwrap().to_owned());
    }
    states.sort();
    assert_eq!(states, ["ready", "standby", "standby"]);
    assert_eq!(epoch(&world).await, 2);
}

#[tokio::test]
async fn a_database_that_starts_again_is_no_change_of_owners() {
    let mut stack = Stack::start(StackOptions::new("village")).await.unwrap();
    let mut standby = stack.server.start_standby().await.unwrap();
    // Once for a moment, once for longer than the lease.
    for away in [Duration::from_secs(1), LEASE + Duration::from_secs(1)] {
        stack.postgres.kill_group();
        tokio::time::sleep(away).await;
        assert_eq!(get(&standby.url(), "/api/health/ready").await, (503, json!({ "status": "standby" })));
        stack.postgres.start_again().await.unwrap();
        // As long as the owner has to come back, and longer.
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(get(&standby.url(), "/api/health/ready").await, (503, json!({ "status": "standby" })));
        assert_eq!(get(&stack.server.url(), "/api/health/ready").await.0, 200);
    }
    stack.server.kill9();
    standby.wait_until_ready().await.unwrap();
}

#[tokio::test]
async fn a_database_that_stands_still_for_longer_than_the_lease_is_no_change_of_owners() {
    let stack = Stack::start(StackOptions::new("village")).await.unwrap();
    let standby = stack.server.start_standby().await.unwrap();
    stack.postgres.freeze();
    tokio::time::sleep(LEASE + Duration::from_secs(1)).await;
    stack.postgres.thaw();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(get(&standby.url(), "/api/health/ready").await, (503, json!({ "status": "standby" })));
    assert_eq!(get(&stack.server.url(), "/api/health/ready").await.0, 200);
}
