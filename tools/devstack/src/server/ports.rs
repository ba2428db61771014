//! Ports for servers that come back at the same address.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Context as _, Result, ensure};

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
    free_ports(1)?.pop().context("one was asked for")
}

/// So many ports of loopback that nobody listens on, each another one.
///
/// # Errors
/// Where they are not found.
pub fn free_ports(count: usize) -> Result<Vec<SocketAddr>> {
    // Held until all are found, so that none is found twice.
    let mut held = Vec::with_capacity(count);
    for _ in 0..count + 1000 {
        if held.len() == count {
            break;
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, rand::random_range(PORTS)));
        held.extend(TcpListener::bind(address));
    }
    ensure!(held.len() == count, "no {count} free ports between {} and {}", PORTS.start, PORTS.end);
    held.iter().map(|listener| Ok(listener.local_addr()?)).collect()
}
