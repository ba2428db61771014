//! What operators read: each counter is moved by what it counts, and by nothing else; the stages of an action add up to
//! its latency; what cannot be reached shows.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "metrics/reading.rs"]
mod reading;

use std::time::Duration;

use holdfast_client::RawConnection;
use holdfast_devstack::{Stack, StackOptions};
use holdfast_metrics::timing::from_v2;
use holdfast_protocol::{
    Act, ActionName, Applied, Blob, BuildId, ClientMessage, EntityId, Frame, Hello, Nonce, Seq,
    ServerMessage, SyncToken, Tick, encode,
};
use holdfast_tests::door::{OPEN_DOOR, PATIENCE};
use holdfast_tests::{Door, LedgerBots};
use ledger::action::{Transfer, Verb};

use reading::{Metrics, histograms, wait_until};

/// Longer than a client may be behind.
const TOO_LATE: Duration = Duration::from_millis(150);

async fn stack(more: &[(&str, &str)]) -> Stack {
    let mut options = StackOptions::new("ledger");
    let environment = OPEN_DOOR.iter().chain(more);
    options.environment =
        environment.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Stack::start(options).await.unwrap()
}

fn give(seq: u64, to: EntityId, amount: i64) -> Act {
    let action = Blob(encode(&Verb::Transfer(Transfer { to, amount })));
    Act { name: ActionName { seq: Seq(seq), nonce: Nonce(7) }, action }
}

async fn frame(connection: &mut RawConnection) -> Frame {
    let frame = |message| match message {
        ServerMessage::Frame(frame) if frame.token.is_some() => Some(frame),
        _ => None,
    };
    connection.hear_until(PATIENCE, frame).await.unwrap()
}

async fn verdicts(connection: &mut RawConnection, count: usize) {
    let mut left = count;
    while left > 0 {
        left = left.saturating_sub(frame(connection).await.verdicts.len());
    }
}

/// Says Hello, and hears the connection close.
async fn is_turned_away(door: &Door, hello: Hello) {
    let mut connection = door.knock().await.unwrap();
    connection.send(&ClientMessage::Hello(hello)).await.unwrap();
    let error = |message| matches!(message, ServerMessage::Error(_)).then_some(());
    connection.hear_until(PATIENCE, error).await.unwrap();
}

