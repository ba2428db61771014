//! Everything that a kept world is made of while it is open, in the order in which it opens and closes.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::accounts;
use super::addresses::Addresses;
use super::interrupts::Interrupts;
use super::say::say;
use crate::data_folder::DataFolder;
use crate::issuer::Issuer;
use crate::postgres::Postgres;
use crate::server::{Server, ServerOptions, WORLD, migrate, page_variables};
use crate::stack::DATABASE;

/// How long the server may take to tell its players and write everything down.
const DRAIN_LIMIT: Duration = Duration::from_secs(8);

/// How long PostgreSQL may take to write what it has in memory. What it has not written then it recovers next time.
const SHUT_DOWN_LIMIT: Duration = Duration::from_secs(5);

/// An open world. When it is dropped everything is killed, and still nothing is lost that anybody was told.
#[derive(Debug)]
pub(super) struct World {
    // In the order in which they are dropped: each before what it stands on.
    pub(super) server: Server,
    _issuer: Issuer,
    pub(super) postgres: Postgres,
}

impl World {
    /// Opens the world that is kept in `folder`; a new one where there is none.
    ///
    /// # Errors
    /// Where any part of it does not start; the error says which, and what it said.
    pub(super) async fn open(
        game: &str,
        page: &Path,
        folder: &DataFolder,
        addresses: &Addresses,
    ) -> Result<Self> {
        let postgres = Postgres::start_kept(folder).await?;
        if !postgres.has_database(DATABASE).await? {
            postgres.create_database(DATABASE, None).await?;
        }
        postgres.hand_over(DATABASE).await?;
        let owner_url = postgres.owner_url(DATABASE);
        migrate(game, &owner_url, postgres.folder().path()).await.with_context(|| {
            format!("The world in {} cannot be brought to this version", folder.path().display())
        })?;
        let issuer = addresses.start_issuer(folder).await?;
        accounts::move_to(issuer.url(), &owner_url).await?;

        // The last run's log is put aside; the server then appends to a new one.
        folder.log("server")?;
        let mut environment = addresses.server_environment();
        environment.extend(page_variables(page));
        let options = ServerOptions {
            game: game.to_owned(),
            world: WORLD.to_owned(),
            database_url: postgres.writer_url(DATABASE),
            issuer_url: issuer.url().to_owned(),
            environment,
            folder: folder.logs()?,
        };
        let server = Server::start_at(addresses.server(), options).await?;
        Ok(Self { server, _issuer: issuer, postgres })
    }

    /// Says that it is open, how people get in, and what can be done now.
    pub(super) fn welcome(&self, folder: &DataFolder, invitation: &str, took: Duration) {
        let server = &self.server;
        say(&format!(
            "\nThe world is open, after {:.1} s:\n\
             {invitation}\n    \
             kept in   {} (the next `cargo play` goes on from here)\n    \
             log       {}\n    \
             measures  {} (where an action's time goes; only from this machine)\n    \
             try       kill -9 {}   (the server: it comes back by itself, and nothing is lost)\n    \
             Ctrl-C    closes the world\n",
            took.as_secs_f64(),
            folder.path().display(),
            server.log().display(),
            server.staff_url(),
            server.pid().unwrap_or_default(),
        ));
    }

    /// Stops everything in order; kills it at the second wish to stop. False where it came to that.
    pub(super) async fn close(mut self, interrupts: &mut Interrupts) -> bool {
        let in_order = async {
            self.server.signal_stop();
            // One that does not end in time is killed below, which loses nothing.
            let _ = self.server.wait_for_exit(DRAIN_LIMIT).await;
            self.server.kill9();
            if let Err(error) = self.postgres.shut_down(SHUT_DOWN_LIMIT).await {
                say(&format!("{error:#}"));
            }
        };
        let in_time = tokio::select! {
            () = in_order => true,
            () = interrupts.second() => false,
        };
        if !in_time {
            self.server.kill9();
            self.postgres.kill_group();
        }
        in_time
    }
}
