//! What an issuer is told, and what of that it refuses: anything by which it could be reached from another machine
//! without somebody having said so.

use std::net::{Ipv4Addr, SocketAddr};

use url::{Host, Url};

use crate::people::{Person, ready_made};

/// The most addresses of each kind that a client may have.
pub const ADDRESSES_MAX: usize = 32;
/// The longest address, in bytes.
pub const ADDRESS_BYTES_MAX: usize = 2_048;
/// The longest life of an access token, in seconds: a day, more than which no server believes.
pub const ACCESS_LIFE_S_MAX: u64 = 24 * 60 * 60;

/// The application that people sign in to: one page, a public client without a secret.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its name.
    pub id: String,
    /// Where people are sent back to: https, or http on the loopback; compared letter by letter. Pages of these
    /// origins may read the answers of the token endpoint.
    pub redirect_uris: Vec<String>,
    /// Where people are sent to when they have signed out; the same rules.
    pub post_logout_redirect_uris: Vec<String>,
}

impl Default for Client {
    /// The client `holdfast-web`, without any address yet.
    fn default() -> Self {
        Self {
            id: "holdfast-web".to_owned(),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
        }
    }
}

impl Client {
    /// The client `holdfast-web` of these pages: people come back to any of them, signed in or signed out.
    #[must_use]
    pub fn of_pages(pages: Vec<String>) -> Self {
        Self { redirect_uris: pages.clone(), post_logout_redirect_uris: pages, ..Self::default() }
    }

    /// Checks the client's name and addresses.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.id.is_empty() || self.id.len() > 255 || self.id.chars().any(char::is_control) {
            return Err(ConfigError::ClientId);
        }
        for addresses in [&self.redirect_uris, &self.post_logout_redirect_uris] {
            if addresses.len() > ADDRESSES_MAX {
                return Err(ConfigError::TooManyAddresses);
            }
            for address in addresses {
                let fits = address.len() <= ADDRESS_BYTES_MAX
                    && Url::parse(address).is_ok_and(|url| is_secure(&url) && url.fragment().is_none());
                if !fits {
                    return Err(ConfigError::Redirect(address.clone()));
                }
            }
        }
        Ok(())
    }

    /// Whether a page of this origin belongs to the client.
    pub(crate) fn has_origin(&self, origin: &str) -> bool {
        self.redirect_uris.iter().any(|address| origin_of(address).as_deref() == Some(origin))
    }
}

/// Everything that an issuer is told.
#[derive(Clone, Debug)]
pub struct IssuerConfig {
    /// Where it listens: an address of the loopback; port 0 takes any.
    pub listen: SocketAddr,
    /// Its name, which is also its address as others see it, without a slash at its end; it may have a path. Where
    /// this is not given, the name is `http://` and where it listens.
    pub issuer: Option<String>,
    /// Whether something on this machine forwards to it from another address. Only then may its name be one that is
    /// not of the loopback, and keys are not rotated over HTTP.
    pub behind_proxy: bool,
    /// The application that people sign in to.
    pub client: Client,
    /// For whom access tokens are.
    pub audience: String,
    /// Who can be chosen on the page; others type their names.
    pub people: Vec<Person>,
    /// How long access and ID tokens are good, in seconds: at most [`ACCESS_LIFE_S_MAX`].
    pub access_life_s: u64,
    /// How long a refresh token is good from when it was given, in seconds.
    pub refresh_life_s: u64,
    /// How long somebody stays signed in here, in seconds.
    pub session_life_s: u64,
}

impl Default for IssuerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            issuer: None,
            behind_proxy: false,
            client: Client::default(),
            audience: "holdfast".to_owned(),
            people: ready_made(),
            access_life_s: 5 * 60,
            refresh_life_s: 12 * 60 * 60,
            session_life_s: 12 * 60 * 60,
        }
    }
}

/// What an issuer is not willing to be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// It was to listen where other machines reach it.
    #[error(
        "the development issuer listens on the loopback alone, not on {0}: whoever reaches it can be anybody"
    )]
    Listen(SocketAddr),
    /// Its name is none.
    #[error("the issuer's name must be an http or https address without a query, and not end with a slash")]
    Name,
    /// Its name is one that other machines can reach.
    #[error(
        "the issuer's name is not of the loopback; behind a proxy it may be, if it is https and you say so"
    )]
    ForeignName,
    /// The client's name is empty or too long.
    #[error("the client's name has 1 to 255 characters, none of them a control character")]
    ClientId,
    /// The client has too many addresses.
    #[error("a client has at most {ADDRESSES_MAX} addresses")]
    TooManyAddresses,
    /// An address of the client that nobody may be sent to.
    #[error("{0} is neither an https address nor one of the loopback, or is too long, or has a fragment")]
    Redirect(String),
    /// A life of nothing, or one that no server would accept.
    #[error("tokens and sessions live at least a second, access tokens at most {ACCESS_LIFE_S_MAX}")]
    Life,
}

impl IssuerConfig {
    /// Checks everything but the name, which may not be known before the port is.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if !self.listen.ip().is_loopback() {
            return Err(ConfigError::Listen(self.listen));
        }
        let lives = [self.access_life_s, self.refresh_life_s, self.session_life_s];
        if lives.contains(&0) || self.access_life_s > ACCESS_LIFE_S_MAX {
            return Err(ConfigError::Life);
        }
        if let Some(name) = &self.issuer {
            self.check_name(name)?;
        }
        self.client.check()
    }

    fn check_name(&self, name: &str) -> Result<(), ConfigError> {
        let url = Url::parse(name).map_err(|_| ConfigError::Name)?;
        let path_fits =
            url.path().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte))
                && !url.path().contains("//");
        let is_address = matches!(url.scheme(), "http" | "https") && url.host().is_some();
        let is_bare = url.username().is_empty() && url.query().is_none() && url.fragment().is_none();
        if !is_address || !is_bare || !path_fits || name.ends_with('/') {
            return Err(ConfigError::Name);
        }
        let may_be_foreign = self.behind_proxy && url.scheme() == "https";
        if is_loopback(&url) || may_be_foreign { Ok(()) } else { Err(ConfigError::ForeignName) }
    }
}

/// The origin of an address, as browsers write it.
pub(crate) fn origin_of(address: &str) -> Option<String> {
    Url::parse(address).ok().map(|url| url.origin().ascii_serialization())
}

fn is_secure(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_loopback(url),
        _ => false,
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests;