#[tokio::test]
async fn each_counter_is_moved_by_what_it_counts() {
    let stack = stack(&[]).await;
    let door = Door::of(&stack.server).await.unwrap();
    let ada = door.newcomer(&stack.issuer, "Ada", "account").await.unwrap();
    let bob = door.newcomer(&stack.issuer, "Bob", "account").await.unwrap();
    let read = || Metrics::read(&stack.server);
    let before = read().await;

    is_turned_away(&door, Hello { build: BuildId([9; 16]), ..door.hello(&ada) }).await;
    is_turned_away(&door, Hello { access_token: "forged".to_owned(), ..door.hello(&ada) }).await;
    let after = read().await;
    let moved = |series: &str| after.of(series) - before.of(series);
    assert_eq!(moved("version_reject_total"), 1.0);
    assert_eq!(moved("auth_reject_total{reason=\"token_invalid\"}"), 1.0);
    assert_eq!(moved("connect_attempts_total"), 2.0);
    assert_eq!(moved("connect_success_total"), 0.0);

    let (mut connection, welcome) = door.enter(&ada).await.unwrap();
    let (_others, _) = door.enter(&bob).await.unwrap();
    let first = frame(&mut connection).await;
    let after = wait_until(&stack.server, |now| now.of("first_state_seconds_count") == 2.0).await;
    assert_eq!(after.of("active_sessions"), 2.0);
    assert_eq!(after.of("resync_total{kind=\"snapshot\",reason=\"fresh\"}"), 2.0);
    assert!(after.of("resync_bytes_sum") > 0.0);
    assert_eq!(after.of("dependency_up{dependency=\"postgres\"}"), 1.0);
    assert_eq!(after.of("dependency_up{dependency=\"issuer\"}"), 1.0);

    // One that is accepted, one that a rule refuses, the first again, and one that skips.
    let acts = vec![
        give(1, bob.character, 5),
        give(2, ada.character, 5),
        give(1, bob.character, 5),
        give(9, bob.character, 5),
    ];
    connection.send(&ClientMessage::Acts(acts)).await.unwrap();
    verdicts(&mut connection, 3).await;
    let action = |verdict: &str, reason: &str| {
        format!("action_total{{kind=\"transfer\",verdict=\"{verdict}\",reason=\"{reason}\"}}")
    };
    let after = wait_until(&stack.server, |now| now.of("action_latency_seconds_count") == 2.0).await;
    assert_eq!(after.of(&action("accepted", "")), 1.0);
    assert_eq!(after.of(&action("rejected", "to_self")), 1.0);
    assert_eq!(after.of(&action("refused", "seq_gap")), 1.0);
    assert_eq!(after.of("duplicates_replayed_total"), 1.0);
    let stage = |name: &str| after.of(&format!("action_stage_seconds_sum{{stage=\"{name}\"}}"));
    let stages: f64 = ["queue", "tick", "commit", "gate", "socket"].map(stage).iter().sum();
    let whole = after.of("action_latency_seconds_sum");
    assert!((stages - whole).abs() <= 0.01 * whole, "{stages} s are not {whole} s");
    assert!(stage("commit") > 0.0);
    assert!(after.of("flush_duration_seconds_count") > 0.0 && after.of("flush_rows_sum") > 0.0);

    // The echo of a frame comes late: the client is given the present at once.
    let tick = transfer_once_more(&mut connection, bob.character).await;
    tokio::time::sleep(TOO_LATE).await;
    connection.send(&ClientMessage::Applied(Applied { tick })).await.unwrap();
    let after = wait_until(&stack.server, |now| now.of("staleness_seconds_count") > 0.0).await;
    assert!(after.of("staleness_seconds_sum") > TOO_LATE.as_secs_f64());
    assert_eq!(after.of("state_refresh_forced_total"), 1.0);

    // The connection is lost, and the session goes on.
    drop(connection);
    let stamp = first.token.unwrap();
    let held = SyncToken {
        world: welcome.world,
        epoch: welcome.epoch,
        tag: welcome.tag,
        tick: stamp.tick,
        center: stamp.center,
    };
    let mut connection = door.knock().await.unwrap();
    let hello = Hello { resume: Some(welcome.resume), held: Some(held), ..door.hello(&ada) };
    connection.send(&ClientMessage::Hello(hello)).await.unwrap();
    frame(&mut connection).await;
    let after = wait_until(&stack.server, |now| now.of("resync_seconds_count") == 1.0).await;
    assert_eq!(after.of("reconnect_attempts_total"), 1.0);
    assert_eq!(after.of("reconnect_success_total"), 1.0);
    assert_eq!(after.of("resync_total{kind=\"delta\",reason=\"resumed\"}"), 1.0);

    // A process that is stopped for a while is late with its ticks.
    let overran = after.of("tick_overrun_total");
    stack.server.freeze();
    tokio::time::sleep(Duration::from_millis(300)).await;
    stack.server.thaw();
    wait_until(&stack.server, |now| now.of("tick_overrun_total") > overran).await;
}

/// A further transfer, and the tick of the frame that answers it.
async fn transfer_once_more(connection: &mut RawConnection, to: EntityId) -> Tick {
    connection.send(&ClientMessage::Act(give(3, to, 1))).await.unwrap();
    loop {
        let frame = frame(connection).await;
        if !frame.verdicts.is_empty() {
            return frame.token.unwrap().tick;
        }
    }
}

