//! The WebSocket, from Hello to the last word.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, SinkExt, StreamExt};
use holdfast::clock;
use holdfast::socket::SocketLimits;
use holdfast::socket::connections::{Handed, Outbound};
use holdfast_front::{Conn, FrontEvent};
use holdfast_protocol::{
    ActionName, BuildId, CLIENT_FRAME_BYTES_MAX, ClientMessage, Code, EntityId, ErrorBody,
    HELLO_FRAME_BYTES_MAX, Hello, Nonce, Resync, Seq, ServerMessage, Tick, decode, encode,
};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::server::{Client, Edge, PATIENCE, Setup, ending, read, say};

fn limits(change: impl FnOnce(&mut SocketLimits)) -> Setup {
    let mut setup = Setup::default();
    change(&mut setup.limits);
    setup
}

fn numbered(number: u64) -> ClientMessage {
    ClientMessage::Resync(Resync { tick: Tick(number) })
}

#[tokio::test]
async fn a_good_hello_reaches_the_hub_with_all_that_it_said() {
    let mut edge = Edge::start().await;
    let mut client = edge.connect().await;
    let oldest = ActionName { seq: Seq(4), nonce: Nonce(9) };
    let hello = Hello { oldest_unanswered: Some(oldest), ..edge.hello() };
    say(&mut client, &ClientMessage::Hello(hello)).await;
    let FrontEvent::Hello(conn, request) = edge.heard().await else { panic!("it is a Hello") };
    assert_eq!(&*request.account.subject, "ada");
    assert_eq!((request.character, request.oldest_unanswered), (EntityId(11), Some(oldest)));
    say(&mut client, &numbered(3)).await;
    assert!(
        matches!(edge.heard().await, FrontEvent::Said(c, message, _) if c == conn && message == numbered(3))
    );
    client.close(None).await.unwrap();
    assert!(matches!(edge.heard().await, FrontEvent::Lost(c) if c == conn));
    tokio::time::timeout(PATIENCE, edge.connections.all_gone()).await.unwrap();
}

#[tokio::test]
async fn another_build_gets_update_required_and_nothing_else() {
    let mut edge = Edge::start().await;
    // What follows the build is nothing that this build could read, and its token is not looked at.
    let mut frame = encode(&ClientMessage::Hello(Hello { build: BuildId([8; 16]), ..edge.hello() }));
    frame.truncate(17);
    frame.extend_from_slice(b"\xff\xff\xff of another age");
    let mut client = edge.connect().await;
    client.send(Message::binary(frame)).await.unwrap();
    let (body, close) = ending(&mut client).await;
    assert_eq!((body.code, body.retryable, close), (Code::UPDATE_REQUIRED, false, 4426));
    assert!(client.next().await.is_none_or(|end| end.is_err()));
    assert_eq!(edge.issuer.asked(), 0);
    edge.assert_hub_heard_nothing();
}

#[tokio::test]
async fn who_says_nothing_is_sent_away() {
    let mut edge = Edge::with(limits(|limits| limits.hello = Duration::from_millis(100))).await;
    let mut client = edge.connect().await;
    let (body, close) = ending(&mut client).await;
    assert_eq!((body.code, close), (Code::HELLO_TIMEOUT, 4408));
    edge.assert_hub_heard_nothing();
}

#[tokio::test]
async fn a_first_frame_that_is_no_hello_is_refused() {
    let mut edge = Edge::start().await;
    let hello = encode(&ClientMessage::Hello(edge.hello()));
    let with = |more: &[u8]| Message::binary([&hello, more].concat());
    let table = [
        (Message::binary(encode(&ClientMessage::Ping)), Code::HELLO_EXPECTED, 1008),
        (Message::binary(Vec::new()), Code::HELLO_EXPECTED, 1008),
        (Message::binary(hello[..16].to_vec()), Code::MALFORMED, 1008),
        (Message::binary(hello[..hello.len() - 1].to_vec()), Code::MALFORMED, 1008),
        (with(b"\0"), Code::MALFORMED, 1008),
        (with(&[0; HELLO_FRAME_BYTES_MAX]), Code::OVERSIZED, 1009),
        (with(&[0; CLIENT_FRAME_BYTES_MAX]), Code::OVERSIZED, 1009),
        (Message::text("hello"), Code::TEXT_FRAME, 1003),
    ];
    for (frame, code, close) in table {
        let mut client = edge.connect().await;
        client.send(frame).await.unwrap();
        let (body, got) = ending(&mut client).await;
        assert_eq!((body.code, got), (code, close));
    }
    edge.assert_hub_heard_nothing();
}

