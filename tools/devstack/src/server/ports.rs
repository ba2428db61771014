//! Ports for servers that come back at the same address.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Result, bail};

/// Below the ports that the kernel gives to outgoing connections, so that none of them takes a port between two
/// starts of a server.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// Two ports of loopback that nobody listens on.
///
/// # Errors
/// Where none is found.
pub(super) fn free_ports() -> Result<[SocketAddr; 2]> {
    let mut held = Vec::new();
    for _ in 0..1000 {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, rand::random_range(PORTS)));
        if let Ok(listener) = TcpListener::bind(address) {
            held.push((address, listener));
        }
        if let [(first, _), (second, _)] = held.as_slice() {
            return Ok([*first, *second]);
        }
    }
    bail!("no free port between {} and {}", PORTS.start, PORTS.end)
}
