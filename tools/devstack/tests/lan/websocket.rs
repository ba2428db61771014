//! WebSockets through the front.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::*;

/// How long an end may take to be noticed.
const NOTICED: Duration = Duration::from_secs(20);

async fn connect(front: &LanFront) -> WebSocketStream<TlsStream<TcpStream>> {
    let url = format!("wss://{}/ws", address(front));
    client_async(url, tls(front).await).await.unwrap().0
}

async fn ends(mut socket: WebSocketStream<TlsStream<TcpStream>>) {
    let all = async { while let Some(Ok(_)) = socket.next().await {} };
    timeout(NOTICED, all).await.unwrap();
}

#[tokio::test]
async fn every_byte_is_echoed() {
    let setup = setup().await;
    let front = &setup.front;
    let mut socket = connect(front).await;
    for size in [0, 1, 125, 70_000, 1_000_000] {
        let message = Message::binary(vec![7; size]);
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
}

#[tokio::test]
async fn it_ends_when_the_world_leaves() {
    let setup = setup().await;
    let front = &setup.front;
    let mut socket = connect(front).await;
    socket.send(Message::text("go")).await.unwrap();
    ends(socket).await;
}

#[tokio::test]
async fn it_ends_with_the_front_and_the_port_is_free_again() {
    let Setup { front, world: _world, folder: _folder } = setup().await;
    let (mut socket, at) = (connect(&front).await, address(&front));
    socket.send(Message::text("hello")).await.unwrap();
    socket.next().await.unwrap().unwrap();
    drop(front);
    ends(socket).await;
    // The listener ends on a thread of its own, a moment later.
    let refused = async {
        while TcpStream::connect(at).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(30), refused).await.expect("the port is free again");
}
