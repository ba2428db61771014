//! The players' port: the page, health, the build, characters, and the way to the socket.
//!
//! Every refusal has the one shape of [`error`]; every answer under `/api` is the caller's alone and never stored on the
//! way. What is the same for everybody is the [`site`]'s. [`listen`] accepts the connections. [`staff`] is the other port,
//! for operators.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use holdfast_protocol::Code;
use tokio::sync::OwnedSemaphorePermit;

use crate::clock;
use crate::socket::{Sockets, upgrade};

pub mod characters;
pub mod error;
pub mod listen;
pub mod liveness;
pub mod readiness;
pub mod site;
pub mod staff;

use characters::CharacterStore;
use error::ApiError;
use liveness::Pulse;
use readiness::Readiness;
use site::Site;

/// Keeps other sites' pages from loading anything of ours, as images or scripts.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What the routes of the players' port share.
#[derive(Clone)]
pub struct PlayerPort {
    /// The sockets, with the build and the authentication that HTTP uses as well.
    pub sockets: Arc<Sockets>,
    /// Where characters are made.
    pub characters: Arc<dyn CharacterStore>,
    /// Whether the world can be played.
    pub readiness: Readiness,
    /// Whether the world's thread lives.
    pub pulse: Pulse,
    /// What is served to everybody.
    pub site: Arc<Site>,
}

/// Who is at the other end of a connection, as the listener saw it.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Their address.
    pub address: SocketAddr,
    /// The place that the connection takes up. A socket holds on to it when the HTTP connection that it was has
    /// ended.
    pub place: Arc<OwnedSemaphorePermit>,
}

/// The routes of the players' port. Each request must carry its [`Peer`]; [`listen::serve`] sees to it.
pub fn router(port: PlayerPort) -> Router {
    Router::new()
        .route("/api/health/live", get(live))
        .route("/api/health/ready", get(ready))
        .route("/api/build", get(build))
        .route("/api/world", get(world))
        .route("/api/characters", get(characters::list).post(characters::create))
        .route("/ws", get(open_socket))
        .fallback(file_or_nothing)
        .method_not_allowed_fallback(nothing_to_do_here)
        .layer(map_response(security_headers))
        .with_state(port)
}

async fn live(State(port): State<PlayerPort>) -> Response {
    let (status, name) = if port.pulse.is_well(clock::now()) {
        (StatusCode::OK, "live")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "hung")
    };
    json(status, &serde_json::json!({ "status": name }))
}

async fn ready(State(port): State<PlayerPort>) -> Response {
    let state = port.readiness.get();
    let status = if state.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(status, &serde_json::json!({ "status": state.name() }))
}

async fn build(State(port): State<PlayerPort>) -> Response {
    json(StatusCode::OK, &serde_json::json!({ "build": port.sockets.build.to_string() }))
}

async fn open_socket(
    State(port): State<PlayerPort>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    upgrade::upgrade(&port.sockets, peer, request)
}

async fn world(State(port): State<PlayerPort>) -> Response {
    port.site.world(port.sockets.auth.endpoints())
}

async fn file_or_nothing(State(port): State<PlayerPort>, request: Request) -> Response {
    port.site.answer(request.method(), request.uri().path(), request.headers())
}

async fn nothing_to_do_here() -> Response {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, Code::NOT_FOUND, 0).into_response()
}

async fn security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// An answer in JSON: the caller's alone, and true only now.
fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, body.to_string()).into_response()
}
