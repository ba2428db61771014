//! Page and sign-in for this machine alone, each at a port of the loopback that stays the same over runs.
//!
//! Browsers take 127.0.0.1 and localhost for two origins, and people type either; both lead to the same listener of this
//! machine and to nobody else's, so both may be used. The one that is printed is 127.0.0.1: `localhost` is also ::1,
//! where another program may listen.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result, bail};
use holdfast_machine::port;

use crate::issuer::{Client, Issuer, IssuerConfig};
use crate::server::loopback_origins;

/// The ports that the sign-in takes, the first that is free. It should stay the same over runs, so these are few.
const ISSUER_PORTS: std::ops::Range<u16> = 9400..9420;

/// Where everything is when nobody else is to come in.
#[derive(Clone, Debug)]
pub(in crate::play) struct Loopback {
    /// Where the server listens, and the page is with it.
    pub(super) server: SocketAddr,
    /// The origins that the page may have.
    origins: [String; 2],
    /// The ports that the sign-in may take, the best first.
    issuer_ports: Vec<u16>,
}

impl Loopback {
    /// The page on `page_port` of this machine. The sign-in goes where it was `last`, where that can be.
    ///
    /// # Errors
    /// Where the page's port cannot be had, in one sentence with the way out.
    pub(super) fn choose(page_port: u16, last: Option<u16>) -> Result<Self> {
        if let Err(taken) = port::check(page_port) {
            bail!("Port {page_port} is {taken}: stop that, or name another one with --port.");
        }
        Ok(Self {
            server: SocketAddr::from((Ipv4Addr::LOCALHOST, page_port)),
            origins: loopback_origins(page_port),
            issuer_ports: last
                .into_iter()
                .chain(ISSUER_PORTS)
                // The server, which starts later, would miss it.
                .filter(|port| *port != page_port)
                .collect(),
        })
    }

    /// What people open.
    pub(super) fn page(&self) -> String {
        format!("http://{}/", self.server)
    }

    /// What the server is to be told besides the issuer's name.
    pub(super) fn server_environment(&self) -> Vec<(String, String)> {
        vec![("HOLDFAST_ORIGINS".to_owned(), self.origins.join(","))]
    }

    /// Where the page is, and what can be done there.
    pub(super) fn invitation(&self) -> String {
        format!(
            "\n    {}\n\n\
             Open it in a browser and sign in as anyone: there are no passwords here.\n\
             Open it in a private window as well, and you are two people in one village.\n",
            self.page()
        )
    }

    /// Starts the sign-in on the first of its ports that is free.
    ///
    /// # Errors
    /// Where none is, in one sentence with the way out, or where it does not start.
    pub(super) async fn start_issuer(&self) -> Result<Issuer> {
        for port in &self.issuer_ports {
            match Issuer::start_as(self.issuer_config(*port)).await {
                Err(error) if is_in_use(&error) => {}
                started => return started.context("start the sign-in"),
            }
        }
        let (first, last) = (ISSUER_PORTS.start, ISSUER_PORTS.end - 1);
        bail!("No port from {first} to {last} is free for the sign-in: stop what uses one of them.")
    }

    /// How the issuer is started: people are sent back to the page, when they have signed in and when they have signed out.
    fn issuer_config(&self, port: u16) -> IssuerConfig {
        let pages = self.origins.iter().map(|origin| format!("{origin}/")).collect();
        IssuerConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            client: Client::of_pages(pages),
            ..IssuerConfig::default()
        }
    }
}

fn is_in_use(error: &anyhow::Error) -> bool {
    let kinds = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    kinds.map(io::Error::kind).any(|kind| kind == io::ErrorKind::AddrInUse)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// Below the ports that the kernel gives to others, so that a freed one stays free.
    fn listener() -> (TcpListener, u16) {
        let mut ports = (0..100).map(|_| rand::random_range(20_000..32_000));
        ports.find_map(|port| Some((TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?, port))).unwrap()
    }

    async fn issuer_port(page: u16, last: u16) -> u16 {
        Loopback::choose(page, Some(last)).unwrap().start_issuer().await.unwrap().port()
    }

    #[tokio::test]
    async fn the_sign_in_stays_where_it_was_while_that_is_free() {
        let [last, page] = [listener(), listener()].map(|(_freed, port)| port);
        assert_eq!(issuer_port(page, last).await, last);
        assert_ne!(issuer_port(page, page).await, page, "the page is there");
        let (_held, taken) = listener();
        assert_ne!(issuer_port(page, taken).await, taken);
    }

    #[test]
    fn a_used_port_is_refused_with_who_has_it_and_the_way_out() {
        let (_held, taken) = listener();
        let sentence = Loopback::choose(taken, None).unwrap_err().to_string();
        let (port, pid) = (format!("Port {taken} "), format!("process {}", std::process::id()));
        assert!(
            [port.as_str(), pid.as_str(), "--port"].iter().all(|part| sentence.contains(part)),
            "{sentence}"
        );
    }
}
