//! One request: to the sign-in or to the world, whichever it belongs to, and the answer back. Bodies are handed on as
//! they come, in both directions, and nothing is kept.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::body::Body;
use axum::http::header::{CONNECTION, HOST, UPGRADE};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::listener::Place;
use super::{CERTIFICATE_PATH, SIGN_IN_PATH, Shared, answer, headers, tunnel};

/// How long a program on this machine may take to accept a connection.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// From a request's head to the answer's head, with the request's body in between.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Answers a request. A WebSocket that comes of it holds on to `place`.
pub(super) async fn forward(
    shared: &Shared,
    request: Request<Incoming>,
    place: &Arc<Place>,
) -> Response<Body> {
    let Some(path) = request.uri().path_and_query().cloned().filter(|path| path.as_str().starts_with('/'))
    else {
        return answer::refused(StatusCode::BAD_REQUEST);
    };
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_read && path.path() == CERTIFICATE_PATH {
        return answer::certificate(&shared.authority);
    }
    // Pages of one origin sign in; whoever typed another name of ours belongs there.
    let is_main = request.headers().get(HOST).is_some_and(|host| host == shared.host.as_str());
    if is_read && path.path() == "/" && !is_main {
        return answer::elsewhere(&shared.url(path.as_str()));
    }
    let is_sign_in =
        path.path().strip_prefix(SIGN_IN_PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let target = if is_sign_in { shared.sign_in() } else { shared.world() };
    let reader = answer::Reader::of(&request);
    let answered = async {
        let target = target.context("nobody has said where it is")?;
        send(shared, request, path, target, place).await
    };
    match answered.await {
        Ok(response) => response,
        Err(error) => {
            tracing::debug!("a request could not be forwarded: {error:#}");
            answer::not_there(reader)
        }
    }
}

async fn send(
    shared: &Shared,
    mut request: Request<Incoming>,
    path: PathAndQuery,
    target: SocketAddr,
    place: &Arc<Place>,
) -> Result<Response<Body>> {
    let becomes_websocket = headers::asks_for_websocket(request.headers());
    let phone = becomes_websocket.then(|| hyper::upgrade::on(&mut request));
    *request.uri_mut() = Uri::from(path);
    *request.version_mut() = Version::HTTP_11;
    headers::clean_request(request.headers_mut());
    if becomes_websocket {
        request.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
        request.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    }

    // A connection for each request: on this machine it costs next to nothing, and none can be stale.
    let stream = timeout(CONNECT_TIME, TcpStream::connect(target)).await??;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut stop = shared.stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            // How it ended is told to whoever waits for the answer.
            _ = connection.with_upgrades() => {}
            _ = stop.changed() => {}
        }
    });
    let mut response = timeout(ANSWER_TIME, sender.send_request(request)).await??;
    let world =
        (response.status() == StatusCode::SWITCHING_PROTOCOLS).then(|| hyper::upgrade::on(&mut response));
    headers::clean_response(response.headers_mut());
    match (phone, world) {
        (Some(phone), Some(world)) => {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
            response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
            tokio::spawn(tunnel::run(phone, world, shared.stop.clone(), Arc::clone(place)));
            Ok(response.map(|_| Body::empty()))
        }
        (None, Some(_)) => anyhow::bail!("it answered with an upgrade that nobody asked for"),
        (_, None) => Ok(response.map(Body::new)),
    }
}
