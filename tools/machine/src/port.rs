//! Whether a port is free, and who has it where it is not.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

/// The kernel's word for a socket that listens.
const LISTENS: &str = "0A";

/// Why a port cannot be had.
#[derive(Debug)]
pub enum Taken {
    /// Somebody listens on it: the name and number of the process, where the kernel tells us.
    By(Option<(String, u32)>),
    /// The kernel says no for another reason, as for ports below 1024.
    Refused(io::Error),
}

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::By(Some((name, pid))) => write!(f, "used by `{name}` (process {pid})"),
            Self::By(None) => write!(f, "used by another program"),
            Self::Refused(error) => write!(f, "not to be had ({error})"),
        }
    }
}

/// Says whether `port` of the loopback can be listened on.
///
/// # Errors
/// Where it cannot: why.
pub fn check(port: u16) -> Result<(), Taken> {
    check_at(Ipv4Addr::LOCALHOST.into(), port)
}

/// Says whether `port` of that address of ours can be listened on; the unspecified address is all of them.
///
/// # Errors
/// Where it cannot: why.
pub fn check_at(address: IpAddr, port: u16) -> Result<(), Taken> {
    match TcpListener::bind(SocketAddr::new(address, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(Taken::By(holder(port))),
        Err(error) => Err(Taken::Refused(error)),
    }
}

/// Who listens on a port. Of other users' processes the kernel tells us nothing.
fn holder(port: u16) -> Option<(String, u32)> {
    let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listening_inodes(&table, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    let processes = fs::read_dir("/proc").ok()?.filter_map(|entry| {
        let path = entry.ok()?.path();
        let pid = path.file_name()?.to_str()?.parse::<u32>().ok()?;
        Some((path, pid))
    });
    for (path, pid) in processes {
        let Ok(descriptors) = fs::read_dir(path.join("fd")) else { continue };
        let mut targets = descriptors.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        if targets.any(|target| inodes.iter().any(|inode| target.as_os_str() == inode.as_str())) {
            let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
            return Some((name.trim().to_owned(), pid));
        }
    }
    None
}

/// From the kernel's table of sockets, the numbers of those that listen on a port.
fn listening_inodes(table: &str, port: u16) -> Vec<String> {
    let end = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.get(1).is_some_and(|local| local.ends_with(&end)) && row.get(3) == Some(&LISTENS))
        .filter_map(|row| row.get(9).map(|inode| (*inode).to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_used_port_names_who_has_it_and_a_free_one_is_free() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = check(port).unwrap_err().to_string();
        assert!(taken.contains(&format!("process {}", std::process::id())), "{taken}");
        assert!(check_at(Ipv4Addr::UNSPECIFIED.into(), port).is_err(), "all addresses, that one among them");
        drop(listener);
        assert!(check(port).is_ok());
    }

    #[test]
    fn only_what_listens_on_that_very_port_counts() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
                     0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 101 1\n\
                     1: 0100007F:1F90 0100007F:C000 01 00000000:00000000 00:00000000 00000000 0 0 102 1\n\
                     2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 103 1\n";
        assert_eq!(listening_inodes(table, 8080), ["101"]);
    }
}
