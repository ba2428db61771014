//! From an access token to [`Claims`]: who somebody is. The only maker of claims.
//!
//! A token is checked in this order: its size; its header ([`jwt`]); the key that the header names, out of what the
//! issuer publishes ([`jwks`], fetched by [`issuer`], which also trusts [`authorities`] of the operator's); the
//! signature; every claim. Nothing of a token is believed before its signature is verified, and no address inside a
//! token is ever fetched.

use std::sync::Arc;

use holdfast_front::{Account, Moment};
use holdfast_protocol::{Code, HELLO_FRAME_BYTES_MAX};

use crate::config::AuthConfig;

pub mod authorities;
mod endpoints;
pub mod issuer;
pub mod jwks;
pub mod jwt;

use authorities::AuthoritiesError;
use issuer::{Examined, Issuer, IssuerError};
use jwks::KeyError;

/// The longest access token that is looked at, in bytes: what a Hello, of 8 KiB at most, has room for beside a KiB for
/// all else that stands in it.
pub const TOKEN_BYTES_MAX: usize = HELLO_FRAME_BYTES_MAX - 1024;

/// How far the issuer's clock and ours may be apart, in seconds.
pub const LEEWAY_S: u64 = 30;

/// A bearer token. It cannot be printed.
#[derive(Clone)]
pub struct AccessToken(String);

impl AccessToken {
    /// Wraps what somebody presented.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }
}

/// Who somebody is, by a token that was verified. Only [`Auth`] makes these.
#[derive(Clone, Debug)]
pub struct Claims {
    account: Account,
    expires_unix: u64,
}

impl Claims {
    /// The person.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// When the token runs out, in seconds since 1970.
    #[must_use]
    pub fn expires_unix(&self) -> u64 {
        self.expires_unix
    }
}

/// Why a token does not tell who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// It is no token of ours: forged, foreign, malformed.
    #[error("the token is not valid here")]
    Invalid,
    /// It was good once.
    #[error("the token has run out")]
    Expired,
    /// It is good, but not for playing.
    #[error("the token lacks the scope")]
    ScopeMissing,
    /// The issuer's keys cannot be had, so nobody can tell.
    #[error("the issuer's keys are not available")]
    IssuerUnavailable,
}

impl AuthError {
    /// What the client is told.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::Invalid => Code::TOKEN_INVALID,
            Self::Expired => Code::TOKEN_EXPIRED,
            Self::ScopeMissing => Code::SCOPE_MISSING,
            Self::IssuerUnavailable => Code::ISSUER_UNAVAILABLE,
        }
    }
}

/// Why no token could ever be verified.
#[derive(Debug, thiserror::Error)]
pub enum AuthSetupError {
    /// The issuer's address will not do.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// The file of further authorities will not do.
    #[error(transparent)]
    Authorities(#[from] AuthoritiesError),
    /// The cryptography gave a wrong answer to a known question.
    #[error("the signature check failed its self-test")]
    SelfTest,
}

/// Verifies access tokens of one issuer.
#[derive(Debug)]
pub struct Auth {
    rules: jwt::Rules,
    issuer_name: Arc<str>,
    issuer: Arc<Issuer>,
}

impl Auth {
    /// Installs and tests the cryptography, and gets ready to ask the issuer for its keys. Does not ask yet: the
    /// issuer may come up later than we do.
    ///
    /// # Errors
    /// Where the issuer's address is neither https nor on the loopback, the file of further authorities has none, or
    /// the cryptography does not work.
    pub fn new(config: &AuthConfig) -> Result<Self, AuthSetupError> {
        jwt::install_crypto().map_err(|_| AuthSetupError::SelfTest)?;
        let authorities = config.issuer_ca.as_deref().map(authorities::read).transpose()?;
        Ok(Self {
            rules: jwt::Rules::new(config),
            issuer_name: Arc::from(config.issuer.as_str()),
            issuer: Arc::new(Issuer::new(&config.issuer, authorities.unwrap_or_default())?),
        })
    }

    /// Asks the issuer for its keys, without waiting for them.
    pub fn ask_ahead(&self, now: Moment) {
        self.issuer.ask_ahead(now);
    }

    /// What the issuer says of itself that a page needs in order to sign somebody in, as its discovery document has it:
    /// none until it has been asked, and where that is not enough to sign in with.
    #[must_use]
    pub fn endpoints(&self) -> Option<serde_json::Value> {
        self.issuer.endpoints()
    }

    /// Whether the issuer gave its keys when it was last asked for them.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.issuer.is_answered()
    }

    /// Asks the issuer everything that is needed of it, and says which of it fails.
    pub async fn examine(&self) -> Examined {
        self.issuer.examine().await
    }

    /// Who the bearer of `token` is. `now` paces the questions to the issuer, `unix_seconds` is held against the
    /// token's lifetime.
    ///
    /// # Errors
    /// Where the token does not tell, or the issuer cannot be asked.
    pub async fn verify(
        &self,
        token: &AccessToken,
        now: Moment,
        unix_seconds: u64,
    ) -> Result<Claims, AuthError> {
        let token = token.0.as_str();
        if token.len() > TOKEN_BYTES_MAX {
            return Err(AuthError::Invalid);
        }
        let header = self.rules.header(token)?;
        let key = self.issuer.key(header.kid.as_deref(), now).await.map_err(|error| match error {
            KeyError::Unknown => AuthError::Invalid,
            KeyError::Unavailable => AuthError::IssuerUnavailable,
        })?;
        let verified = self.rules.verify(token, &key, unix_seconds)?;
        Ok(Claims {
            account: Account { issuer: self.issuer_name.clone(), subject: Arc::from(verified.subject) },
            expires_unix: verified.expires_unix,
        })
    }
}
