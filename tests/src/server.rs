//! A server of its own for each test: the game's real binary, on a database of its own.

use anyhow::Result;
use holdfast_devstack::server::WORLD;
use holdfast_devstack::{Folder, Issuer, Server, ServerOptions};

use crate::database::TestDatabase;

/// A running server, whoever vouches for its players, and its database.
#[derive(Debug)]
pub struct TestServer {
    // In the order in which they are dropped: each before what it stands on.
    /// The server.
    pub server: Server,
    /// Who vouches for players.
    pub issuer: Issuer,
    /// The database.
    pub database: TestDatabase,
    _folder: Folder,
}

impl TestServer {
    /// A server of this game's world [`WORLD`].
    ///
    /// # Errors
    /// Where the game's binary is missing or does not become ready.
    pub async fn start(game: &str) -> Result<Self> {
        Self::start_with(game, &[]).await
    }

    /// The same, with further variables in the server's environment.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(game: &str, environment: &[(&str, &str)]) -> Result<Self> {
        let database = TestDatabase::of(game).await?;
        let issuer = Issuer::start().await?;
        let folder = Folder::create()?;
        let environment =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let server = Server::start(ServerOptions {
            game: game.to_owned(),
            world: WORLD.to_owned(),
            database_url: database.url(),
            issuer_url: issuer.url().to_owned(),
            environment,
            folder: folder.path().to_owned(),
        })
        .await?;
        Ok(Self { server, issuer, database, _folder: folder })
    }

    /// A good access token for `subject`.
    #[must_use]
    pub fn token(&self, subject: &str) -> String {
        self.issuer.token(subject)
    }
}
