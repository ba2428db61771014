//! Asks the issuer for its keys: discovery, then JWKS, over HTTP, with every limit that a stranger's server deserves.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use holdfast_front::Moment;
use reqwest::{Certificate, Client, Url, redirect};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::endpoints;
use super::jwks::{KeyCache, KeyError, Known, VerifyKey, read_keys};

/// How long one request to the issuer may take. Two of them, discovery and keys, make a fetch.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);
/// The largest document that is read, in bytes.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// Why an issuer cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// The address is neither https nor on the loopback.
    #[error("the issuer must be an https address (http only on the loopback)")]
    Address,
    /// The HTTP client could not be made.
    #[error("make the HTTP client")]
    Client(#[source] reqwest::Error),
}

/// Why the keys could not be fetched this time.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("ask the issuer")]
    Http(#[from] reqwest::Error),
    #[error("the issuer answered with status {0}")]
    Status(u16),
    #[error("the issuer's document is larger than {BODY_BYTES_MAX} bytes")]
    TooLarge,
    #[error("read the issuer's document")]
    Json(#[from] serde_json::Error),
    #[error("the discovery document names another issuer than the one configured")]
    OtherIssuer,
    #[error("the address of the keys is neither https nor on the loopback")]
    KeysAddress,
    #[error("none of the published keys can verify tokens")]
    NoKeys,
}

/// What came of asking an issuer everything.
#[derive(Debug)]
pub struct Examined {
    /// Whether it says where its keys are.
    pub discovery: Result<(), Box<dyn std::error::Error + Send + Sync>>,
    /// How many of its keys can verify tokens; none where it does not say where they are.
    pub key_count: Result<usize, Box<dyn std::error::Error + Send + Sync>>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// An identity provider and what is known of its keys.
#[derive(Debug)]
pub struct Issuer {
    name: String,
    is_local: bool,
    http: Client,
    cache: std::sync::Mutex<KeyCache>,
    /// What a page needs of its discovery document, from when the keys were last fetched.
    endpoints: std::sync::Mutex<Option<Value>>,
    /// Held by the one who fetches; the others wait for it and then use what it fetched.
    fetching: Mutex<()>,
}

impl Issuer {
    /// The issuer with this name, which is its address as well. Its certificate may come from one of `authorities`, or
    /// from any that this machine trusts.
    ///
    /// # Errors
    /// Where the address is neither https nor on the loopback, or the authorities cannot be taken in.
    pub fn new(name: &str, authorities: Vec<Certificate>) -> Result<Self, IssuerError> {
        let address = Url::parse(name).map_err(|_| IssuerError::Address)?;
        if !is_allowed(&address) || address.query().is_some() || address.fragment().is_some() {
            return Err(IssuerError::Address);
        }
        let mut builder = Client::builder()
            .timeout(REQUEST_TIMEOUT)
            .connect_timeout(REQUEST_TIMEOUT)
            .redirect(redirect::Policy::none());
        let is_local = is_loopback(&address);
        if is_local {
            builder = builder.no_proxy();
        }
        if !authorities.is_empty() {
            builder = builder.tls_certs_merge(authorities);
        }
        let http = builder.build().map_err(IssuerError::Client)?;
        Ok(Self {
            name: name.to_owned(),
            is_local,
            http,
            cache: std::sync::Mutex::default(),
            endpoints: std::sync::Mutex::default(),
            fetching: Mutex::default(),
        })
    }

    /// The key called `kid`, asking the issuer where that is due.
    ///
    /// # Errors
    /// Where the issuer has no such key, or cannot be asked.
    pub async fn key(self: &Arc<Self>, kid: Option<&str>, now: Moment) -> Result<Arc<VerifyKey>, KeyError> {
        let known = self.cache().known(kid, now);
        match known {
            Known::Fresh(key) => Ok(key),
            Known::Stale(key) => {
                // Where somebody asks already, nobody needs to ask beside it.
                if self.fetching.try_lock().is_ok() {
                    self.ask(kid, now);
                }
                Ok(key)
            }
            Known::Missing => {
                // A task of its own, so that a client that gives up does not cut off the answer for the others. It
                // panics only with the whole process.
                let _ = self.ask(kid, now).await;
                self.cache().answer(kid, now)
            }
        }
    }

    /// Asks the issuer for the first time, without waiting for what it says: whoever comes first shall not have to.
    pub fn ask_ahead(self: &Arc<Self>, now: Moment) {
        drop(self.ask(None, now));
    }

    /// What a page needs of the discovery document in order to sign somebody in; none until the issuer has been asked.
    pub fn endpoints(&self) -> Option<Value> {
        self.endpoints.lock().expect("nothing panics while it holds the endpoints").clone()
    }

    /// Whether it gave its keys when it was last asked.
    pub fn is_answered(&self) -> bool {
        self.cache().is_answered()
    }

    /// Asks the issuer from a task of its own, unless that turns out not to be due once nobody else asks.
    fn ask(self: &Arc<Self>, kid: Option<&str>, now: Moment) -> JoinHandle<()> {
        let issuer = self.clone();
        let kid = kid.map(str::to_owned);
        tokio::spawn(async move {
            let _alone = issuer.fetching.lock().await;
            if !issuer.cache().begin_fetch(kid.as_deref(), now) {
                return;
            }
            match issuer.fetch().await {
                Ok(keys) => {
                    tracing::debug!(key_count = keys.len(), "fetched the issuer's keys");
                    issuer.cache().store(keys, now);
                }
                Err(error) => {
                    issuer.cache().fail();
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the issuer's keys cannot be fetched; known ones are used for up to a day"
                    );
                }
            }
        })
    }

    /// Asks the issuer everything anew, step by step, for somebody who wants to know which one fails. What is found is
    /// not kept, but for what a page needs.
    pub(super) async fn examine(&self) -> Examined {
        let found = self.discover().await;
        let key_count = match &found {
            Ok(address) => self.fetch_keys(address).await.map(|keys| keys.len()),
            Err(_) => Ok(0),
        };
        Examined { discovery: found.map(drop).map_err(Box::from), key_count: key_count.map_err(Box::from) }
    }

    async fn fetch(&self) -> Result<Vec<VerifyKey>, FetchError> {
        let address = self.discover().await?;
        self.fetch_keys(&address).await
    }

    /// Where its keys are.
    async fn discover(&self) -> Result<Url, FetchError> {
        let address = format!("{}/.well-known/openid-configuration", self.name.trim_end_matches('/'));
        let document: Value = serde_json::from_slice(&self.get(&address).await?)?;
        let known = endpoints::of(&document);
        let discovery: Discovery = serde_json::from_value(document)?;
        if discovery.issuer != self.name {
            return Err(FetchError::OtherIssuer);
        }
        *self.endpoints.lock().expect("nothing panics while it holds the endpoints") = known;
        let keys_address = Url::parse(&discovery.jwks_uri).map_err(|_| FetchError::KeysAddress)?;
        // A public issuer has no business on our loopback.
        if !is_allowed(&keys_address) || (is_loopback(&keys_address) && !self.is_local) {
            return Err(FetchError::KeysAddress);
        }
        Ok(keys_address)
    }

    async fn fetch_keys(&self, address: &Url) -> Result<Vec<VerifyKey>, FetchError> {
        let keys = read_keys(&self.get(address.as_str()).await?)?;
        if keys.is_empty() { Err(FetchError::NoKeys) } else { Ok(keys) }
    }

    async fn get(&self, address: &str) -> Result<Vec<u8>, FetchError> {
        let mut response = self.http.get(address).header("accept", "application/json").send().await?;
        if !response.status().is_success() {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, KeyCache> {
        self.cache.lock().expect("nothing panics while it holds the cache")
    }
}

fn is_allowed(address: &Url) -> bool {
    match address.scheme() {
        "https" => address.host_str().is_some(),
        "http" => is_loopback(address),
        _ => false,
    }
}

fn is_loopback(address: &Url) -> bool {
    address.host_str().is_some_and(|host| {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_the_loopback_are_asked() {
        for good in
            ["https://id.example.org", "http://127.0.0.1:9400", "http://localhost/x", "http://[::1]:1"]
        {
            assert!(Issuer::new(good, Vec::new()).is_ok(), "{good}");
        }
        for bad in
            ["http://id.example.org", "http://localhost.evil.example", "ftp://127.0.0.1", "id", "file:///k"]
        {
            assert!(Issuer::new(bad, Vec::new()).is_err(), "{bad}");
        }
    }
}
