//! The way in for a friend's phone, on real sockets: what reaches the world and the sign-in, and what does not.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod certificate;
mod forwarding;
mod limits;
mod sign_in;
mod websocket;
mod world;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use holdfast_devstack::{LanFront, LanOptions};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use world::World;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A front on the loopback, with its certificate in `folder`.
async fn front_in(folder: &Path) -> LanFront {
    LanFront::start(LanOptions { port: 0, folder: folder.to_owned(), address: Some(LOOPBACK) }).await.unwrap()
}

/// A front and a world behind it.
struct Setup {
    front: LanFront,
    world: World,
    folder: TempDir,
}

async fn setup() -> Setup {
    let folder = tempfile::tempdir().unwrap();
    let front = front_in(folder.path()).await;
    let world = World::start().await;
    front.set_world(world.address());
    Setup { front, world, folder }
}

/// A phone that trusts the front's authority and nobody else, and goes nowhere by itself.
fn phone(front: &LanFront) -> Client {
    let authority = Certificate::from_pem(&std::fs::read(front.authority_file()).unwrap()).unwrap();
    Client::builder().tls_certs_only([authority]).redirect(Policy::none()).no_proxy().build().unwrap()
}

fn address(front: &LanFront) -> SocketAddr {
    front.origin().strip_prefix("https://").unwrap().parse().unwrap()
}

/// A bare TLS connection to the front, which must show a certificate for `name`.
async fn tls_as(front: &LanFront, name: &str) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(front.authority_file()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address(front)).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn tls(front: &LanFront) -> TlsStream<TcpStream> {
    tls_as(front, "127.0.0.1").await.unwrap()
}
