//! The listener, and the handle on a running issuer.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::config::{Client, ConfigError, IssuerConfig, origin_of};
use crate::key::{KeyError, SigningKey};
use crate::page::Pages;
use crate::provider::Provider;
use crate::routes;

/// Why an issuer does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What it was told will not do.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Its first key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The address is taken, or is not there.
    #[error("listen on {0}")]
    Listen(SocketAddr, #[source] std::io::Error),
}

/// What all requests share.
pub(crate) struct Shared {
    provider: Mutex<Provider>,
    /// The issuer's name.
    pub(crate) name: String,
    /// The origin of its own pages.
    pub(crate) origin: String,
    /// What stands before each of its paths; empty where nothing does.
    pub(crate) path: String,
    pub(crate) behind_proxy: bool,
    pub(crate) pages: Pages,
}

impl Shared {
    pub(crate) fn provider(&self) -> MutexGuard<'_, Provider> {
        self.provider.lock().expect("nothing panics while it holds the provider")
    }
}

/// A running issuer. When this is dropped it takes no more connections, and what it knew goes with the last open one.
pub struct IssuerServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl std::fmt::Debug for IssuerServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuerServer").field("name", &self.shared.name).finish_non_exhaustive()
    }
}

impl IssuerServer {
    /// Makes a key and listens, in the async runtime that this is called in.
    ///
    /// How many connections are open is bounded by the process's file descriptors alone: only programs of this machine
    /// can open any.
    ///
    /// # Errors
    /// Where the configuration will not do, or the address cannot be had.
    pub async fn start(config: IssuerConfig) -> Result<Self, StartError> {
        config.check()?;
        let failed = |error| StartError::Listen(config.listen, error);
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let name = config.issuer.clone().unwrap_or_else(|| format!("http://{address}"));
        let origin = origin_of(&name).ok_or(ConfigError::Name)?;
        let path = name.strip_prefix(&origin).unwrap_or_default().to_owned();
        let shared = Arc::new(Shared {
            provider: Mutex::new(Provider::new(&name, &config, SigningKey::generate()?)),
            pages: Pages::new(&path),
            name,
            origin,
            path,
            behind_proxy: config.behind_proxy,
        });
        let routes = routes::all(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                tracing::warn!("the issuer stopped: {error}");
            }
        });
        Ok(Self { shared, address, task })
    }

    /// The issuer's name, which is also its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.shared.name
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on people sign in to this client: the page's address is often known only after the world runs, which
    /// needs the issuer first.
    ///
    /// # Errors
    /// Where its name or one of its addresses will not do; nothing has changed then.
    pub fn set_client(&self, client: Client) -> Result<(), ConfigError> {
        client.check()?;
        self.shared.provider().set_client(client);
        Ok(())
    }

    /// An access token for `subject`, good for `life` (in whole seconds), without any sign-in: with the roles of the
    /// ready-made person who has this subject, or a player's.
    #[must_use]
    pub fn mint(&self, subject: &str, life: Duration) -> String {
        self.shared.provider().mint(subject, life.as_secs(), now_s(), &mut rand::rng())
    }

    /// The key that signs now, for tokens that others make: it stays published for `life` at least.
    #[must_use]
    pub fn signing_key(&self, life: Duration) -> Arc<SigningKey> {
        self.shared.provider().signing_key(now_s().saturating_add(life.as_secs()))
    }

    /// Makes a new key, which signs from now on. The old one stays published until its tokens have run out.
    ///
    /// # Errors
    /// Where too many keys are still published; nothing has changed then.
    pub fn rotate_key(&self) -> Result<(), KeyError> {
        self.shared.provider().rotate(SigningKey::generate()?, now_s())
    }
}

impl Drop for IssuerServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Seconds since 1970.
pub(crate) fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
