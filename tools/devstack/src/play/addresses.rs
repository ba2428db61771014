//! Where everything is: on this machine alone ([`loopback`]), or for everybody on its network ([`lan`]). The rest of
//! `play` does not know which.

mod lan;
mod loopback;

use std::net::SocketAddr;

use anyhow::Result;

use super::PlayOptions;
use crate::data_folder::DataFolder;
use crate::issuer::Issuer;
use lan::Lan;
use loopback::Loopback;

/// Where everything is.
#[derive(Debug)]
pub(super) enum Addresses {
    /// For people at this machine.
    Loopback(Loopback),
    /// For people on its network as well, all at one address.
    Lan(Lan),
}

impl Addresses {
    /// As the options say. Nothing of the world is touched yet, so whoever is refused has lost nothing.
    ///
    /// # Errors
    /// Where a port cannot be had, or this machine has no such address; in one sentence with the way out.
    pub(super) async fn choose(options: &PlayOptions, folder: &DataFolder) -> Result<Self> {
        if options.lan {
            Lan::open(options, folder).await.map(Self::Lan)
        } else {
            Loopback::choose(options.port, folder.record()?.issuer_port).map(Self::Loopback)
        }
    }

    /// What people open.
    pub(super) fn page(&self) -> String {
        match self {
            Self::Loopback(loopback) => loopback.page(),
            Self::Lan(lan) => lan.page(),
        }
    }

    /// Where the server listens.
    pub(super) fn server(&self) -> SocketAddr {
        match self {
            Self::Loopback(loopback) => loopback.server,
            Self::Lan(lan) => lan.server,
        }
    }

    /// What the server is to be told besides the issuer's name, as variables of its environment.
    pub(super) fn server_environment(&self) -> Vec<(String, String)> {
        match self {
            Self::Loopback(loopback) => loopback.server_environment(),
            Self::Lan(lan) => lan.server_environment(),
        }
    }

    /// Starts the sign-in. Where its port is part of its name, `folder` keeps it for the next time.
    ///
    /// # Errors
    /// Where it does not start, or the folder cannot be written.
    pub(super) async fn start_issuer(&self, folder: &DataFolder) -> Result<Issuer> {
        match self {
            Self::Loopback(loopback) => {
                let issuer = loopback.start_issuer().await?;
                let mut record = folder.record()?;
                record.issuer_port = Some(issuer.port());
                folder.set_record(&record)?;
                Ok(issuer)
            }
            Self::Lan(lan) => lan.start_issuer().await,
        }
    }

    /// What people read about how to get in.
    ///
    /// # Errors
    /// None for an address that a machine can have.
    pub(super) fn invitation(&self) -> Result<String> {
        match self {
            Self::Loopback(loopback) => Ok(loopback.invitation()),
            Self::Lan(lan) => lan.invitation(),
        }
    }
}
