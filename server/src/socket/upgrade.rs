//! From an HTTP request to a WebSocket: the handshake of RFC 6455, by hand, since it is a dozen lines and the
//! refusals are to be ours.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use holdfast_protocol::Code;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{Sockets, connection};
use crate::clock;
use crate::http::Peer;
use crate::http::error::ApiError;

/// Answers an upgrade request. The socket lives on in a task of its own.
pub fn upgrade(sockets: &Arc<Sockets>, peer: Peer, mut request: Request) -> Response {
    let accept = match check(sockets, &request) {
        Ok(accept) => accept,
        Err(refused) => return refused.into_response(),
    };
    let Some(admitted) = sockets.admission.admit(peer.address.ip(), clock::now()) else {
        return ApiError::new(StatusCode::TOO_MANY_REQUESTS, Code::TOO_MANY_CONNECTIONS, 1_000)
            .into_response();
    };
    let upgraded = hyper::upgrade::on(&mut request);
    let sockets = sockets.clone();
    tokio::spawn(async move {
        // A peer that goes away between request and answer leaves nothing behind.
        if let Ok(stream) = upgraded.await {
            connection::run(TokioIo::new(stream), sockets, admitted).await;
        }
        drop(peer.place);
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

/// The accept key, where this is a WebSocket handshake from somebody who may connect.
fn check(sockets: &Sockets, request: &Request) -> Result<HeaderValue, ApiError> {
    let headers = request.headers();
    let is_handshake = request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && has_word(headers, header::CONNECTION, "upgrade")
        && has_word(headers, header::UPGRADE, "websocket")
        && headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let malformed = || ApiError::new(StatusCode::BAD_REQUEST, Code::MALFORMED, 0);
    if !is_handshake {
        return Err(malformed());
    }
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .filter(|key| STANDARD.decode(key.as_bytes()).is_ok_and(|bytes| bytes.len() == 16))
        .ok_or_else(malformed)?;
    if !sockets.door.admits(origin(headers)) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, Code::ORIGIN_REFUSED, 0));
    }
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).map_err(|_| malformed())
}

/// The request's Origin; one that cannot be read, or is named twice, is nobody's.
fn origin(headers: &HeaderMap) -> Option<&str> {
    let mut named = headers.get_all(header::ORIGIN).iter();
    match (named.next(), named.next()) {
        (None, _) => None,
        (Some(origin), None) => Some(origin.to_str().unwrap_or("")),
        (Some(_), Some(_)) => Some(""),
    }
}

/// Whether a header that lists words names this one.
fn has_word(headers: &HeaderMap, name: header::HeaderName, word: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|listed| listed.trim().eq_ignore_ascii_case(word))
}
