//! What is signed: access tokens, which a world's server reads, and ID tokens, which the page reads.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::people::{Person, Role};

/// What somebody has agreed to by signing in: everything that tokens are made from.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) person: Person,
    pub(crate) client_id: String,
    /// Granted scopes, separated by blanks.
    pub(crate) scope: String,
    /// The public name of the session in which it was given.
    pub(crate) session_id: String,
    /// When the person signed in, in seconds since 1970.
    pub(crate) auth_time_s: u64,
}

/// From when until when a token is good, in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) from_s: u64,
    pub(crate) until_s: u64,
}

/// The claims of an access token (RFC 9068).
pub(crate) fn access_claims(
    issuer: &str,
    audience: &str,
    grant: &Grant,
    scope: &str,
    life: Life,
    rng: &mut impl CryptoRng,
) -> Value {
    let roles: Vec<&str> = grant.person.roles.iter().map(|role: &Role| role.name()).collect();
    json!({
        "iss": issuer, "sub": grant.person.subject, "aud": audience, "scope": scope, "roles": roles,
        "client_id": grant.client_id, "jti": name(rng), "iat": life.from_s, "exp": life.until_s,
    })
}

/// The claims of an ID token that goes with an access token.
pub(crate) fn id_claims(
    issuer: &str,
    grant: &Grant,
    nonce: Option<&str>,
    access_token: &str,
    life: Life,
) -> Value {
    let digest = Sha256::digest(access_token);
    let half = digest.get(..16).unwrap_or_default();
    let mut claims = json!({
        "iss": issuer, "sub": grant.person.subject, "aud": grant.client_id, "name": grant.person.name,
        "auth_time": grant.auth_time_s, "sid": grant.session_id, "at_hash": URL_SAFE_NO_PAD.encode(half),
        "iat": life.from_s, "exp": life.until_s,
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    claims
}

/// A name that nobody guesses, where nothing but uniqueness hangs on it: 16 random bytes.
pub(crate) fn name(rng: &mut impl CryptoRng) -> String {
    random_text::<16>(rng)
}

/// A secret: 32 random bytes.
pub(crate) fn secret(rng: &mut impl CryptoRng) -> String {
    random_text::<32>(rng)
}

fn random_text<const BYTES: usize>(rng: &mut impl CryptoRng) -> String {
    let mut bytes = [0; BYTES];
    rng.fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}
