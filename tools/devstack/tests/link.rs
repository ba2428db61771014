//! Each harm does to a connection what it says, and nothing to the others.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use holdfast_devstack::{Harm, Link};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Long enough for whatever is to happen at once.
const SOON: Duration = Duration::from_secs(10);

/// Long enough to see that nothing happens.
const A_WHILE: Duration = Duration::from_millis(200);

/// How long a harm lasts that passes: also on a busy machine it is still there when it is looked at.
const LASTING: Duration = Duration::from_secs(1);

/// A server that says back what it hears, and how each of its connections ended: none where it was in order.
struct Echo {
    link: Link,
    ends: mpsc::UnboundedReceiver<Option<ErrorKind>>,
}

impl Echo {
    async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let link = Link::start(listener.local_addr().unwrap()).unwrap();
        let (ended, ends) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut player, _)) = listener.accept().await {
                let ended = ended.clone();
                tokio::spawn(async move {
                    let (mut from, mut to) = player.split();
                    let end = tokio::io::copy(&mut from, &mut to).await;
                    let _ = ended.send(end.err().map(|error| error.kind()));
                });
            }
        });
        Self { link, ends }
    }

    /// A player who has been heard, and so is among the link's connections.
    async fn player(&self) -> TcpStream {
        let mut player = TcpStream::connect(self.link.address()).await.unwrap();
        assert_echoes(&mut player).await;
        player
    }

    async fn next_end(&mut self) -> Option<ErrorKind> {
        timeout(SOON, self.ends.recv()).await.unwrap().unwrap()
    }
}

async fn assert_echoes(player: &mut TcpStream) {
    player.write_all(b"hello").await.unwrap();
    assert_eq!(heard(player, 5).await, b"hello");
}

async fn heard(player: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut heard = vec![0; count];
    timeout(SOON, player.read_exact(&mut heard)).await.unwrap().unwrap();
    heard
}

/// How a connection ends on which nothing comes any more: none where that is in order.
async fn end(player: &mut TcpStream) -> Option<ErrorKind> {
    match timeout(SOON, player.read_u8()).await.unwrap().unwrap_err().kind() {
        ErrorKind::UnexpectedEof => None,
        other => Some(other),
    }
}

async fn assert_silent(player: &mut TcpStream) {
    assert!(timeout(A_WHILE, player.read_u8()).await.is_err(), "nothing comes, not even an end");
}

