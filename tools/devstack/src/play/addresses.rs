//! Where everything is: the page, and the sign-in beside it.
//!
//! Browsers take 127.0.0.1 and localhost for two origins, and people type either; both lead to the same listener of this
//! machine and to nobody else's, so both may be used. The one that is printed is 127.0.0.1: `localhost` is also ::1,
//! where another program may listen.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result, bail};
use holdfast_machine::port;

use crate::issuer::{Client, IssuerConfig};

/// The ports that the sign-in takes, the first that is free. It should stay the same over runs, so these are few.
const ISSUER_PORTS: std::ops::Range<u16> = 9400..9420;

/// Where everything is.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    /// What people open.
    pub(super) page: String,
    /// Where the server listens.
    pub(super) server: SocketAddr,
    /// The origins that the page may have.
    pub(super) origins: Vec<String>,
    /// Where the issuer listens.
    pub(super) issuer: SocketAddr,
}

impl Addresses {
    /// The page on `page_port` of this machine. The sign-in goes where it was `last`, where that can be.
    ///
    /// # Errors
    /// Where the page's port cannot be had, in one sentence with the way out, or no port for the sign-in can.
    pub(super) fn choose(page_port: u16, last: Option<u16>) -> Result<Self> {
        if let Err(taken) = port::check(page_port) {
            bail!("Port {page_port} is {taken}: stop that, or name another one with --port.");
        }
        let issuer_port = last
            .into_iter()
            .chain(ISSUER_PORTS)
            .find(|port| *port != page_port && port::check(*port).is_ok())
            .with_context(|| {
                let (first, end) = (ISSUER_PORTS.start, ISSUER_PORTS.end);
                format!(
                    "No port from {first} to {} is free for the sign-in: stop what uses one of them.",
                    end - 1
                )
            })?;
        Ok(Self {
            page: format!("http://127.0.0.1:{page_port}/"),
            server: SocketAddr::from((Ipv4Addr::LOCALHOST, page_port)),
            origins: ["127.0.0.1", "localhost"].map(|host| format!("http://{host}:{page_port}")).to_vec(),
            issuer: SocketAddr::from((Ipv4Addr::LOCALHOST, issuer_port)),
        })
    }

    /// How the issuer is started: people are sent back to the page, when they have signed in and when they have signed out.
    pub(super) fn issuer_config(&self) -> IssuerConfig {
        let pages: Vec<_> = self.origins.iter().map(|origin| format!("{origin}/")).collect();
        IssuerConfig {
            listen: self.issuer,
            client: Client {
                redirect_uris: pages.clone(),
                post_logout_redirect_uris: pages,
                ..Client::default()
            },
            ..IssuerConfig::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    #[test]
    fn the_sign_in_stays_where_it_was_while_that_is_free() {
        let (free, last) = listener();
        drop(free);
        let (free, page) = listener();
        drop(free);
        assert_eq!(Addresses::choose(page, Some(last)).unwrap().issuer.port(), last);
        assert_ne!(Addresses::choose(page, Some(page)).unwrap().issuer.port(), page, "the page is there");
        let (_held, taken) = listener();
        assert_ne!(Addresses::choose(page, Some(taken)).unwrap().issuer.port(), taken);
    }

    #[test]
    fn a_used_port_is_refused_with_who_has_it_and_the_way_out() {
        let (_held, taken) = listener();
        let sentence = Addresses::choose(taken, None).unwrap_err().to_string();
        let (port, pid) = (format!("Port {taken} "), format!("process {}", std::process::id()));
        assert!(
            [port.as_str(), pid.as_str(), "--port"].iter().all(|part| sentence.contains(part)),
            "{sentence}"
        );
    }
}