#[tokio::test]
async fn a_bad_token_is_refused_with_the_reason() {
    let mut edge = Edge::start().await;
    let expired = {
        let mut payload = edge.issuer.payload();
        payload["exp"] = json!(clock::unix_seconds() - 60);
        edge.issuer.signer.sign(&edge.issuer.signer.header(), &payload)
    };
    let foreign = {
        let mut payload = edge.issuer.payload();
        payload["aud"] = json!("elsewhere");
        edge.issuer.signer.sign(&edge.issuer.signer.header(), &payload)
    };
    for (token, code) in [
        ("forged".to_owned(), Code::TOKEN_INVALID),
        (expired, Code::TOKEN_EXPIRED),
        (foreign, Code::TOKEN_INVALID),
    ] {
        let mut client = edge.connect().await;
        let hello = Hello { access_token: token, ..edge.hello() };
        say(&mut client, &ClientMessage::Hello(hello)).await;
        let (body, close) = ending(&mut client).await;
        assert_eq!((body.code, close), (code, 4401));
    }
    edge.assert_hub_heard_nothing();
}

#[tokio::test]
async fn bad_input_ends_a_connection_with_the_reason_and_the_hub_learns_of_it() {
    let mut edge = Edge::start().await;
    let hello = Message::binary(encode(&ClientMessage::Hello(edge.hello())));
    let mut trailing = encode(&ClientMessage::Ping);
    trailing.push(0);
    let table = [
        (hello, Code::HELLO_REPEATED, 1008),
        (Message::text("move north"), Code::TEXT_FRAME, 1003),
        (Message::binary(vec![0; CLIENT_FRAME_BYTES_MAX + 1]), Code::OVERSIZED, 1009),
        (Message::binary(vec![0; 64 * CLIENT_FRAME_BYTES_MAX / 8]), Code::OVERSIZED, 1009),
        (Message::binary(vec![0xff; 10]), Code::MALFORMED, 1008),
        (Message::binary(trailing), Code::MALFORMED, 1008),
    ];
    for (frame, code, close) in table {
        let (mut client, conn) = edge.join().await;
        client.send(frame).await.unwrap();
        let (body, got) = ending(&mut client).await;
        assert_eq!((body.code, got), (code, close));
        assert!(matches!(edge.heard().await, FrontEvent::Lost(c) if c == conn), "{code}");
    }
}

#[tokio::test]
async fn a_message_is_written_and_the_hub_is_told() {
    let mut edge = Edge::start().await;
    let (mut client, conn) = edge.join().await;
    for text in ["one", "two"] {
        edge.connections
            .deliver(conn, Outbound::Message(Bytes::from_static(text.as_bytes()), Handed::default()));
        assert!(matches!(edge.heard().await, FrontEvent::Written(c) if c == conn));
        assert_eq!(read(&mut client).await, Message::binary(text));
    }
}

#[tokio::test]
async fn without_trust_nothing_of_the_world_is_written() {
    let mut edge = Edge::start().await;
    let (mut client, conn) = edge.join().await;
    edge.trust.revoke();
    edge.connections
        .deliver(conn, Outbound::Message(Bytes::from_static(b"a secret of the world"), Handed::default()));
    let (body, close) = ending(&mut client).await;
    assert_eq!((body.code, body.retryable, close), (Code::NOT_OWNER, true, 4500));
    assert!(matches!(edge.heard().await, FrontEvent::Lost(c) if c == conn));
}

