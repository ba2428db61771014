//! A stand-in for an identity provider: it signs access tokens with a key of its own and publishes the key.
//!
//! There is no sign-in: whoever holds an [`Issuer`] makes any token he likes, good ones and bad ones. It listens on
//! loopback alone.

pub mod token;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::background;
use token::TokenBuilder;

/// The audience that good tokens name.
pub const AUDIENCE: &str = "holdfast";

/// The scope that good tokens have.
pub const SCOPE: &str = "play";

/// An issuer of access tokens. It falls silent when it is dropped.
#[derive(Debug)]
pub struct Issuer {
    url: String,
    key: Arc<SigningKey>,
    server: JoinHandle<()>,
}

/// A key with which tokens are signed.
pub(crate) struct SigningKey {
    pub(crate) id: String,
    pub(crate) private: EncodingKey,
    /// The published half, as a file of it would be: what a careless verifier takes for an HMAC secret.
    pub(crate) public_der: Vec<u8>,
    public_jwk: Value,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

impl SigningKey {
    /// A new key on P-256, for ES256.
    pub(crate) fn generate() -> Result<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .map_err(|_| anyhow::anyhow!("generate a P-256 key"))?;
        let private = pair.to_pkcs8v1().map_err(|_| anyhow::anyhow!("write down a P-256 key"))?;
        let public = pair.public_key();
        let der: PublicKeyX509Der<'_> =
            public.as_der().map_err(|_| anyhow::anyhow!("write down a public key"))?;
        // An uncompressed point: the byte 4, then x and y of 32 bytes each.
        let (x, y) = public
            .as_ref()
            .split_first_chunk::<33>()
            .and_then(|(head, y)| Some((head.get(1..)?, y)))
            .context("read a public key")?;
        let id = format!("{:016x}", rand::random::<u64>());
        let public_jwk = json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": id,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        });
        Ok(Self {
            id,
            private: EncodingKey::from_ec_der(private.as_ref()),
            public_der: der.as_ref().to_vec(),
            public_jwk,
        })
    }
}

impl Issuer {
    /// Generates a key and starts to serve its public half.
    ///
    /// # Errors
    /// Where no port of loopback can be had.
    pub async fn start() -> Result<Self> {
        let key = Arc::new(SigningKey::generate()?);
        let runtime = background::handle()?;
        let listener = runtime
            .spawn(TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))))
            .await?
            .context("listen on loopback")?;
        let url = format!("http://{}", listener.local_addr()?);
        let discovery = json!({
            "issuer": url,
            "jwks_uri": format!("{url}/jwks"),
            "id_token_signing_alg_values_supported": ["ES256"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
        });
        let jwks = json!({ "keys": [key.public_jwk] });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(async move || Json(discovery)))
            .route("/jwks", get(async move || Json(jwks)));
        let server = runtime.spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                tracing::warn!("the issuer stopped: {error}");
            }
        });
        Ok(Self { url, key, server })
    }

    /// The issuer's name, which is also its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A good access token for `subject`, valid for an hour.
    #[must_use]
    pub fn token(&self, subject: &str) -> String {
        self.token_builder(subject).build()
    }

    /// A good access token for `subject`, to be spoiled.
    #[must_use]
    pub fn token_builder(&self, subject: &str) -> TokenBuilder {
        TokenBuilder::new(&self.url, subject, Arc::clone(&self.key), now_s())
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Seconds since 1970.
fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