#[tokio::test]
async fn a_store_that_is_away_shows_and_so_does_its_coming_back() {
    let mut stack = stack(&[]).await;
    let door = Door::of(&stack.server).await.unwrap();
    let bots = LedgerBots::start(&door, &stack.issuer).await.unwrap();
    bots.play_on_since(&bots.told()).await.unwrap();
    stack.postgres.kill_group();
    let away = wait_until(&stack.server, |now| {
        now.of("ticks_ahead") == 3.0 && now.of("dependency_up{dependency=\"postgres\"}") == 0.0
    })
    .await;
    assert!(away.of("gate_bytes") > 0.0);
    wait_until(&stack.server, |now| now.of("queue_depth") > 0.0).await;
    stack.postgres.start_again().await.unwrap();
    bots.play_on_since(&bots.told()).await.unwrap();
    let back = wait_until(&stack.server, |now| now.of("dependency_up{dependency=\"postgres\"}") == 1.0).await;
    assert_eq!(back.of("flush_retries_total{class=\"unknown\"}"), 1.0);
    let resolved = ["committed", "not_committed"]
        .map(|outcome| back.of(&format!("ambiguous_commits_total{{outcome=\"{outcome}\"}}")));
    assert_eq!(resolved.iter().sum::<f64>(), 1.0, "{resolved:?}");
    bots.settle(&stack.database_url()).await.unwrap();
}

#[tokio::test]
async fn histograms_are_handed_out_whole_and_by_intervals_and_kept_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let stack = stack(&[("HOLDFAST_HISTOGRAM_LOG", &path)]).await;
    let door = Door::of(&stack.server).await.unwrap();
    let bots = LedgerBots::start(&door, &stack.issuer).await.unwrap();
    let latency = loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let all = histograms(&stack.server, 0).await;
        let latency =
            all["histograms"].as_array().unwrap().iter().find(|one| one["name"] == "action_latency");
        let latency = latency.unwrap().clone();
        if latency["recent"].as_array().unwrap().len() >= 2 {
            break latency;
        }
    };
    let total = from_v2(latency["total"].as_str().unwrap()).unwrap();
    assert_eq!(total.len(), latency["count"].as_u64().unwrap());
    let recent = latency["recent"].as_array().unwrap();
    let counts = recent.iter().map(|one| from_v2(one["v2"].as_str().unwrap()).unwrap().len());
    assert!(counts.sum::<u64>() <= total.len());
    let last = recent.last().unwrap()["to_ms"].as_u64().unwrap();
    let newer = histograms(&stack.server, last).await;
    let newer = newer["histograms"].as_array().unwrap().iter().find(|one| one["name"] == "action_latency");
    let is_newer = |one: &serde_json::Value| one["to_ms"].as_u64().unwrap() > last;
    assert!(newer.unwrap()["recent"].as_array().unwrap().iter().all(is_newer));

    let files: Vec<_> = std::fs::read_dir(&path).unwrap().collect();
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(files[0].as_ref().unwrap().path()).unwrap();
    assert!(text.starts_with("#[Histogram log format version 1.3]\n"), "{text}");
    assert!(text.contains("\nTag=action_commit,"), "{text}");
    bots.settle(&stack.database_url()).await.unwrap();
}

#[tokio::test]
async fn the_staffs_port_is_reached_by_address_alone_and_says_no_in_its_own_words() {
    let stack = stack(&[]).await;
    let http = reqwest::Client::new();
    let metrics = format!("{}/metrics", stack.server.staff_url());
    let rebound = http.get(&metrics).header("Host", "evil.example").send().await.unwrap();
    assert_eq!(rebound.status(), 403);
    let asked = format!("{}/api/histograms?since=soon", stack.server.staff_url());
    let answer: serde_json::Value = http.get(asked).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["error"]["code"], "malformed");
    let page = http.get(stack.server.staff_url()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("/api/histograms"), "{page}");
    let players = format!("{}/metrics", stack.server.url());
    assert_eq!(http.get(players).send().await.unwrap().status(), 404, "players are not served it");
}