#[tokio::test]
async fn a_notice_passes_without_trust() {
    let mut edge = Edge::start().await;
    let (mut client, conn) = edge.join().await;
    edge.trust.revoke();
    edge.connections.deliver(conn, Outbound::Notice(Bytes::from_static(b"nothing of the world")));
    assert_eq!(read(&mut client).await, Message::binary("nothing of the world"));
    assert!(matches!(edge.heard().await, FrontEvent::Written(c) if c == conn));
}

#[tokio::test]
async fn a_last_word_passes_without_trust_and_owes_the_hub_nothing() {
    let mut edge = Edge::start().await;
    let (mut client, conn) = edge.join().await;
    edge.trust.revoke();
    edge.connections.deliver(conn, Outbound::Last(ErrorBody::new(Code::SLOW_READER, 0, 77)));
    let (body, close) = ending(&mut client).await;
    assert_eq!((body.code, body.correlation_id, close), (Code::SLOW_READER, 77, 4410));
    tokio::time::timeout(PATIENCE, edge.connections.all_gone()).await.unwrap();
    edge.assert_hub_heard_nothing();
}

#[tokio::test]
async fn a_hangup_is_a_close_without_a_reason() {
    let mut edge = Edge::start().await;
    let (mut client, conn) = edge.join().await;
    edge.connections.deliver(conn, Outbound::Hangup);
    let Message::Close(Some(frame)) = read(&mut client).await else { panic!("it is closed") };
    assert_eq!(u16::from(frame.code), 1000);
    edge.assert_hub_heard_nothing();
}

/// More than the kernel takes for a client that does not read, in pieces.
fn piece() -> Outbound {
    Outbound::Message(Bytes::from(vec![1; 200 * 1024]), Handed::default())
}

/// Fills a client's connection until a message is stuck on its way; says how many were written before it.
async fn clog(edge: &mut Edge, conn: Conn) -> usize {
    for written in 0..1_000 {
        edge.connections.deliver(conn, piece());
        if tokio::time::timeout(Duration::from_secs(1), edge.hub.recv()).await.is_err() {
            return written;
        }
    }
    panic!("a client that does not read blocks its writer at some point");
}

#[tokio::test]
async fn a_blocked_write_does_not_stop_reads() {
    let mut edge = Edge::start().await;
    let (mut client, conn) = edge.join().await;
    clog(&mut edge, conn).await;
    for number in 0..5 {
        say(&mut client, &numbered(number)).await;
        assert!(matches!(edge.heard().await, FrontEvent::Said(_, message, _) if message == numbered(number)));
    }
}

#[tokio::test]
async fn a_blocked_write_does_not_go_on_without_trust() {
    // Only the lost trust may end it here.
    let mut edge = Edge::with(limits(|limits| limits.stall = Duration::from_secs(3_600))).await;
    let (mut client, conn) = edge.join().await;
    let written = clog(&mut edge, conn).await;
    edge.trust.revoke();
    assert!(matches!(edge.heard().await, FrontEvent::Lost(c) if c == conn));
    let mut whole = 0;
    while let Ok(Some(Ok(Message::Binary(_)))) = tokio::time::timeout(PATIENCE, client.next()).await {
        whole += 1;
    }
    assert!(whole <= written, "the message that was stuck never arrives whole");
}

