//! A stand-in for a world's server: it says what reached it, speaks in two halves, and echoes on a WebSocket.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::{SinkExt as _, StreamExt as _, stream};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

/// It stops when it is dropped.
pub(crate) struct World {
    address: SocketAddr,
    /// Lets the second half of `/halves` go.
    pub(crate) go_on: Arc<Notify>,
    task: JoinHandle<()>,
}

impl World {
    pub(crate) async fn start() -> Self {
        let go_on = Arc::new(Notify::new());
        let gate = Arc::clone(&go_on);
        let routes = Router::new()
            .route("/halves", get(async move || halves(gate)))
            .route("/ws", get(echo))
            .fallback(what_came);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { address, go_on, task }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Says what came, with headers that are for the next machine alone.
async fn what_came(request: Request) -> Response {
    let headers: Map<String, Value> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), json!(value.to_str().unwrap())))
        .collect();
    let (method, uri) = (request.method().to_string(), request.uri().to_string());
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let came =
        json!({ "method": method, "uri": uri, "headers": headers, "body": String::from_utf8_lossy(&body) });
    let hop = [("connection", "x-hop"), ("x-hop", "1"), ("keep-alive", "timeout=9"), ("x-kept", "1")];
    (hop, Json(came)).into_response()
}

fn halves(gate: Arc<Notify>) -> Response {
    let second = async move {
        gate.notified().await;
        Ok::<_, std::io::Error>(Bytes::from_static(b"second"))
    };
    let first = stream::once(async { Ok(Bytes::from_static(b"first")) });
    Body::from_stream(first.chain(stream::once(second))).into_response()
}

/// Echoes until it is told `go`, and then leaves.
async fn echo(mut request: Request) -> Response {
    let key = request.headers()[SEC_WEBSOCKET_KEY].clone();
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let stream = TokioIo::new(upgraded.await.unwrap());
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
        while let Some(Ok(message)) = socket.next().await {
            if message.to_text().is_ok_and(|text| text == "go") {
                break;
            }
            socket.send(message).await.unwrap();
        }
    });
    let headers = [
        (CONNECTION, HeaderValue::from_static("upgrade")),
        (UPGRADE, HeaderValue::from_static("websocket")),
        (SEC_WEBSOCKET_ACCEPT, HeaderValue::try_from(derive_accept_key(key.as_bytes())).unwrap()),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}
