//! Whom a server lets in that has no world, or loads it anew.

use std::time::Duration;

use holdfast::socket::connections::{Handed, Outbound};
use holdfast::socket::entrance::Standing;
use holdfast_front::FrontEvent;
use holdfast_protocol::{BuildId, ClientMessage, Code, ErrorBody, Hello};
use serde_json::{Value, json};

use crate::server::{Client, Edge, PATIENCE, ending, say};

async fn list(edge: &Edge, token: &str) -> (u16, Value) {
    list_at(edge.url("/api/characters"), token).await
}

async fn list_at(url: String, token: &str) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    let answer = client.get(url).bearer_auth(token).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_standby_sends_everybody_to_the_owner() {
    let mut edge = Edge::start().await;
    edge.entrance.set(Standing::Standby);
    for token in [edge.issuer.token(), "forged".to_owned()] {
        let (status, answer) = list(&edge, &token).await;
        assert_eq!((status, &answer["error"]["code"]), (503, &json!("not_owner")));
        assert_eq!(answer["error"]["retryable"], true);
    }
    assert_eq!(edge.issuer.asked(), 0, "over HTTP nobody is asked who they are");
    let mut client = edge.connect().await;
    say(&mut client, &ClientMessage::Hello(edge.hello())).await;
    let (body, close) = ending(&mut client).await;
    assert_eq!((body.code, body.retryable, close), (Code::NOT_OWNER, true, Code::NOT_OWNER.close_code()));
    assert!(body.retry_after_ms > 0);
    edge.assert_hub_heard_nothing();

    // What says nothing of the world is served as ever.
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    for path in ["/api/world", "/api/build", "/api/health/live"] {
        assert_eq!(client.get(edge.url(path)).send().await.unwrap().status(), 200, "{path}");
    }
}

#[tokio::test]
async fn a_standby_looks_at_the_build_first() {
    let edge = Edge::start().await;
    edge.entrance.set(Standing::Standby);
    let mut client = edge.connect().await;
    let hello = Hello { build: BuildId([8; 16]), ..edge.hello() };
    say(&mut client, &ClientMessage::Hello(hello)).await;
    assert_eq!(ending(&mut client).await.0.code, Code::UPDATE_REQUIRED);
}

#[tokio::test]
async fn whoever_comes_to_a_standby_that_takes_over_in_time_is_let_in() {
    let mut edge = Edge::start().await;
    edge.entrance.set(Standing::Standby);
    let mut client = edge.connect().await;
    say(&mut client, &ClientMessage::Hello(edge.hello())).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    edge.entrance.set(Standing::Loading);
    let _of_before = edge.load_anew();
    assert!(matches!(edge.heard().await, FrontEvent::Hello(..)));
}

#[tokio::test]
async fn who_comes_while_the_world_is_loaded_waits_and_is_let_in() {
    let mut edge = Edge::start().await;
    edge.entrance.set(Standing::Loading);
    let mut client = edge.connect().await;
    say(&mut client, &ClientMessage::Hello(edge.hello())).await;
    let listed = {
        let (url, token) = (edge.url("/api/characters"), edge.issuer.token());
        tokio::spawn(async move { list_at(url, &token).await.0 })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!listed.is_finished());
    let _of_before = edge.load_anew();
    assert_eq!(listed.await.unwrap(), 200);
    assert!(matches!(edge.heard().await, FrontEvent::Hello(..)));
}

#[tokio::test]
async fn who_waits_for_a_load_that_takes_long_is_asked_to_come_again() {
    let edge = Edge::start().await;
    edge.entrance.set(Standing::Loading);
    let mut client = edge.connect().await;
    say(&mut client, &ClientMessage::Hello(edge.hello())).await;
    let (body, _) = ending(&mut client).await;
    assert_eq!((body.code, body.retryable), (Code::WORLD_RELOADED, true));
    let (status, answer) = list(&edge, &edge.issuer.token()).await;
    assert_eq!((status, &answer["error"]["code"]), (503, &json!("world_reloaded")));
}

/// Somebody whom this server knows, and who waits to be let in.
async fn waiting(edge: &Edge) -> Client {
    let mut client = edge.connect().await;
    say(&mut client, &ClientMessage::Hello(edge.hello())).await;
    let counted = async {
        while edge.connections.count() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, counted).await.expect("who waits is counted");
    client
}

