//! A server is killed, or asked to stop, and started again: clients come back by themselves with what they held.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use holdfast_client::{Client, ClientCore, ClientEvent, WorldCopy};
use holdfast_protocol::{ActionName, ChunkId, Code, ResyncKind};
use holdfast_tests::door::{OPEN_DOOR, PATIENCE, Village};
use holdfast_tests::{Door, EventLog, Resident, TestServer};
use village::action::{Look, Move, Say, Verb};
use village::map::Terrain;
use village::tile::Tile;

async fn start() -> (TestServer, Door) {
    let world = TestServer::start_with("village", &OPEN_DOOR).await.unwrap();
    let door = Door::of(&world.server).await.unwrap();
    (world, door)
}

async fn newcomer(world: &TestServer, door: &Door, name: &str) -> (Resident, Client<Village>, EventLog) {
    let who = door.newcomer(&world.issuer, name, "villager").await.unwrap();
    let log = EventLog::default();
    let client = door.play::<Village>(&who, log.observer());
    assert!(client.wait_playing(PATIENCE).await, "{name} plays");
    (who, client, log)
}

/// How much each is asked to do while the server stops.
const ASKED_COUNT: usize = 12;

fn words_of(number: usize) -> String {
    format!("This is number {number}.")
}

/// Steps to and fro, looks and words: so many actions, none of them waited for.
fn do_much(client: &Client<Village>, count: usize) -> Vec<ActionName> {
    let Tile { x, y } = Terrain::built_in().spawn();
    let verbs = (0..count).map(|number| match number % 4 {
        0 => Verb::Move(Move { to: Tile { x: x + 1, y } }),
        1 => Verb::Look(Look {}),
        2 => Verb::Move(Move { to: Tile { x, y: y + 1 } }),
        _ => Verb::Say(Say { text: words_of(number) }),
    });
    verbs.map(|verb| client.act(&verb).unwrap()).collect()
}

fn resyncs(log: &EventLog) -> Vec<ResyncKind> {
    let kind = |event| match event {
        ClientEvent::Welcomed(welcomed) => Some(welcomed.resync),
        _ => None,
    };
    log.all().into_iter().filter_map(kind).collect()
}

/// Everything that is in view, chunk by chunk.
fn seen(copy: &WorldCopy) -> Vec<(ChunkId, holdfast_client::copy::Place)> {
    copy.chunks().map(|(id, place)| (id, place.clone())).collect()
}

/// Waits until two clients whose views are the same see the same.
async fn wait_until_alike(one: &Client<Village>, other: &Client<Village>) {
    let alike = one.wait_until(PATIENCE, |copy| seen(copy) == other.view(seen)).await;
    assert!(alike, "{:?}", one.view(|copy| other.view(|should_be| copy.differences(should_be))));
}

#[tokio::test]
async fn tokens_outlive_a_restart() {
    let (mut world, door) = start().await;
    let (ada, client, log) = newcomer(&world, &door, "Ada").await;
    let (bob, leaver, _) = newcomer(&world, &door, "Bob").await;
    let mut actions = do_much(&client, 8);
    assert!(client.wait_settled(PATIENCE).await);
    assert!(client.wait_until(PATIENCE, |copy| copy.entity(bob.character).is_some()).await);

    // Killed in the middle of it; Bob never comes back.
    actions.extend(do_much(&client, 20));
    world.server.kill9();
    drop(leaver);
    actions.extend(do_much(&client, 20));
    assert!(client.core(ClientCore::unanswered_count) >= 20);
    world.server.restart().await.unwrap();

    assert!(client.wait_settled(PATIENCE).await, "every action is answered");
    assert_eq!(resyncs(&log), [ResyncKind::SnapshotFresh, ResyncKind::Delta]);
    assert_eq!(log.verdicts().len(), actions.len(), "once each");
    for action in &actions {
        log.only_verdict(*action);
    }
    assert!(actions.windows(2).all(|pair| pair[0].seq.next() == pair[1].seq));

    // What it holds is what somebody sees who is new, and it was right at every hash on the way.
    let (_, newcomer, _) = newcomer(&world, &door, "Cleo").await;
    wait_until_alike(&client, &newcomer).await;
    assert!(client.view(|copy| copy.entity(ada.character).is_some() && copy.entity(bob.character).is_none()));
    let tick = client.view(|copy| copy.held().unwrap().tick);
    let two_hashes_on = |copy: &WorldCopy| copy.held().unwrap().tick.since(tick) > 80;
    assert!(client.wait_until(PATIENCE, two_hashes_on).await);
    assert_eq!(client.core(ClientCore::divergence_count), 0);
}

#[tokio::test]
async fn a_stopped_server_drains() {
    let (mut world, door) = start().await;
    let mut people = Vec::new();
    for name in ["Ada", "Bob", "Cleo"] {
        people.push(newcomer(&world, &door, name).await);
    }
    let mut asked = Vec::new();
    for (_, client, _) in &people {
        asked.push(do_much(client, ASKED_COUNT));
    }
    let (_, first, _) = &people[0];
    assert!(first.wait_verdict(asked[0][3], PATIENCE).await.is_some(), "some are answered, and some are not");
    world.server.signal_stop();
    let status = world.server.wait_for_exit(PATIENCE).await.unwrap();
    assert_eq!(status.code(), Some(0), "{}", world.server.log_tail());

    let mut database = world.database.connect().await.unwrap();
    for (place, (who, client, log)) in people.iter().enumerate() {
        let closed = |event: &&ClientEvent| {
            matches!(event, ClientEvent::Closed(error)
                if error.code == Code::MAINTENANCE && error.retryable && error.retry_after_ms > 0)
        };
        let deadline = std::time::Instant::now() + PATIENCE;
        while log.count(closed) == 0 {
            assert!(std::time::Instant::now() < deadline, "nobody told {who:?} why");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        // Whatever it was told is in the tables, and the tables may know more than it was told.
        let decided: i64 =
            sqlx::query_scalar("SELECT last_seq FROM holdfast.character_actions WHERE entity = $1")
                .bind(who.character.0.cast_signed())
                .fetch_one(&mut database)
                .await
                .unwrap();
        let told = log.verdicts().last().map_or(0, |verdict| verdict.action.seq.0);
        assert!(decided.cast_unsigned() >= told);
        assert_eq!(client.core(ClientCore::unanswered_count) + log.verdicts().len(), ASKED_COUNT);
        let words: Vec<String> =
            sqlx::query_scalar("SELECT text FROM holdfast.utterances WHERE speaker = $1")
                .bind(who.character.0.cast_signed())
                .fetch_all(&mut database)
                .await
                .unwrap();
        for (number, action) in asked[place].iter().enumerate().filter(|(number, _)| number % 4 == 3) {
            let was_told = log.verdicts().iter().any(|verdict| verdict.action == *action);
            assert!(!was_told || words.contains(&words_of(number)), "{number} was accepted: {words:?}");
        }
    }

    world.server.restart().await.unwrap();
    for ((_, client, log), asked) in people.iter().zip(&asked) {
        assert!(client.wait_settled(PATIENCE).await, "every action is answered");
        assert_eq!(resyncs(log), [ResyncKind::SnapshotFresh, ResyncKind::Delta]);
        for action in asked {
            log.only_verdict(*action);
        }
        assert_eq!(client.core(ClientCore::divergence_count), 0);
    }
    wait_until_alike(&people[0].1, &people[1].1).await;
}
