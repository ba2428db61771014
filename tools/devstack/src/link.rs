//! A link: what players pass through on their way to one server, so that the network between them can be harmed.
//!
//! It carries bytes and knows nothing of what they say. It keeps little in either direction, so that a player who does
//! not read is felt by the server as it would be without the link.

mod connection;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::index;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep};

use crate::background;

/// How many connections a link carries; further ones are closed as they come. Those count that are half open.
const CONNECTIONS_MAX: usize = 10_000;

/// How long nobody is let in where the kernel has no room for more.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// What can be done to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// Both sides are told that it has ended, in order (FIN).
    Close,
    /// Both sides find it reset (RST).
    Reset,
    /// Each side vanishes for the other: nothing passes any more, and nothing is closed until one of them gives up, or
    /// for five minutes.
    HalfOpen,
    /// For so long one byte passes at a time, a few milliseconds apart, in both directions.
    Dribble(Duration),
    /// Nothing passes for so long, then everything goes on.
    Stall(Duration),
}

impl Harm {
    /// Whether the connection carries nothing any more.
    fn is_fatal(self) -> bool {
        matches!(self, Self::Close | Self::Reset | Self::HalfOpen)
    }
}

/// A harm and when it was done.
type Blow = (Harm, Instant);

/// A link. It has its address also while its server is down: then whoever comes finds the connection closed.
/// Connections through it end when it is dropped.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    open: Arc<Open>,
    listener: JoinHandle<()>,
}

impl Link {
    /// Starts to carry connections to the server at `to`, from any free port of the loopback.
    ///
    /// # Errors
    /// Where no port can be had.
    pub fn start(to: SocketAddr) -> Result<Self> {
        let runtime = background::handle()?;
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).context("find a port for a link")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let _inside = runtime.enter();
        let listener = TcpListener::from_std(listener)?;
        let open = Arc::default();
        let listener = runtime.spawn(accept(listener, to, Arc::clone(&open)));
        Ok(Self { address, open, listener })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its server's WebSocket, through it.
    #[must_use]
    pub fn ws_url(&self) -> String {
        format!("ws://{}/ws", self.address)
    }

    /// How many connections it carries. Those that are half open count no more.
    #[must_use]
    pub fn connected_count(&self) -> usize {
        self.open.blows().of.len()
    }

    /// Does `harm` to `count` of the connections that it carries, or to all where they are fewer, and says to how many.
    /// The same `lot` chooses the same ones, in the order of their opening. A harm that ends takes the place of one that
    /// has not ended yet.
    pub fn strike(&self, harm: Harm, count: usize, lot: u64) -> usize {
        let mut blows = self.open.blows();
        let numbers: Vec<u64> = blows.of.keys().copied().collect();
        let struck = index::sample(&mut StdRng::seed_from_u64(lot), numbers.len(), count.min(numbers.len()));
        let blow = Some((harm, Instant::now()));
        for number in struck.iter().map(|place| numbers[place]) {
            if let Some(connection) = blows.of.get(&number) {
                connection.send_replace(blow);
            }
            if harm.is_fatal() {
                blows.of.remove(&number);
            }
        }
        struck.len()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // Its connections go with it.
        self.listener.abort();
    }
}

/// The connections that a link carries.
#[derive(Debug, Default)]
struct Open(Mutex<Blows>);

#[derive(Debug, Default)]
struct Blows {
    /// How each connection, by its number, hears of what is done to it.
    of: BTreeMap<u64, watch::Sender<Option<Blow>>>,
    /// The number of the next one.
    next: u64,
}

impl Open {
    fn blows(&self) -> MutexGuard<'_, Blows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a new connection, for as long as its place is kept.
    fn enter(self: Arc<Self>) -> (Place, watch::Receiver<Option<Blow>>) {
        let (sender, receiver) = watch::channel(None);
        let mut blows = self.blows();
        let number = blows.next;
        blows.next += 1;
        blows.of.insert(number, sender);
        drop(blows);
        (Place { open: self, number }, receiver)
    }
}

/// A connection's place among the open ones.
struct Place {
    open: Arc<Open>,
    number: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.blows().of.remove(&self.number);
    }
}

async fn accept(listener: TcpListener, to: SocketAddr, open: Arc<Open>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((player, _)) if connections.len() < CONNECTIONS_MAX => {
                    connections.spawn(carry(player, to, Arc::clone(&open)));
                }
                Ok(_) => {}
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn carry(player: TcpStream, to: SocketAddr, open: Arc<Open>) {
    // Whoever comes while the server is down goes away again.
    let Ok(server) = TcpStream::connect(to).await else { return };
    let (_place, blows) = open.enter();
    if let Err(error) = connection::carry(player, server, blows).await {
        tracing::debug!("a connection through a link ended: {error}");
    }
}
