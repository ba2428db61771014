//! Who vouches for players: the development issuer, and tokens in its name that nobody had to sign in for.
//!
//! Whoever holds an [`Issuer`] makes any token he likes, good ones and bad ones.

pub mod token;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use holdfast_issuer::IssuerServer;
pub use holdfast_issuer::{Client, IssuerConfig};

use crate::background;
use token::TokenBuilder;

/// The audience that good tokens name.
pub const AUDIENCE: &str = "holdfast";

/// The scope that good tokens have.
pub const SCOPE: &str = "play";

/// How long a good token is valid.
const LIFE: Duration = Duration::from_secs(3600);

/// An issuer of access tokens. It falls silent when it is dropped.
#[derive(Debug)]
pub struct Issuer {
    server: IssuerServer,
}

impl Issuer {
    /// Starts an issuer on any port of loopback. Nobody can sign in until it [knows a client](Self::set_client).
    ///
    /// # Errors
    /// Where no port of loopback can be had.
    pub async fn start() -> Result<Self> {
        Self::start_as(IssuerConfig::default()).await
    }

    /// Starts an issuer as `config` says, for the audience [`AUDIENCE`].
    ///
    /// # Errors
    /// Where the configuration will not do, or its port cannot be had.
    pub async fn start_as(config: IssuerConfig) -> Result<Self> {
        let config = IssuerConfig { audience: AUDIENCE.to_owned(), ..config };
        let server = background::handle()?.spawn(IssuerServer::start(config)).await??;
        Ok(Self { server })
    }

    /// The issuer's name, which is also its address.
    #[must_use]
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// The port of loopback that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.address().port()
    }

    /// From now on people sign in to this client.
    ///
    /// # Errors
    /// Where one of its addresses is none to which people may be sent.
    pub fn set_client(&self, client: Client) -> Result<()> {
        Ok(self.server.set_client(client)?)
    }

    /// From now on another key signs. The old one stays published until its tokens have run out.
    ///
    /// # Errors
    /// Where too many old keys are still published.
    pub fn rotate_key(&self) -> Result<()> {
        Ok(self.server.rotate_key()?)
    }

    /// A good access token for `subject`, valid for an hour.
    #[must_use]
    pub fn token(&self, subject: &str) -> String {
        self.server.mint(subject, LIFE)
    }

    /// A good access token for `subject`, to be spoiled.
    #[must_use]
    pub fn token_builder(&self, subject: &str) -> TokenBuilder {
        TokenBuilder::new(self.url(), subject, self.server.signing_key(LIFE), now_s())
    }
}

/// Seconds since 1970.
fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
