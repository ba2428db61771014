//! The listener of the players' port, with the limits in time and in number that axum's own server does not have.

mod askers;

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustix::net::sockopt;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Peer;
use crate::shutdown::Stop;
use askers::{Asker, Askers};

/// From a connection, or an answer, to the end of the next request's head. Somebody who dribbles a byte a second is
/// cut off here.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// How long a connection may ask before it is told to come anew. What it has asked by then is answered.
const ASKING_TIME: Duration = Duration::from_secs(10);
/// How long those last answers may take. Somebody who does not read them is cut off here.
const LAST_ANSWERS_TIME: Duration = Duration::from_secs(15);
/// The most bytes of a head: what a token and a browser's headers need, twice.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// What the kernel may hold back for one connection. More would only be stale when it is read: what is newer waits in
/// the front, and coalesces there.
const SEND_BUFFER_BYTES: usize = 128 * 1024;
/// How much of that may be waiting to be sent at all. What is beyond it is not taken from us yet, so that a reader which is
/// slow gets what is true when its turn comes, and not a queue of what was.
const UNSENT_BYTES_MAX: u32 = 16 * 1024;
/// For how long a client's machine may acknowledge nothing, in milliseconds.
const UNACKNOWLEDGED_MS_MAX: u32 = 10_000;
/// The wait after a failed accept, which means that descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How many connections may be open at once. Beyond either, a new one is closed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// In all, those upgraded to sockets included.
    pub total_max: usize,
    /// Of one address, those that are no sockets (yet); an IPv6 address counts by its /64.
    pub asking_per_address_max: usize,
}

/// Accepts connections until the server is to stop.
///
/// When this comes back, nothing new is accepted; what is open goes on, and ends with whoever holds it.
pub async fn serve(listener: TcpListener, router: Router, limits: ConnectionLimits, mut stop: Stop) {
    let places = Arc::new(Semaphore::new(limits.total_max.min(Semaphore::MAX_PERMITS)));
    let askers = Askers::new(limits.asking_per_address_max);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.requested() => return,
        };
        match accepted {
            Ok((stream, address)) => {
                let Ok(place) = places.clone().try_acquire_owned() else {
                    tracing::debug!("every connection is taken: a new one is closed");
                    continue;
                };
                let Some(asker) = askers.count(address.ip()) else {
                    tracing::debug!("one address has its share of the connections: a new one is closed");
                    continue;
                };
                let peer = Peer { address, place: Arc::new(place) };
                tokio::spawn(attend(stream, peer, asker, router.clone()));
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection cannot be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn attend(stream: TcpStream, peer: Peer, _asker: Asker, router: Router) {
    if let Err(error) = converse(stream, peer, router).await {
        tracing::debug!(error = &*error, "a connection ended badly");
    }
}

/// Keeps the kernel from holding back what is new, or on to what is old.
fn tune(stream: &TcpStream) -> io::Result<()> {
    // A frame is written whole, and somebody waits for it: nothing is gained by holding it back.
    stream.set_nodelay(true)?;
    sockopt::set_socket_send_buffer_size(stream, SEND_BUFFER_BYTES)?;
    sockopt::set_tcp_user_timeout(stream, UNACKNOWLEDGED_MS_MAX)?;
    SockRef::from(stream).set_tcp_notsent_lowat(UNSENT_BYTES_MAX)
}

async fn converse(
    stream: TcpStream,
    peer: Peer,
    router: Router,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    tune(&stream)?;
    let routes = TowerToHyperService::new(router);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        routes.call(request.map(Body::new))
    });
    // Comes back also when the connection has become a socket, which then has limits of its own.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_kernel_keeps_little_of_what_is_written_and_not_for_long() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (stream, _client) = (accepted.unwrap().0, client.unwrap());
        tune(&stream).unwrap();
        let options = SockRef::from(&stream);
        assert!(stream.nodelay().unwrap());
        assert_eq!(options.tcp_notsent_lowat().unwrap(), 16 * 1024);
        assert_eq!(options.tcp_user_timeout().unwrap(), Some(Duration::from_secs(10)));
        // Linux doubles what is asked for, for what it needs itself.
        assert!(options.send_buffer_size().unwrap() <= 2 * 128 * 1024);
    }
}
