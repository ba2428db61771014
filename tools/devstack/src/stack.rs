//! All of it at once: PostgreSQL, an issuer, and the server of a game, perhaps with a proxy between it and its
//! database, and perhaps with further servers of the same world that stand by.

use std::net::SocketAddr;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::task::JoinSet;

use crate::issuer::Issuer;
use crate::postgres::{Postgres, PostgresOptions};
use crate::proxy::Proxy;
use crate::server::{Role, Server, ServerOptions, WORLD, free_ports, migrate_with, role_at};

/// What a stack is made of.
#[derive(Clone, Debug)]
pub struct StackOptions {
    /// The game: the name of its binary, or the binary's path.
    pub game: String,
    /// The world's name.
    pub world: String,
    /// Whether the server reaches its database through a [`Proxy`].
    pub proxied: bool,
    /// How many further servers of the world stand by.
    pub standbys: usize,
    /// Where the servers listen, the first one before those that stand by; whoever has no address here takes any free
    /// port of loopback.
    pub listen: Vec<SocketAddr>,
    /// Who vouches for players instead of the stack's own issuer, which then stands by and is believed by nobody.
    pub foreign_issuer: Option<String>,
    /// Further variables of the servers' environment, and of what prepares their database.
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
            standbys: 0,
            listen: Vec::new(),
            foreign_issuer: None,
            environment: Vec::new(),
            postgres: PostgresOptions::default(),
        }
    }

    /// With so many further servers of the world, which stand by.
    #[must_use]
    pub fn standbys(mut self, count: usize) -> Self {
        self.standbys = count;
        self
    }

    /// With a proxy between the servers and their database.
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
    /// The server that owns the world at first.
    pub server: Server,
    /// Those that stand by at first.
    pub standbys: Vec<Server>,
    /// What is between the servers and their database, where that was asked for.
    pub proxy: Option<Proxy>,
    /// Who vouches for players.
    pub issuer: Issuer,
    /// The database's server. The world's data is in the database `holdfast`.
    pub postgres: Postgres,
}

/// The name of the database that a stack's world is in.
pub const DATABASE: &str = "holdfast";

/// How long a server that was started again may take until it owns the world or stands by.
const PART_DEADLINE: Duration = Duration::from_secs(60);

impl Stack {
    /// Starts everything, prepares the database, and waits until the server is ready.
    ///
    /// # Errors
    /// Where any of it fails; the error says which part, and what it said.
    pub async fn start(options: StackOptions) -> Result<Self> {
        let postgres = Postgres::start(options.postgres).await?;
        let folder = postgres.folder().path().to_owned();
        postgres.create_database(DATABASE, None).await?;
        let owner_url = postgres.owner_url(DATABASE);
        migrate_with(&options.game, &owner_url, &folder, &options.environment).await?;
        let issuer = Issuer::start().await?;
        let proxy = if options.proxied {
            let socket_folder = postgres.folder().subfolder("proxy")?;
            Some(Proxy::start(&socket_folder, postgres.socket()).await?)
        } else {
            None
        };
        let database_url =
            proxy.as_ref().map_or_else(|| postgres.writer_url(DATABASE), |proxy| proxy.url(DATABASE));
        let mut listen = options.listen;
        listen.extend(free_ports((options.standbys + 1).saturating_sub(listen.len()))?);
        let server_options = |number: usize| {
            let folder = match number {
                0 => folder.clone(),
                // Each has a log of its own.
                _ => postgres.folder().subfolder(&format!("standby-{number}"))?,
            };
            let mut environment = addresses(&listen, number);
            environment.extend(options.environment.iter().cloned());
            anyhow::Ok(ServerOptions {
                game: options.game.clone(),
                world: options.world.clone(),
                database_url: database_url.clone(),
                issuer_url: options.foreign_issuer.clone().unwrap_or_else(|| issuer.url().to_owned()),
                environment,
                folder,
            })
        };
        let mut servers = listen.iter().copied().enumerate();
        let (number, first) = servers.next().context("there is a first server")?;
        let server = Server::start_at(first, server_options(number)?).await?;
        let mut standbys = Vec::with_capacity(options.standbys);
        for (number, listen) in servers {
            standbys.push(Server::start_standby_at(listen, server_options(number)?).await?);
        }
        Ok(Self { server, standbys, proxy, issuer, postgres })
    }

    /// All servers of the world, in the order of their numbers: the first is number 0.
    pub fn servers(&self) -> impl Iterator<Item = &Server> {
        std::iter::once(&self.server).chain(&self.standbys)
    }

    /// A server by its number.
    ///
    /// # Errors
    /// Where there is none of that number.
    pub fn server_mut(&mut self, number: usize) -> Result<&mut Server> {
        let server = match number.checked_sub(1) {
            None => Some(&mut self.server),
            Some(place) => self.standbys.get_mut(place),
        };
        server.with_context(|| format!("there is no server {number}"))
    }

    /// The number of the server that owns the world and lets people play; none where none does at the moment.
    pub async fn owner(&self) -> Option<usize> {
        let mut asked = JoinSet::new();
        for (number, server) in self.servers().enumerate() {
            let url = server.url();
            asked.spawn(async move { (role_at(&url).await == Some(Role::Owner)).then_some(number) });
        }
        while let Some(answer) = asked.join_next().await {
            if let Ok(Some(number)) = answer {
                return Some(number);
            }
        }
        None
    }

    /// Starts a server again that was killed or has ended, and waits until it owns the world, or stands by while another
    /// one does.
    ///
    /// # Errors
    /// Where it does neither within a minute.
    pub async fn start_again(&mut self, number: usize) -> Result<()> {
        let server = self.server_mut(number)?;
        server.spawn()?;
        let (url, deadline) = (server.url(), Instant::now() + PART_DEADLINE);
        loop {
            match role_at(&url).await {
                Some(Role::Owner) => return Ok(()),
                Some(Role::Standby) if self.owner().await.is_some() => return Ok(()),
                _ => {}
            }
            let server = self.server_mut(number)?;
            let status = server.exit_status();
            ensure!(status.is_none(), "server {number} ended with {status:?}:\n{}", server.log_tail());
            let log = server.log_tail();
            ensure!(
                Instant::now() < deadline,
                "server {number} neither owns its world nor stands by:\n{log}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The world's database, reached without the proxy and as its superuser: how a test reads what is true, and does
    /// what no server may.
    #[must_use]
    pub fn database_url(&self) -> String {
        self.postgres.url(DATABASE)
    }
}

/// What a server is told of all servers of its world, itself first. A lone one need not be told.
fn addresses(listen: &[SocketAddr], number: usize) -> Vec<(String, String)> {
    if listen.len() < 2 {
        return Vec::new();
    }
    let own_first = listen.iter().cycle().skip(number).take(listen.len());
    let addresses: Vec<_> = own_first.map(|address| format!("ws://{address}/ws")).collect();
    vec![("HOLDFAST_ADDRESSES".to_owned(), addresses.join(","))]
}
