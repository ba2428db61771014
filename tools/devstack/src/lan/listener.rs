//! Accepts connections, with limits on how many there are and how long they take, and ends TLS. Somebody who comes
//! without it is sent to the same place with it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::net::sockopt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;

use super::identity::Identity;
use super::{Shared, answer, forward};

/// The most connections at once, WebSockets included. A further one is closed at once.
pub(super) const CONNECTIONS_MAX: usize = 256;
/// The most of them from one address: several tabs of a few browsers. A further one is closed at once.
const CONNECTIONS_PER_ADDRESS_MAX: usize = 48;
/// How long somebody may take to say the first byte.
const FIRST_BYTE_TIME: Duration = Duration::from_secs(5);
/// How long a handshake may take. Nobody waits for a person in it: a browser that asks about the certificate has ended
/// the connection, and comes anew.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// From a connection, or an answer, to the end of the next request's head.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// The most bytes of a head, as the world's server has it.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// How long a connection may ask before it is told to come anew. What it has asked by then is answered.
const ASKING_TIME: Duration = Duration::from_secs(60);
/// How long those last answers may take.
const LAST_ANSWERS_TIME: Duration = Duration::from_secs(40);
/// What the kernel may hold back for one connection, as the world's server has it: more would only be stale when it
/// is read.
const SEND_BUFFER_BYTES: usize = 128 * 1024;
/// For how long somebody's machine may acknowledge nothing, in milliseconds.
const UNACKNOWLEDGED_MS_MAX: u32 = 15_000;
/// The wait after a failed accept, which means that descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// The first byte of a TLS connection; no HTTP request begins with it.
const TLS_HANDSHAKE: u8 = 22;

/// TLS as this identity. Only HTTP/1.1 is spoken: WebSockets need it, and so does the world's server.
pub(super) fn tls(identity: &Identity) -> Result<TlsAcceptor> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .context("prepare TLS")?
        .with_no_client_auth()
        .with_single_cert(identity.chain()?, identity.key()?)
        .context("use our own certificate")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Accepts connections until it is dropped, and they with it. Without `tls` it only sends people to where that is.
pub(super) async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, peer)) => {
                let Some(place) = shared.places.take(peer.ip().to_canonical()) else { continue };
                connections.spawn(attend(stream, tls.clone(), Arc::clone(&shared), Arc::new(place)));
            }
            Err(error) => {
                tracing::warn!("a connection cannot be accepted: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn attend(stream: TcpStream, tls: Option<TlsAcceptor>, shared: Arc<Shared>, place: Arc<Place>) {
    if let Err(error) = converse(stream, tls, shared, place).await {
        tracing::debug!("a connection ended badly: {error:#}");
    }
}

async fn converse(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    place: Arc<Place>,
) -> Result<()> {
    stream.set_nodelay(true)?;
    sockopt::set_socket_send_buffer_size(&stream, SEND_BUFFER_BYTES)?;
    sockopt::set_tcp_user_timeout(&stream, UNACKNOWLEDGED_MS_MAX)?;
    let mut first = [0];
    if timeout(FIRST_BYTE_TIME, stream.peek(&mut first)).await?? == 0 {
        return Ok(());
    }
    if let Some(tls) = tls.filter(|_| first[0] == TLS_HANDSHAKE) {
        let stream = timeout(HANDSHAKE_TIME, tls.accept(stream)).await??;
        let handle = async move |request| forward::forward(&shared, request, &place).await;
        serve(stream, handle).await
    } else {
        serve(stream, async move |request: Request<Incoming>| answer::with_tls(&shared, request.uri())).await
    }
}

/// Answers requests until the other side leaves, becomes a WebSocket, or has asked for long enough.
async fn serve<S, H>(stream: S, handle: H) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: AsyncFn(Request<Incoming>) -> Response<Body>,
{
    let handle = &handle;
    let service = service_fn(async move |request| Ok::<_, std::convert::Infallible>(handle(request).await));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    if let Ok(ended) = timeout(ASKING_TIME, connection.as_mut()).await {
        return Ok(ended?);
    }
    connection.as_mut().graceful_shutdown();
    Ok(timeout(LAST_ANSWERS_TIME, connection).await??)
}

/// How many connections there are, by address.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection's place, free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    address: IpAddr,
}

impl Places {
    fn take(&self, address: IpAddr) -> Option<Place> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let by_address = taken.get(&address).copied().unwrap_or_default();
        if taken.values().sum::<usize>() >= CONNECTIONS_MAX || by_address >= CONNECTIONS_PER_ADDRESS_MAX {
            return None;
        }
        taken.insert(address, by_address + 1);
        Some(Place { places: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_in_all_and_by_address_and_come_back() {
        let places = Places::default();
        let address = |number: usize| IpAddr::from([10, 0, 0, u8::try_from(number).unwrap()]);
        let mut mine: Vec<Place> = std::iter::from_fn(|| places.take(address(0))).collect();
        assert_eq!(mine.len(), CONNECTIONS_PER_ADDRESS_MAX);
        mine.pop();
        assert!(places.take(address(0)).is_some());
        drop(mine);
        let all: Vec<Place> =
            (0..CONNECTIONS_MAX + 9).filter_map(|number| places.take(address(number % 20))).collect();
        assert_eq!(all.len(), CONNECTIONS_MAX);
        drop(all);
        assert!(places.0.lock().unwrap().is_empty());
    }
}
