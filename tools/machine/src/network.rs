//! Which addresses this machine has on its networks, and which of them others are told.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use anyhow::{Context as _, Result, bail, ensure};

/// Networks that reach nobody but this machine's own containers and virtual machines.
const INWARD: &[&str] = &["br-", "docker", "lxc", "veth", "virbr"];

/// Where others find this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The one that they are told.
    pub main: IpAddr,
    /// Those that would do as well, for people of another network. Sorted.
    pub others: Vec<IpAddr>,
    /// Where to listen for them: on all networks, or at the one address that somebody has chosen.
    pub listen: IpAddr,
}

impl Addresses {
    /// The machine's addresses as they are now, with `wanted` as the main one, or that from which it reaches the rest
    /// of the world.
    ///
    /// IPv6 counts only where there is nothing else: these addresses change by the day, and nobody can type them.
    ///
    /// # Errors
    /// Where the machine is on no network, or `wanted` is not one of its addresses; one sentence each.
    pub fn find(wanted: Option<IpAddr>) -> Result<Self> {
        let found = if_addrs::get_if_addrs().context("list this machine's network addresses")?;
        let outward = |name: &str| !INWARD.iter().any(|inward| name.starts_with(inward));
        let usable = found.iter().filter(|interface| outward(&interface.name)).map(if_addrs::Interface::ip);
        let own: Vec<IpAddr> = found.iter().map(if_addrs::Interface::ip).collect();
        if let Some(wanted) = wanted {
            ensure!(
                own.contains(&wanted),
                "{wanted} is not an address of this machine: name one that is, or none, with --lan-address."
            );
        }
        choose(usable.collect(), wanted, outgoing())
    }
}

/// The main address and the others, out of all that could be.
fn choose(all: Vec<IpAddr>, wanted: Option<IpAddr>, way_out: Option<IpAddr>) -> Result<Addresses> {
    let mut reachable: Vec<IpAddr> = all.into_iter().filter(is_reachable).collect();
    if reachable.iter().any(IpAddr::is_ipv4) {
        reachable.retain(IpAddr::is_ipv4);
    }
    reachable.sort_unstable();
    reachable.dedup();
    let Some(main) = wanted.or(way_out).or_else(|| reachable.first().copied()) else {
        bail!("This machine is on no network, so nobody else could join: connect it, or play without --lan.");
    };
    reachable.retain(|address| *address != main);
    let everywhere = match main {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    Ok(Addresses { main, others: reachable, listen: wanted.unwrap_or(everywhere) })
}

/// Whether other machines could find somebody there.
fn is_reachable(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => !ip.is_loopback() && !ip.is_link_local() && !ip.is_unspecified(),
        IpAddr::V6(ip) => !ip.is_loopback() && !ip.is_unicast_link_local() && !ip.is_unspecified(),
    }
}

/// The address from which this machine reaches the rest of the world. Nothing is sent: a datagram socket that is told
/// of a far end only looks up the way. The far ends are addresses that are reserved for documents.
fn outgoing() -> Option<IpAddr> {
    let from = |any: IpAddr, far: IpAddr| {
        let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
        socket.connect(SocketAddr::new(far, 9)).ok()?;
        socket.local_addr().ok().map(|address| address.ip()).filter(is_reachable)
    };
    from(Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::new(203, 0, 113, 1).into())
        .or_else(|| from(Ipv6Addr::UNSPECIFIED.into(), Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_way_out_is_told_and_the_others_are_listed() {
        let all = ips(&["127.0.0.1", "192.168.1.5", "10.0.0.7", "fe80::1", "2001:db8::5", "169.254.3.3"]);
        let way_out: IpAddr = "192.168.1.5".parse().unwrap();
        let found = choose(all.clone(), None, Some(way_out)).unwrap();
        assert_eq!((found.main, found.listen), (way_out, Ipv4Addr::UNSPECIFIED.into()));
        assert_eq!(found.others, ips(&["10.0.0.7"]));
        assert_eq!(choose(all, None, None).unwrap().main.to_string(), "10.0.0.7");
    }

    #[test]
    fn whoever_chooses_an_address_lets_people_in_there_alone() {
        let all = ips(&["192.168.1.5", "10.0.0.7"]);
        let [chosen, way_out] = [all[1], all[0]];
        let found = choose(all, Some(chosen), Some(way_out)).unwrap();
        assert_eq!((found.main, found.listen, found.others), (chosen, chosen, vec![way_out]));
    }

    #[test]
    fn ipv6_counts_where_there_is_nothing_else() {
        let found = choose(ips(&["::1", "fe80::1", "fd00::2"]), None, None).unwrap();
        assert_eq!((found.main.to_string().as_str(), found.others.len()), ("fd00::2", 0));
        assert!(found.listen.is_ipv6());
    }

    #[test]
    fn a_machine_on_no_network_is_told_so() {
        let error = choose(ips(&["127.0.0.1", "::1", "169.254.1.1"]), None, None).unwrap_err();
        assert!(error.to_string().contains("on no network"), "{error}");
    }

    #[test]
    fn an_address_of_somebody_else_is_refused() {
        let error = Addresses::find(Some("203.0.113.77".parse().unwrap())).unwrap_err();
        assert!(error.to_string().contains("203.0.113.77 is not an address of this machine"), "{error}");
    }
}