#[tokio::test]
async fn an_unharmed_link_carries_everything_in_its_order() {
    let mut echo = Echo::start().await;
    let (mut from, mut to) = echo.player().await.into_split();
    let said: Vec<u8> = (0..1_000_000_u32).map(|number| (number % 251) as u8).collect();
    let told = said.clone();
    tokio::spawn(async move {
        to.write_all(&told).await.unwrap();
        to.shutdown().await.unwrap();
    });
    let mut heard = Vec::new();
    timeout(SOON, from.read_to_end(&mut heard)).await.unwrap().unwrap();
    assert!(heard == said, "and its end is an end");
    assert_eq!(echo.next_end().await, None);
    timeout(SOON, async {
        while echo.link.connected_count() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn closing_ends_both_sides_in_order() {
    let mut echo = Echo::start().await;
    let mut player = echo.player().await;
    assert_eq!(echo.link.strike(Harm::Close, 1, 0), 1);
    assert_eq!(echo.link.connected_count(), 0);
    assert_eq!(end(&mut player).await, None);
    assert_eq!(echo.next_end().await, None);
}

#[tokio::test]
async fn a_reset_is_one_for_both_sides() {
    let mut echo = Echo::start().await;
    let mut player = echo.player().await;
    assert_eq!(echo.link.strike(Harm::Reset, 1, 0), 1);
    assert_eq!(end(&mut player).await, Some(ErrorKind::ConnectionReset));
    assert_eq!(echo.next_end().await, Some(ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn a_half_open_connection_carries_nothing_and_ends_with_the_side_that_gives_up() {
    let mut echo = Echo::start().await;
    let mut player = echo.player().await;
    assert_eq!(echo.link.strike(Harm::HalfOpen, 1, 0), 1);
    player.write_all(b"hello?").await.unwrap();
    assert_silent(&mut player).await;
    assert!(echo.ends.try_recv().is_err(), "the server knows nothing either");
    drop(player);
    assert_eq!(echo.next_end().await, None);
}

#[tokio::test]
async fn what_dribbles_comes_slowly_and_in_order_and_then_fast_again() {
    let echo = Echo::start().await;
    let mut player = echo.player().await;
    assert_eq!(echo.link.strike(Harm::Dribble(LASTING), 1, 0), 1);
    let said: Vec<u8> = (0..10_000_u32).map(|number| (number % 251) as u8).collect();
    let start = Instant::now();
    player.write_all(&said).await.unwrap();
    assert_eq!(heard(&mut player, 20).await, said[..20]);
    assert!(start.elapsed() >= Duration::from_millis(60), "each of 20 bytes waits for its turn");
    assert_eq!(heard(&mut player, said.len() - 20).await, said[20..]);
    assert!(start.elapsed() >= LASTING && start.elapsed() < SOON, "10,000 would take half a minute");
}

#[tokio::test]
async fn what_stalls_goes_on_where_it_stood() {
    let echo = Echo::start().await;
    let mut player = echo.player().await;
    let start = Instant::now();
    assert_eq!(echo.link.strike(Harm::Stall(LASTING), 1, 0), 1);
    player.write_all(b"hello?").await.unwrap();
    assert_silent(&mut player).await;
    assert_eq!(heard(&mut player, 6).await, b"hello?");
    assert!(start.elapsed() >= LASTING);
    assert_echoes(&mut player).await;
    assert_eq!(echo.link.connected_count(), 1, "it is still the same one");
}

#[tokio::test]
async fn a_lot_always_chooses_the_same_ones_and_leaves_the_others_alone() {
    let mut chosen = Vec::new();
    for lot in [7, 7, 8] {
        let echo = Echo::start().await;
        let mut players = Vec::new();
        for _ in 0..16 {
            players.push(echo.player().await);
        }
        assert_eq!(echo.link.strike(Harm::Close, 5, lot), 5);
        assert_eq!(echo.link.connected_count(), 11);
        let mut closed = Vec::new();
        for (number, player) in players.iter_mut().enumerate() {
            let _ = player.write_all(b"hello").await;
            let answer = timeout(SOON, player.read_exact(&mut [0; 5])).await.unwrap();
            if answer.is_err() {
                closed.push(number);
            }
        }
        assert_eq!(closed.len(), 5);
        chosen.push(closed);
        assert_eq!(echo.link.strike(Harm::Stall(A_WHILE), 100, lot), 11, "no more than there are");
    }
    assert_eq!(chosen[0], chosen[1]);
    assert_ne!(chosen[0], chosen[2]);
}

#[tokio::test]
async fn a_server_that_does_not_read_is_felt_by_the_player() {
    /// Far more than the kernel keeps for two sockets.
    const BYTES_MAX: usize = 64 * 1024 * 1024;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let link = Link::start(listener.local_addr().unwrap()).unwrap();
    let mut player = TcpStream::connect(link.address()).await.unwrap();
    let (_server, _) = listener.accept().await.unwrap();
    let (some, mut written) = (vec![0; 64 * 1024], 0);
    while let Ok(count) = timeout(A_WHILE, player.write(&some)).await {
        written += count.unwrap();
        assert!(written < BYTES_MAX, "somebody keeps what nobody reads");
    }
}

#[tokio::test]
async fn a_link_outlives_its_server_and_its_connections_do_not_outlive_it() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let to = listener.local_addr().unwrap();
    let link = Link::start(to).unwrap();
    drop(listener);
    let mut early = TcpStream::connect(link.address()).await.unwrap();
    assert_eq!(end(&mut early).await, None, "nobody is there");
    let listener = TcpListener::bind(to).await.unwrap();
    let mut player = TcpStream::connect(link.address()).await.unwrap();
    let (mut server, _) = listener.accept().await.unwrap();
    server.write_all(b"hello").await.unwrap();
    assert_eq!(heard(&mut player, 5).await, b"hello");
    drop(link);
    assert_eq!(end(&mut player).await, None);
    assert_eq!(end(&mut server).await, None);
}
