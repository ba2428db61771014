//! Connections for those who do not keep up: the kernel keeps little for them, so that the server notices soon.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use holdfast_client::Connection;
use tokio::net::TcpSocket;

/// How much the kernel is asked to keep for a connection that nobody reads, in bytes.
const RECEIVE_BUFFER_BYTES: u32 = 8 * 1024;

/// Connects to the world at `address`, which names an IPv4 address and a port.
pub(crate) async fn open(address: &str) -> Result<Connection> {
    let to: SocketAddr = address
        .trim_start_matches("ws://")
        .trim_end_matches("/ws")
        .parse()
        .with_context(|| format!("{address} has no port"))?;
    let socket = TcpSocket::new_v4()?;
    // Before it connects: the other end is told how much may be under way.
    socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
    let stream = socket.connect(to).await?;
    Ok(Connection::upgrade(stream, address).await?)
}
