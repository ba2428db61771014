//! Ports for servers that come back at the same address.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Result, bail};

/// Below the ports that the kernel gives to outgoing connections, so that none of them takes a port between two
/// starts of a server.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// The origins that a browser of this machine may know the pages of a port of loopback by: people type either.
#[must_use]
pub fn loopback_origins(port: u16) -> [String; 2] {
    ["127.0.0.1", "localhost"].map(|host| format!("http://{host}:{port}"))
}

/// A port of loopback that nobody listens on.
///
/// # Errors
/// Where none is found.
pub fn free_port() -> Result<SocketAddr> {
    for _ in 0..1000 {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, rand::random_range(PORTS)));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no free port between {} and {}", PORTS.start, PORTS.end)
}
