//! `doctor`: looks at everything that a server needs, says of each thing how it is and what to do, and changes nothing.
//!
//! It asks the same questions as a start does, in the same words where there are any, but does not stop at the first
//! answer that will not do. What is tried out is tried on locks and connections that nobody else uses.
//!
//! To add a check: a function that takes [`Findings`], called from [`examine`] or from [`database::examine`], with a
//! name that no other check has.

mod database;
mod finding;
mod measure;
mod reach;
mod rights;
mod schema;
mod surroundings;

use std::io::Write as _;
use std::process::ExitCode;

use holdfast_protocol::BuildId;

use self::finding::{Findings, Mark};
use super::chain;
use crate::app::{App, Game};
use crate::config::{RolesConfig, ServeConfig, StoreConfig};

/// What is looked at.
pub(super) struct Patient {
    pub(super) store: StoreConfig,
    pub(super) serve: ServeConfig,
    pub(super) roles: RolesConfig,
}

/// Looks, tells, and says by the exit code whether a server would start and people could play.
#[expect(clippy::print_stderr, reason = "a command answers on its output, and says there that it cannot")]
pub(super) fn doctor<G: Game>(patient: &Patient, deployment: &str, json: bool) -> ExitCode {
    let findings = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(examine::<G>(patient, deployment)),
        Err(error) => {
            eprintln!("cannot begin: {error}");
            return ExitCode::FAILURE;
        }
    };
    let text = if json { format!("{:#}\n", findings.json()) } else { findings.text() };
    // Where nobody reads what was found, nobody knows that all is well.
    let told = std::io::stdout().write_all(text.as_bytes()).is_ok();
    if told && findings.worst() < Mark::MustMend { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn examine<G: Game>(patient: &Patient, deployment: &str) -> Findings {
    let Patient { store, serve, roles } = patient;
    let app = App::of::<G>();
    let build = BuildId::of(&app.wire(), deployment);
    let mut findings = Findings::default();
    findings.ok(
        "settings",
        format!("All settings can be read: the {} world {}, build {build}.", G::NAME, store.world),
    );
    database::examine(&mut findings, store, serve, &roles.roles(), &G::migrations(), &app.tables()).await;
    surroundings::issuer(&mut findings, serve).await;
    surroundings::page::<G>(&mut findings, serve, &store.world, build);
    surroundings::ports(&mut findings, serve).await;
    findings
}