#[tokio::test]
async fn a_server_that_stops_tells_those_who_wait_and_waits_for_them() {
    let mut edge = Edge::start().await;
    edge.entrance.set(Standing::Loading);
    let mut client = waiting(&edge).await;
    let gone = tokio::spawn({
        let connections = edge.connections.clone();
        async move { connections.all_gone().await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!gone.is_finished());
    edge.entrance.set(Standing::Stopping);
    assert_eq!(ending(&mut client).await.0.code, Code::MAINTENANCE);
    drop(client);
    tokio::time::timeout(PATIENCE, gone).await.expect("it is counted no more").unwrap();
    edge.assert_hub_heard_nothing();
}

#[tokio::test]
async fn who_leaves_while_it_waits_is_not_let_in() {
    let mut edge = Edge::start().await;
    edge.entrance.set(Standing::Loading);
    drop(waiting(&edge).await);
    tokio::time::timeout(PATIENCE, edge.connections.all_gone()).await.expect("that it has left is noticed");
    edge.assert_hub_heard_nothing();
}

#[tokio::test]
async fn what_somebody_says_while_waiting_is_heard_once_it_is_let_in() {
    let mut edge = Edge::start().await;
    edge.entrance.set(Standing::Loading);
    let mut client = waiting(&edge).await;
    say(&mut client, &ClientMessage::Ping).await;
    // It has arrived by then.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let _of_before = edge.load_anew();
    assert!(matches!(edge.heard().await, FrontEvent::Hello(..)));
    assert!(matches!(edge.heard().await, FrontEvent::Said(_, ClientMessage::Ping, _)));
}

#[tokio::test]
async fn who_waits_and_is_dismissed_with_everybody_does_not_reach_the_next_world() {
    let mut edge = Edge::start().await;
    edge.entrance.set(Standing::Loading);
    let mut client = waiting(&edge).await;
    edge.connections.dismiss_all(Code::WORLD_RELOADED);
    let _of_before = edge.load_anew();
    assert_eq!(ending(&mut client).await.0.code, Code::WORLD_RELOADED);
    edge.assert_hub_heard_nothing();
}

#[tokio::test]
async fn everybody_is_told_when_the_world_begins_anew_and_nothing_of_theirs_reaches_it() {
    let mut edge = Edge::start().await;
    let (mut quiet, first) = edge.join().await;
    let (mut busy, second) = edge.join().await;
    edge.entrance.set(Standing::Loading);
    edge.connections.dismiss_all(Code::WORLD_RELOADED);
    // One goes on to talk before it has read the reason.
    say(&mut busy, &ClientMessage::Ping).await;
    for client in [&mut quiet, &mut busy] {
        let (body, close) = ending(client).await;
        assert_eq!((body.code, body.retryable), (Code::WORLD_RELOADED, true));
        assert_eq!(close, Code::WORLD_RELOADED.close_code());
    }
    drop(edge.load_anew());
    let (_client, third) = edge.join().await;
    assert!(third != first && third != second, "a number is never used again");
    edge.assert_hub_heard_nothing();
}

#[tokio::test]
async fn who_speaks_to_a_hub_that_is_gone_learns_why() {
    for (standing, code) in [
        (Standing::Loading, Code::WORLD_RELOADED),
        (Standing::Standby, Code::NOT_OWNER),
        (Standing::Stopping, Code::MAINTENANCE),
    ] {
        let mut edge = Edge::start().await;
        let (mut client, _) = edge.join().await;
        edge.entrance.set(standing);
        edge.hub.close();
        say(&mut client, &ClientMessage::Ping).await;
        assert_eq!(ending(&mut client).await.0.code, code);
    }
}

#[tokio::test]
async fn a_message_that_may_not_be_written_any_more_gives_way_to_the_reason() {
    let mut edge = Edge::start().await;
    let (mut client, conn) = edge.join().await;
    // The trust goes first, the reason follows: between the two the socket holds a message that it must not write.
    edge.trust.revoke();
    edge.connections.deliver(conn, Outbound::Message(b"of the world".as_slice().into(), Handed::default()));
    tokio::time::sleep(Duration::from_millis(50)).await;
    edge.connections.dismiss_all(Code::WORLD_RELOADED);
    assert_eq!(ending(&mut client).await.0.code, Code::WORLD_RELOADED);
}

#[tokio::test]
async fn a_last_word_that_tells_of_the_world_is_not_said_without_trust() {
    for (code, said) in [(Code::REPLACED, Code::NOT_OWNER), (Code::SILENT, Code::SILENT)] {
        let mut edge = Edge::start().await;
        let (mut client, conn) = edge.join().await;
        edge.trust.revoke();
        edge.connections.deliver(conn, Outbound::Last(ErrorBody::new(code, 0, 7)));
        assert_eq!(ending(&mut client).await.0.code, said);
    }
}

#[tokio::test]
async fn http_does_not_speak_for_a_world_that_may_be_somebody_elses() {
    let edge = Edge::start().await;
    edge.trust.revoke();
    let (status, answer) = list(&edge, &edge.issuer.token()).await;
    assert_eq!((status, &answer["error"]["code"]), (503, &json!("store_unavailable")));
}
