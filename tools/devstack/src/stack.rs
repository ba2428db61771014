//! All of it at once: PostgreSQL, an issuer, and the server of a game, perhaps with a proxy between it and its
//! database and a link between it and its players, and perhaps with further servers of the same world that stand by.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::task::JoinSet;

use crate::issuer::Issuer;
use crate::link::Link;
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
    /// Whether each server reaches the database through a [`Proxy`] of its own.
    pub proxied: bool,
    /// Whether players are to reach each server through a [`Link`] of its own.
    pub linked: bool,
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
    /// A game's world [`WORLD`], with nothing between the parts.
    #[must_use]
    pub fn new(game: &str) -> Self {
        Self {
            game: game.to_owned(),
            world: WORLD.to_owned(),
            proxied: false,
            linked: false,
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

    /// With a proxy between each server and the database.
    #[must_use]
    pub fn proxied(mut self) -> Self {
        self.proxied = true;
        self
    }

    /// With a link between players and each server. It is the links' addresses that servers tell players.
    #[must_use]
    pub fn linked(mut self) -> Self {
        self.linked = true;
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
    /// What is between players and each server, by the server's number; empty where that was not asked for.
    pub links: Vec<Link>,
    /// What is between each server and the database, by the server's number; empty where that was not asked for.
    pub proxies: Vec<Proxy>,
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
        let mut listen = options.listen;
        listen.extend(free_ports((options.standbys + 1).saturating_sub(listen.len()))?);
        let mut proxies = Vec::new();
        if options.proxied {
            for number in 0..listen.len() {
                let socket_folder = postgres.folder().subfolder(&format!("proxy-{number}"))?;
                proxies.push(Proxy::start(&socket_folder, postgres.socket()).await?);
            }
        }
        let linked = listen.iter().filter(|_| options.linked);
        let links = linked.map(|listen| Link::start(*listen)).collect::<Result<Vec<_>>>()?;
        let server_options = |number: usize| {
            let folder = match number {
                0 => folder.clone(),
                // Each has a log of its own.
                _ => postgres.folder().subfolder(&format!("standby-{number}"))?,
            };
            let mut environment = addresses(&listen, &links, number);
            environment.extend(options.environment.iter().cloned());
            anyhow::Ok(ServerOptions {
                game: options.game.clone(),
                world: options.world.clone(),
                database_url: proxies
                    .get(number)
                    .map_or_else(|| postgres.writer_url(DATABASE), |proxy| proxy.url(DATABASE)),
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
        Ok(Self { server, standbys, links, proxies, issuer, postgres })
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

    /// Where players reach a server, by its number: at its link, or at itself where it has none.
    ///
    /// # Errors
    /// Where there is none of that number.
    pub fn player_url(&self, number: usize) -> Result<String> {
        let server = self.servers().nth(number).with_context(|| format!("there is no server {number}"))?;
        Ok(self.links.get(number).map_or_else(|| server.ws_url(), Link::ws_url))
    }

    /// What is between the first server and the database.
    ///
    /// # Errors
    /// Where the stack has no proxies.
    pub fn proxy(&self) -> Result<&Proxy> {
        self.proxies.first().context("the stack has no proxies")
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

/// What a server is told of where players reach all servers of its world, itself first. A lone one knows where it is.
fn addresses(listen: &[SocketAddr], links: &[Link], number: usize) -> Vec<(String, String)> {
    if listen.len() < 2 && links.is_empty() {
        return Vec::new();
    }
    let reached = |server: usize| links.get(server).map_or_else(|| listen[server], Link::address);
    let own_first = (0..listen.len()).map(|place| (place + number) % listen.len());
    let addresses: Vec<_> = own_first.map(|server| format!("ws://{}/ws", reached(server))).collect();
    vec![("HOLDFAST_ADDRESSES".to_owned(), addresses.join(","))]
}