#[tokio::test]
async fn a_farewell_does_not_push_out_the_rest_of_a_message_without_trust() {
    let mut edge = Edge::with(limits(|limits| limits.stall = Duration::from_secs(3_600))).await;
    let (mut client, conn) = edge.join().await;
    let written = clog(&mut edge, conn).await;
    // The connection ends for a reason of its own while a message is stuck on its way.
    client.send(Message::text("no such thing here")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    edge.trust.revoke();
    let mut whole = 0;
    while let Ok(Some(Ok(Message::Binary(_)))) = tokio::time::timeout(PATIENCE, client.next()).await {
        whole += 1;
    }
    assert!(whole <= written, "the message that was stuck never arrives whole");
}

#[tokio::test]
async fn a_write_that_stays_blocked_is_given_up() {
    let mut edge = Edge::with(limits(|limits| limits.stall = Duration::from_millis(300))).await;
    let (_client, conn) = edge.join().await;
    for _ in 0..1_000 {
        edge.connections.deliver(conn, piece());
        match edge.heard().await {
            FrontEvent::Written(_) => {}
            FrontEvent::Lost(c) if c == conn => return,
            other => panic!("{other:?}"),
        }
    }
    panic!("a client that does not read blocks its writer at some point");
}

#[tokio::test]
async fn a_full_hub_holds_the_socket_back_and_loses_nothing() {
    let mut edge = Edge::with(Setup { hub_room: 1, ..Setup::default() }).await;
    let (mut client, _) = edge.join().await;
    for number in 0..50 {
        say(&mut client, &numbered(number)).await;
    }
    for number in 0..50 {
        assert!(matches!(edge.heard().await, FrontEvent::Said(_, message, _) if message == numbered(number)));
    }
}

async fn flood(client: &mut Client, frame: Message, count: usize) {
    for _ in 0..count {
        // The server closes at some point; what is sent then goes nowhere.
        let _ = client.feed(frame.clone()).await;
    }
    let _ = client.flush().await;
}

/// The reason and the close code of a client that gets pongs in between.
async fn until_closed(client: &mut Client) -> (Code, u16) {
    let mut code = None;
    loop {
        match read(client).await {
            Message::Binary(bytes) => match decode(&bytes) {
                Ok(ServerMessage::Error(body)) => code = Some(body.code),
                other => panic!("{other:?}"),
            },
            Message::Close(Some(frame)) => return (code.unwrap(), u16::from(frame.code)),
            other => assert!(other.is_pong(), "{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_flood_of_messages_is_cut_off() {
    let mut edge = Edge::with(limits(|limits| limits.frames_burst = 20)).await;
    let (mut client, _) = edge.join().await;
    flood(&mut client, Message::binary(encode(&ClientMessage::Ping)), 60).await;
    assert_eq!(until_closed(&mut client).await, (Code::TOO_MANY_MESSAGES, 4429));
}

#[tokio::test]
async fn a_flood_of_pings_is_cut_off_also_before_hello() {
    let mut edge = Edge::start().await;
    let mut stranger = edge.connect().await;
    flood(&mut stranger, Message::Ping(Bytes::new()), 40).await;
    assert_eq!(until_closed(&mut stranger).await, (Code::TOO_MANY_MESSAGES, 1008));
    let (mut client, _) = edge.join().await;
    flood(&mut client, Message::Ping(Bytes::new()), 40).await;
    assert_eq!(until_closed(&mut client).await, (Code::TOO_MANY_MESSAGES, 1008));
}

#[tokio::test]
async fn a_silent_client_is_dead_even_if_it_pings() {
    let mut edge = Edge::with(limits(|limits| limits.silence = Duration::from_millis(200))).await;
    let (mut client, _) = edge.join().await;
    client.send(Message::Ping(Bytes::new())).await.unwrap();
    assert_eq!(until_closed(&mut client).await, (Code::SILENT, 4408));
}

#[tokio::test]
async fn a_connection_ends_with_its_token() {
    let mut edge = Edge::start().await;
    let mut client = edge.connect().await;
    let mut payload = edge.issuer.payload();
    // Two seconds are left of the thirty by which clocks may differ.
    payload["exp"] = json!(clock::unix_seconds() - 28);
    let access_token = edge.issuer.signer.sign(&edge.issuer.signer.header(), &payload);
    say(&mut client, &ClientMessage::Hello(Hello { access_token, ..edge.hello() })).await;
    assert!(matches!(edge.heard().await, FrontEvent::Hello(..)));
    assert_eq!(ending(&mut client).await.0.code, Code::TOKEN_EXPIRED);
}

#[tokio::test]
async fn strangers_are_bounded_and_the_known_do_not_count() {
    let mut setup = Setup::default();
    setup.door.unidentified_per_address = 1;
    let mut edge = Edge::with(setup).await;
    let (_first, _) = edge.join().await;
    let (_second, _) = edge.join().await;
    let _stranger = edge.connect().await;
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .get(edge.url("/ws"))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 429);
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["error"]["code"], "too_many_connections");
    assert!(edge.hub.recv().now_or_never().is_none());
}
