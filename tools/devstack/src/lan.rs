//! A world that a friend's phone can join: one port on all of this machine's networks, which ends TLS and forwards to
//! the world and to the sign-in, both of which stay on the loopback.
//!
//! Browsers let a page sign in only where nobody on the way can listen (a secure context), so plain HTTP would not do,
//! and no authority that phones know signs certificates for `192.168.1.5`. Hence a certificate of our own, and the
//! browser's warning about it.
//!
//! Read the modules in the order in which a phone comes in:
//!
//! 1. `identity`: the certificate, kept and made anew; `local_name`: a name that it is good for beside the addresses.
//! 2. `notice`: what the terminal says, with the address as a QR code (`qr`).
//! 3. `listener`: connections, their limits, TLS or a way to it.
//! 4. `forward`: one request, to whom it belongs. `headers`: what of it is meant for the next machine alone. `tunnel`:
//!    what a WebSocket has become. `answer`: what is said here and not forwarded.

mod answer;
mod forward;
mod headers;
mod identity;
mod listener;
mod local_name;
mod notice;
mod qr;
mod tunnel;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};
use holdfast_issuer::people::ready_made;
use holdfast_issuer::{Client, IssuerConfig, Role};
use holdfast_machine::network::Addresses;
use holdfast_machine::port;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::background;
use crate::issuer::Issuer;
use identity::Identity;
use listener::Places;

/// The port that a front has where nobody says another.
pub const PORT: u16 = 8443;
/// Below this path is the sign-in; everything else is the world's.
pub const SIGN_IN_PATH: &str = "/signin";
/// Where the authority's certificate is, for phones that are to trust it.
pub const CERTIFICATE_PATH: &str = "/certificate.crt";

/// Where and as whom a front listens.
#[derive(Clone, Debug)]
pub struct LanOptions {
    /// The port; 0 takes any.
    pub port: u16,
    /// Where the certificate is kept; made, for this user alone, where it is missing.
    pub folder: PathBuf,
    /// The one of this machine's addresses at which others come in. None lets them in by all of its networks, and tells
    /// them the address from which it reaches the internet.
    pub address: Option<IpAddr>,
}

/// What the front forwards to. Until it is told, whoever comes is shown a page that tries again.
#[derive(Debug, Default)]
struct Targets {
    world: Option<SocketAddr>,
    sign_in: Option<SocketAddr>,
}

/// What every request needs to know.
#[derive(Debug)]
struct Shared {
    targets: RwLock<Targets>,
    /// `192.168.1.5:8443`, as a browser sends it in `Host`.
    host: String,
    /// The authority's certificate, as bytes.
    authority: Vec<u8>,
    /// It closes when the front is dropped.
    stop: watch::Receiver<()>,
    /// The connections that there are, by whichever door.
    places: Places,
}

/// The port that others come in by. When this is dropped it is closed, and every connection through it ends.
#[derive(Debug)]
pub struct LanFront {
    shared: Arc<Shared>,
    addresses: Addresses,
    port: u16,
    authority_file: PathBuf,
    doors: Vec<JoinHandle<()>>,
    _running: watch::Sender<()>,
}

impl LanFront {
    /// Finds out where this machine can be reached, opens or makes its certificate, and listens. The world and the
    /// sign-in may come up later: see [`Self::set_world`] and [`Self::set_sign_in`].
    ///
    /// # Errors
    /// Where this machine is on no network, the port is taken, or the folder cannot be written; one sentence each.
    pub async fn start(options: LanOptions) -> Result<Self> {
        let LanOptions { port, folder, address } = options;
        let addresses = Addresses::find(address)?;
        if port != 0
            && let Err(taken) = port::check_at(addresses.listen, port)
        {
            bail!("Port {port} is {taken}: stop that, or name another one with --lan-port.");
        }
        let identity = Identity::open(&folder, &names(&addresses), SystemTime::now())?;
        let tls = listener::tls(&identity)?;
        let runtime = background::handle()?;
        let listen = SocketAddr::new(addresses.listen, port);
        let socket = runtime.spawn(TcpListener::bind(listen)).await?;
        let socket = socket.with_context(|| format!("listen on {listen}"))?;
        let port = socket.local_addr()?.port();
        let (running, stop) = watch::channel(());
        let shared = Arc::new(Shared {
            targets: RwLock::default(),
            host: host(addresses.main, port),
            authority: identity.authority()?.to_vec(),
            stop,
            places: Places::default(),
        });
        let doors = vec![runtime.spawn(listener::accept(socket, Some(tls), Arc::clone(&shared)))];
        let authority_file = identity.authority_file().to_owned();
        Ok(Self { shared, addresses, port, authority_file, doors, _running: running })
    }

    /// From now on whoever comes to this address, without TLS, is sent to the same place of ours.
    ///
    /// # Errors
    /// Where it cannot be listened on.
    pub async fn redirect_from(&mut self, address: SocketAddr) -> Result<()> {
        let runtime = background::handle()?;
        let socket = runtime.spawn(TcpListener::bind(address)).await?;
        let socket = socket.with_context(|| format!("listen on {address}"))?;
        self.doors.push(runtime.spawn(listener::accept(socket, None, Arc::clone(&self.shared))));
        Ok(())
    }

