//! Page and sign-in for everybody on the network, this machine included, at one https address: see [`crate::lan`].
//!
//! The server and the sign-in stay on the loopback behind it. Whoever opens the page's usual address of the loopback is
//! sent there, since nobody could sign in anywhere else.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Result, bail};
use holdfast_machine::port;

use crate::data_folder::DataFolder;
use crate::issuer::Issuer;
use crate::lan::{LanFront, LanOptions};
use crate::play::PlayOptions;
use crate::server::free_port;

/// Where everything is when others may come in.
#[derive(Debug)]
pub(in crate::play) struct Lan {
    /// Where the server listens, for the front alone; the same over its restarts.
    pub(super) server: SocketAddr,
    front: LanFront,
}

impl Lan {
    /// Listens for people, and shows whoever is early that the world is just starting.
    ///
    /// # Errors
    /// Where a port cannot be had, or this machine has no such address; in one sentence with the way out.
    pub(super) async fn open(options: &PlayOptions, folder: &DataFolder) -> Result<Self> {
        let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        // The front itself sends people on who come to its port without TLS.
        let is_redirected = options.port != options.lan_port;
        if is_redirected && let Err(taken) = port::check(options.port) {
            bail!("Port {} is {taken}: stop that, or name another one with --port.", options.port);
        }
        let mut front = LanFront::start(LanOptions {
            port: options.lan_port,
            folder: folder.certificate(),
            address: options.lan_address,
        })
        .await?;
        if is_redirected {
            front.redirect_from(usual).await?;
        }
        let server = free_port()?;
        front.set_world(server);
        Ok(Self { server, front })
    }

    /// What people open.
    pub(super) fn page(&self) -> String {
        self.front.url()
    }

    /// What the server is to be told besides the issuer's name.
    pub(super) fn server_environment(&self) -> Vec<(String, String)> {
        self.front.server_environment()
    }

    /// Where the page is, how a phone gets there, and what to expect.
    pub(super) fn invitation(&self) -> Result<String> {
        self.front.notice()
    }

    /// Starts the sign-in on any port of the loopback; its name is an address of the front.
    pub(super) async fn start_issuer(&self) -> Result<Issuer> {
        self.front.start_sign_in().await
    }
}
