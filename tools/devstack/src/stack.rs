//! All of it at once: PostgreSQL, an issuer, and the server of a game, perhaps with a proxy between it and its
//! database.

use std::net::SocketAddr;

use anyhow::Result;

use crate::issuer::Issuer;
use crate::postgres::{Postgres, PostgresOptions};
use crate::proxy::Proxy;
use crate::server::{Server, ServerOptions, WORLD, migrate};

/// What a stack is made of.
#[derive(Clone, Debug)]
pub struct StackOptions {
    /// The game: the name of its binary, or the binary's path.
    pub game: String,
    /// The world's name.
    pub world: String,
    /// Whether the server reaches its database through a [`Proxy`].
    pub proxied: bool,
    /// Where the server listens; none takes any free port of loopback.
    pub listen: Option<SocketAddr>,
    /// Who vouches for players instead of the stack's own issuer, which then stands by and is believed by nobody.
    pub foreign_issuer: Option<String>,
    /// Further variables of the server's environment.
    pub environment: Vec<(String, String)>,
    /// PostgreSQL's options.
    pub postgres: PostgresOptions,
}

impl StackOptions {
    /// A game's world [`WORLD`], without a proxy.
    #[must_use]
    pub fn new(game: &str) -> Self {
        Self {
            game: game.to_owned(),
            world: WORLD.to_owned(),
            proxied: false,
            listen: None,
            foreign_issuer: None,
            environment: Vec::new(),
            postgres: PostgresOptions::default(),
        }
    }

    /// With a proxy between the server and its database.
    #[must_use]
    pub fn proxied(mut self) -> Self {
        self.proxied = true;
        self
    }
}

/// A running world and all that it stands on. All of it stops, and its data goes, when this is dropped.
#[derive(Debug)]
pub struct Stack {
    // In the order in which they are dropped: each before what it stands on.
    /// The server.
    pub server: Server,
    /// What is between the server and its database, where that was asked for.
    pub proxy: Option<Proxy>,
    /// Who vouches for players.
    pub issuer: Issuer,
    /// The database's server. The world's data is in the database `holdfast`.
    pub postgres: Postgres,
}

/// The name of the database that a stack's world is in.
pub const DATABASE: &str = "holdfast";

impl Stack {
    /// Starts everything, prepares the database, and waits until the server is ready.
    ///
    /// # Errors
    /// Where any of it fails; the error says which part, and what it said.
    pub async fn start(options: StackOptions) -> Result<Self> {
        let postgres = Postgres::start(options.postgres).await?;
        let folder = postgres.folder().path().to_owned();
        postgres.create_database(DATABASE, None).await?;
        migrate(&options.game, &postgres.owner_url(DATABASE), &folder).await?;
        let issuer = Issuer::start().await?;
        let proxy = if options.proxied {
            let socket_folder = postgres.folder().subfolder("proxy")?;
            Some(Proxy::start(&socket_folder, postgres.socket()).await?)
        } else {
            None
        };
        let database_url =
            proxy.as_ref().map_or_else(|| postgres.writer_url(DATABASE), |proxy| proxy.url(DATABASE));
        let server_options = ServerOptions {
            game: options.game,
            world: options.world,
            database_url,
            issuer_url: options.foreign_issuer.unwrap_or_else(|| issuer.url().to_owned()),
            environment: options.environment,
            folder,
        };
        let server = match options.listen {
            Some(listen) => Server::start_at(listen, server_options).await?,
            None => Server::start(server_options).await?,
        };
        Ok(Self { server, proxy, issuer, postgres })
    }

    /// The world's database, reached without the proxy and as its superuser: how a test reads what is true, and does
    /// what no server may.
    #[must_use]
    pub fn database_url(&self) -> String {
        self.postgres.url(DATABASE)
    }
}