    /// Where others find the world: `https://192.168.1.5:8443/`. It is also where they are sent back to from the
    /// sign-in.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}/", self.origin())
    }

    /// The page's origin, which the world must admit: `https://192.168.1.5:8443`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("https://{}", self.shared.host)
    }

    /// The name of the sign-in: `https://192.168.1.5:8443/signin`.
    #[must_use]
    pub fn issuer_url(&self) -> String {
        format!("{}{SIGN_IN_PATH}", self.origin())
    }

    /// The file with the authority (PEM) that vouches for the front's certificate.
    #[must_use]
    pub fn authority_file(&self) -> &Path {
        &self.authority_file
    }

    /// What the sign-in is to be told: its name, the page as its client, and players alone to choose from. Whoever is
    /// on this network can be anybody, so nobody can be a designer or an operator.
    #[must_use]
    pub fn issuer_config(&self) -> IssuerConfig {
        let mut people = ready_made();
        people.retain(|person| person.roles.iter().all(|role| *role == Role::Player));
        IssuerConfig {
            issuer: Some(self.issuer_url()),
            behind_proxy: true,
            client: Client::of_pages(vec![self.url()]),
            people,
            ..IssuerConfig::default()
        }
    }

    /// Starts the sign-in that [`Self::issuer_config`] describes, on any port of loopback, and forwards to it.
    ///
    /// # Errors
    /// Where no port of loopback can be had.
    pub async fn start_sign_in(&self) -> Result<Issuer> {
        let issuer = Issuer::start_as(self.issuer_config()).await.context("start the sign-in")?;
        self.set_sign_in(SocketAddr::from((Ipv4Addr::LOCALHOST, issuer.port())));
        Ok(issuer)
    }

    /// What the world's server is to be told besides the issuer's name, as variables of its environment.
    ///
    /// To the server all players come from one address, ours, so what it allows one address is raised to what
    /// `listener` allows all of them.
    #[must_use]
    pub fn server_environment(&self) -> Vec<(String, String)> {
        let ours = [
            ("HOLDFAST_ISSUER_CA", self.authority_file.display().to_string()),
            ("HOLDFAST_ORIGINS", self.origin()),
            ("HOLDFAST_CONNECTS_PER_ADDRESS", listener::CONNECTIONS_MAX.to_string()),
            ("HOLDFAST_UNIDENTIFIED_PER_ADDRESS", listener::CONNECTIONS_MAX.to_string()),
            // The way to our own address leads through no proxy, whatever this shell says.
            ("NO_PROXY", self.addresses.main.to_string()),
            ("no_proxy", self.addresses.main.to_string()),
        ];
        ours.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    /// From now on the world is there, on the loopback.
    pub fn set_world(&self, address: SocketAddr) {
        self.shared.targets.write().unwrap_or_else(PoisonError::into_inner).world = Some(address);
    }

    /// From now on the sign-in is there, on the loopback.
    pub fn set_sign_in(&self, address: SocketAddr) {
        self.shared.targets.write().unwrap_or_else(PoisonError::into_inner).sign_in = Some(address);
    }

    /// The address as a QR code, in lines for a terminal that knows colours.
    ///
    /// # Errors
    /// None for an address that a machine can have.
    pub fn qr(&self) -> Result<String> {
        qr::code(&self.url())
    }

    /// All that the terminal says: address, QR code, what to expect, and who can come in.
    ///
    /// # Errors
    /// As [`Self::qr`].
    pub fn notice(&self) -> Result<String> {
        notice::text(&self.url(), &self.other_addresses(), &self.qr()?)
    }

    fn other_addresses(&self) -> Vec<SocketAddr> {
        self.addresses.others.iter().map(|address| SocketAddr::new(*address, self.port)).collect()
    }
}

impl Drop for LanFront {
    fn drop(&mut self) {
        self.doors.iter().for_each(JoinHandle::abort);
    }
}

impl Shared {
    fn world(&self) -> Option<SocketAddr> {
        self.targets.read().unwrap_or_else(PoisonError::into_inner).world
    }

    fn sign_in(&self) -> Option<SocketAddr> {
        self.targets.read().unwrap_or_else(PoisonError::into_inner).sign_in
    }

    /// Where a browser belongs that came in by another of our names.
    fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.host)
    }
}

/// Address and port as browsers write them: without the port that goes without saying.
fn host(address: IpAddr, port: u16) -> String {
    match (address, port) {
        (IpAddr::V4(ip), 443) => ip.to_string(),
        (IpAddr::V6(ip), 443) => format!("[{ip}]"),
        _ => SocketAddr::new(address, port).to_string(),
    }
}

/// Everything that the certificate must be good for: somebody who types another of our names is sent to the main one,
/// which a browser lets happen only behind a certificate that it accepts.
fn names(addresses: &Addresses) -> Vec<String> {
    let ips = std::iter::once(&addresses.main).chain(&addresses.others).map(ToString::to_string);
    let local = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let mut names: Vec<String> = ips.chain(local_name::own()).chain(local).collect();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_browsers_write_it() {
        let host = |ip: &str, port| host(ip.parse().unwrap(), port);
        assert_eq!(
            (host("10.0.0.1", 8443), host("10.0.0.1", 443)),
            ("10.0.0.1:8443".into(), "10.0.0.1".into())
        );
        assert_eq!(
            (host("fd00::1", 8443), host("fd00::1", 443)),
            ("[fd00::1]:8443".into(), "[fd00::1]".into())
        );
    }
}
