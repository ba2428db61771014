//! The players' port over HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use holdfast::clock;
use holdfast::http::listen::ConnectionLimits;
use holdfast::http::liveness::HUNG_AFTER;
use holdfast::http::readiness::ReadinessState;
use holdfast_front::Moment;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::server::{BUILD, Edge, PATIENCE, Setup};

/// After which a connection that says nothing is closed anyway.
const HEAD_TIME: Duration = Duration::from_secs(5);

fn client() -> Client {
    Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

async fn post(edge: &Edge, token: &str, body: String) -> (u16, Value) {
    let answer = client()
        .post(edge.url("/api/characters"))
        .header("authorization", format!("Bearer {token}"))
        .body(body)
        .send()
        .await
        .unwrap();
    parts(answer).await
}

async fn parts(answer: Response) -> (u16, Value) {
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn get(edge: &Edge, path: &str) -> (u16, Value) {
    parts(client().get(edge.url(path)).send().await.unwrap()).await
}

#[tokio::test]
async fn health_and_build_are_told_to_everybody() {
    let edge = Edge::start().await;
    assert_eq!(get(&edge, "/api/health/live").await, (200, json!({ "status": "live" })));
    assert_eq!(get(&edge, "/api/health/ready").await, (503, json!({ "status": "starting" })));
    edge.readiness.set(ReadinessState::Ready);
    assert_eq!(get(&edge, "/api/health/ready").await, (200, json!({ "status": "ready" })));
    edge.readiness.set(ReadinessState::Standby);
    assert_eq!(get(&edge, "/api/health/ready").await, (503, json!({ "status": "standby" })));
    assert_eq!(get(&edge, "/api/build").await, (200, json!({ "build": BUILD.to_string() })));
}

#[tokio::test]
async fn a_world_whose_thread_hangs_is_not_live() {
    let edge = Edge::start().await;
    edge.pulse.beat(clock::now());
    assert_eq!(get(&edge, "/api/health/live").await, (200, json!({ "status": "live" })));
    edge.pulse.beat(Moment(clock::now().0.saturating_sub(HUNG_AFTER + Duration::from_millis(1))));
    assert_eq!(get(&edge, "/api/health/live").await, (503, json!({ "status": "hung" })));
}

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_refused_in_the_one_shape() {
    let edge = Edge::start().await;
    for (method, path, status) in
        [(Method::GET, "/nothing", 404), (Method::GET, "/api/nothing", 404), (Method::PUT, "/api/build", 405)]
    {
        let answer = client().request(method, edge.url(path)).send().await.unwrap();
        let headers = answer.headers().clone();
        let (got, body) = parts(answer).await;
        assert_eq!(got, status, "{path}");
        let error = &body["error"];
        assert_eq!((&error["code"], &error["category"]), (&json!("not_found"), &json!("validation")));
        assert_eq!((&error["retryable"], &error["retry_after_ms"]), (&json!(false), &json!(0)));
        assert!(error["correlation_id"].as_str().unwrap().parse::<u64>().is_ok());
        assert!(error["message"].as_str().unwrap().ends_with('.'));
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
    }
}

#[tokio::test]
async fn answers_under_api_are_not_stored() {
    let edge = Edge::start().await;
    for path in ["/api/build", "/api/characters", "/api/nothing"] {
        let answer = client().get(edge.url(path)).send().await.unwrap();
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
    }
}

#[tokio::test]
async fn a_character_is_made_and_listed_with_its_id_as_text() {
    let edge = Edge::start().await;
    let token = edge.issuer.token();
    let ada = json!({ "id": "9007199254740993", "name": "Ada", "archetype": "gardener" });
    let made = post(&edge, &token, json!({ "name": "Ada", "archetype": "gardener" }).to_string()).await;
    assert_eq!(made, (201, ada.clone()));
    let listed = client().get(edge.url("/api/characters")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(parts(listed).await, (200, json!({ "characters": [ada] })));
}

#[tokio::test]
async fn a_character_that_cannot_be_made_is_refused_with_the_reason() {
    let edge = Edge::start().await;
    let token = edge.issuer.token();
    let body = |name: &str, archetype: &str| json!({ "name": name, "archetype": archetype }).to_string();
    assert_eq!(post(&edge, &token, body("Ada", "gardener")).await.0, 201);
    let refused = [
        (body("Ada", "gardener"), 409, "name_taken"),
        (body("ada", "gardener"), 422, "name_invalid"),
        (body("Berta", "dragon"), 422, "unknown_archetype"),
        (json!({ "name": "Berta", "archetype": "gardener", "admin": true }).to_string(), 400, "malformed"),
        (json!({ "name": "Berta" }).to_string(), 400, "malformed"),
        (json!({ "name": 7, "archetype": "gardener" }).to_string(), 400, "malformed"),
        (String::new(), 400, "malformed"),
        (" ".repeat(5_000), 413, "oversized"),
    ];
    for (body, status, code) in refused {
        let (got, answer) = post(&edge, &token, body.clone()).await;
        assert_eq!((got, &answer["error"]["code"]), (status, &json!(code)), "{body}");
    }
}

#[tokio::test]
async fn without_a_good_token_nothing_is_made_or_listed() {
    let edge = Edge::start().await;
    let (status, body) = get(&edge, "/api/characters").await;
    assert_eq!((status, &body["error"]["code"]), (401, &json!("token_invalid")));
    let (status, body) = post(&edge, "forged", "{}".to_owned()).await;
    assert_eq!((status, &body["error"]["code"]), (401, &json!("token_invalid")));
    assert_eq!(body["error"]["category"], "auth");
}

#[tokio::test]
async fn one_address_may_not_try_tokens_without_end() {
    let mut setup = Setup::default();
    setup.door.connects_per_address = 3;
    let edge = Edge::with(setup).await;
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(post(&edge, "forged", "{}".to_owned()).await.0);
    }
    assert_eq!(statuses[..6], [401; 6]);
    assert!(statuses.contains(&429));
}

async fn raw(edge: &Edge, request: &str) -> String {
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("it is closed").unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_handshake_must_be_one_and_come_from_where_it_may() {
    let edge = Edge::start().await;
    let handshake = |changed: &str, to: &str| {
        "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: keep-alive, Upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         origin: https://play.example\r\n\r\n"
            .replace(changed, to)
    };
    for (changed, to) in [
        ("upgrade: websocket", "upgrade: h2c"),
        ("keep-alive, Upgrade", "close"),
        ("sec-websocket-version: 13", "sec-websocket-version: 8"),
        ("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="),
    ] {
        // A refused request leaves an ordinary HTTP connection, which the next line closes.
        let answer =
            raw(&edge, &(handshake(changed, to) + "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"))
                .await;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("\"malformed\""), "{to}: {answer}");
    }
    let foreign = handshake("https://play.example", "https://evil.example");
    let answer = raw(&edge, &(foreign + "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("\"origin_refused\""), "{answer}");

    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    stream.write_all(handshake("", "").as_bytes()).await.unwrap();
    let mut answer = vec![0; 400];
    let size = stream.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..size]).to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 101"), "{answer}");
    // The answer to this key stands in RFC 6455, 1.3.
    assert!(answer.contains(&"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_ascii_lowercase()));
}

#[tokio::test]
async fn a_head_that_dribbles_in_is_cut_off() {
    let edge = Edge::start().await;
    assert_eq!(raw(&edge, "GET / HTTP/1.1\r\nhost: ").await, "");
}

fn places(total_max: usize, asking_per_address_max: usize) -> ConnectionLimits {
    ConnectionLimits { total_max, asking_per_address_max }
}

/// A connection from this address of the loopback that says nothing; whether it is closed at once is told by a read.
async fn silent(edge: &Edge, from: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(from.parse().unwrap(), 0)).unwrap();
    socket.connect(edge.address).await.unwrap()
}

#[tokio::test]
async fn one_address_cannot_take_every_connection_and_sockets_do_not_count() {
    let mut edge = Edge::with(Setup { connections: places(64, 2), ..Setup::default() }).await;
    let _sockets = [edge.join().await, edge.join().await, edge.join().await];
    let _held = [silent(&edge, "127.0.0.1").await, silent(&edge, "127.0.0.1").await];
    let mut third = silent(&edge, "127.0.0.1").await;
    let mut byte = [0];
    let read = tokio::time::timeout(HEAD_TIME / 2, third.read(&mut byte)).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))), "a third one is closed at once: {read:?}");
    let mut other = silent(&edge, "127.0.0.2").await;
    other.write_all(b"GET /api/build HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    other.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn connections_are_bounded_sockets_included() {
    let edge = Edge::with(Setup { connections: places(1, 1), ..Setup::default() }).await;
    let socket = edge.connect().await;
    assert_eq!(raw(&edge, "").await, "", "a second one is closed at once");
    drop(socket);
    let mut answer = String::new();
    for _ in 0..1_000 {
        let Ok(mut stream) = TcpStream::connect(edge.address).await else { continue };
        let request = b"GET /api/build HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        answer.clear();
        if stream.write_all(request).await.is_ok()
            && stream.read_to_string(&mut answer).await.is_ok()
            && !answer.is_empty()
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(answer.starts_with("HTTP/1.1 200"), "its place is free again");
}

#[tokio::test]
async fn a_stopping_server_accepts_nobody() {
    let edge = Edge::start().await;
    edge.stop.stop();
    let is_refused = async {
        while TcpStream::connect(edge.address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, is_refused).await.is_ok());
}

#[tokio::test]
async fn whoever_reads_no_answer_does_not_keep_a_place_for_ever() {
    let edge = Edge::with(Setup { connections: places(1, 1), ..Setup::default() }).await;
    let mut deaf = TcpStream::connect(edge.address).await.unwrap();
    let many = "GET /api/build HTTP/1.1\r\nhost: x\r\n\r\n".repeat(1_000);
    // Until the server can write no more, and therefore reads no more.
    while let Ok(written) =
        tokio::time::timeout(Duration::from_secs(1), deaf.write_all(many.as_bytes())).await
    {
        written.unwrap();
    }
    let is_served = async {
        while client().get(edge.url("/api/health/live")).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    assert!(tokio::time::timeout(2 * PATIENCE, is_served).await.is_ok());
}
