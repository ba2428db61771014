//! How tests come into a world that a real server runs: characters over HTTP, clients with manners and without.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use holdfast_client::{ActionsOf, Client, ClientConfig, Observer, RawConnection};
use holdfast_devstack::{Issuer, Server};
use holdfast_protocol::{BuildId, ClientMessage, EntityId, Hello, ServerMessage, Welcome};
use holdfast_swarm::http::Api;

/// How long a test waits for what must come. It is no measurement: on a machine that is busy everything takes longer.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The bounds on strangers, out of the way: all clients of a test come from one address.
pub const OPEN_DOOR: [(&str, &str); 2] =
    [("HOLDFAST_CONNECTS_PER_ADDRESS", "1000"), ("HOLDFAST_UNIDENTIFIED_PER_ADDRESS", "200")];

/// The village, as its clients know it.
#[derive(Debug)]
pub struct Village;

impl ActionsOf for Village {
    type Action = village::action::Verb;
}

/// The ledger, as its clients know it.
#[derive(Debug)]
pub struct Ledger;

impl ActionsOf for Ledger {
    type Action = ledger::action::Verb;
}

/// The way into a server's world. It stays the same when the server is started again.
#[derive(Debug)]
pub struct Door {
    api: Api,
    address: String,
    build: BuildId,
}

/// Somebody who has a character.
#[derive(Clone, Debug)]
pub struct Resident {
    /// What vouches for them, for an hour.
    pub token: String,
    /// What they play.
    pub character: EntityId,
}

impl Door {
    /// The way into this server's world.
    ///
    /// # Errors
    /// Where the server does not say which build it is.
    pub async fn of(server: &Server) -> Result<Self> {
        let api = Api::new(&server.url())?;
        let (address, build) = (api.address()?, api.build().await?);
        Ok(Self { api, address, build })
    }

    /// The build that is let in.
    #[must_use]
    pub fn build(&self) -> BuildId {
        self.build
    }

    /// A new person with a new character. The name is also what the issuer calls them.
    ///
    /// # Errors
    /// Where the server refuses.
    pub async fn newcomer(&self, issuer: &Issuer, name: &str, archetype: &str) -> Result<Resident> {
        let token = issuer.token(name);
        let character = self.api.create_character(&token, name, archetype).await?;
        Ok(Resident { token, character })
    }

    /// A client that plays, and comes back by itself.
    #[must_use]
    pub fn play<G: ActionsOf>(&self, who: &Resident, observer: impl Observer) -> Client<G> {
        let token = who.token.clone();
        let config = ClientConfig {
            address: self.address.clone(),
            build: self.build,
            character: who.character,
            token: Box::new(move || token.clone()),
            kept: None,
            seed: who.character.0,
        };
        Client::connect(config, observer)
    }

    /// A connection on which nothing was said yet.
    ///
    /// # Errors
    /// Where the server is not there.
    pub async fn knock(&self) -> Result<RawConnection> {
        Ok(RawConnection::open(&self.address).await?)
    }

    /// What somebody says first who holds nothing.
    #[must_use]
    pub fn hello(&self, who: &Resident) -> Hello {
        Hello {
            build: self.build,
            access_token: who.token.clone(),
            character: who.character,
            resume: None,
            held: None,
            oldest_unanswered: None,
        }
    }

    /// A connection that has been welcomed, and has heard no more than that.
    ///
    /// # Errors
    /// Where the server answers otherwise.
    pub async fn enter(&self, who: &Resident) -> Result<(RawConnection, Welcome)> {
        let mut connection = self.knock().await?;
        connection.send(&ClientMessage::Hello(self.hello(who))).await?;
        let first = connection.hear_until(PATIENCE, Some).await.context("nothing came")?;
        match first {
            ServerMessage::Welcome(welcome) => Ok((connection, welcome)),
            other => bail!("no welcome, but {other:?}"),
        }
    }
}
