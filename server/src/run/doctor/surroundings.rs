//! What a server needs besides its database: the identity provider, the page, the port.

use std::io::ErrorKind;
use std::net::SocketAddr;

use holdfast_protocol::BuildId;
use tokio::net::TcpListener;

use super::chain;
use super::finding::Findings;
use crate::app::Game;
use crate::auth::Auth;
use crate::config::{ServeConfig, StaffListen};
use crate::run::site::site;

/// Whether people can be told who they are.
pub(super) async fn issuer(findings: &mut Findings, serve: &ServeConfig) {
    let name = &serve.auth.issuer;
    let auth = match Auth::new(&serve.auth) {
        Ok(auth) => auth,
        Err(error) => {
            findings.must_mend(
                "issuer",
                format!("HOLDFAST_ISSUER cannot be used: {}.", chain(&error)),
                "Set HOLDFAST_ISSUER to the address that tokens name in `iss`.".to_owned(),
            );
            return;
        }
    };
    let examined = auth.examine().await;
    if let Err(error) = &examined.discovery {
        findings.must_mend(
            "issuer.discovery",
            format!("{name} does not say where its keys are: {}.", chain(&**error)),
            "Nobody can sign in without it. Is the address right, is it up, does this machine trust its certificate \
             (HOLDFAST_ISSUER_CA)?"
                .to_owned(),
        );
        return;
    }
    findings.ok("issuer.discovery", format!("{name} says where its keys are."));
    if serve.page.page.is_some() && auth.endpoints().is_none() {
        findings.must_mend(
            "issuer.endpoints",
            format!("{name} does not say where a page can sign people in."),
            "Its discovery document must name authorization_endpoint and token_endpoint.".to_owned(),
        );
    }
    match examined.key_count {
        Ok(count) => findings.ok("issuer.keys", format!("{count} of its keys can verify tokens.")),
        Err(error) => findings.must_mend(
            "issuer.keys",
            format!("Its keys cannot be used: {}.", chain(&*error)),
            "Its jwks_uri must be reachable from this machine and hold a key for RS256, ES256, or the like."
                .to_owned(),
        ),
    }
}

/// Whether browsers get a page, and of this build.
pub(super) fn page<G: Game>(findings: &mut Findings, serve: &ServeConfig, world: &str, build: BuildId) {
    match (&serve.page.page, site::<G>(serve, world, build)) {
        (None, Ok(_)) => findings.ok("page", "No page is served: HOLDFAST_PAGE is not set."),
        (Some(folder), Ok(_)) => {
            findings.ok("page", format!("The page in {} is of this build.", folder.display()));
        }
        (_, Err(error)) => findings.must_mend(
            "page",
            format!("What browsers need cannot be served: {}.", chain(&error)),
            "Build the page with this server's `build-id` in HOLDFAST_BUILD_ID, and set HOLDFAST_ORIGINS."
                .to_owned(),
        ),
    }
}

/// Whether the players' port is free, and the staff's. Beside a server that runs they are not, which is as it should be.
pub(super) async fn ports(findings: &mut Findings, serve: &ServeConfig) {
    port(findings, "port", serve.listen, "HOLDFAST_LISTEN").await;
    match serve.staff.listen {
        StaffListen::At(address) => port(findings, "staff_port", address, "HOLDFAST_STAFF_LISTEN").await,
        StaffListen::Off => {
            findings.ok("staff_port", "Operators are not served: HOLDFAST_STAFF_LISTEN is `off`.");
        }
    }
}

async fn port(findings: &mut Findings, check: &'static str, address: SocketAddr, setting: &str) {
    match TcpListener::bind(address).await {
        Ok(_) => findings.ok(check, format!("{address} is free.")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => findings.warning(
            check,
            format!("Something listens at {address} already."),
            format!("Fine where it is this server; else set {setting}."),
        ),
        Err(error) => findings.must_mend(
            check,
            format!("This machine cannot listen at {address}: {error}."),
            format!("Set {setting} to an address of this machine."),
        ),
    }
}
