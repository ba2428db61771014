//! What makes a signed token good: pure rules, without any input but the token, a key and the time.
//!
//! The library checks the signature with exactly one algorithm per key, and that the claims which we require are
//! there. What it does not look at (`typ`, `crit`, a single `iss`, the lifetime by our clock) is checked here.

use std::collections::HashSet;

use jsonwebtoken::{Algorithm, Validation, crypto, decode, decode_header};
use serde::Deserialize;

use super::jwks::VerifyKey;
use super::{AuthError, LEEWAY_S};
use crate::config::AuthConfig;

/// The longest lifetime that a token may have, in seconds: a day, from when it was issued, or from now where it does
/// not say. A token that is good for longer is no access token.
const LIFETIME_S_MAX: u64 = 24 * 60 * 60;

/// What this server asks of a token.
#[derive(Debug)]
pub struct Rules {
    issuer: String,
    audience: String,
    scope: String,
    /// None accepts every type.
    token_type: Option<String>,
}

/// What a header says that matters: which key.
#[derive(Debug)]
pub struct TokenHeader {
    /// The key's name; none where the issuer has only one.
    pub kid: Option<String>,
}

/// What a good token says.
pub struct Verified {
    /// The issuer's name for the person.
    pub subject: String,
    /// When the token runs out, in seconds since 1970.
    pub expires_unix: u64,
}

/// The claims that we read. Types are strict: an `iss` that is a list, or an `exp` that is a text, is refused.
#[derive(Deserialize)]
struct Payload {
    iss: String,
    sub: String,
    exp: u64,
    #[serde(default)]
    nbf: Option<u64>,
    #[serde(default)]
    iat: Option<u64>,
    #[serde(default)]
    scope: Option<String>,
}

impl Rules {
    /// The rules that the configuration asks for.
    #[must_use]
    pub fn new(config: &AuthConfig) -> Self {
        Self {
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            scope: config.scope.clone(),
            token_type: (config.token_type != "any").then(|| media_type(&config.token_type)),
        }
    }

    /// Reads a token's header. It is not believed yet; it only tells which key to try.
    ///
    /// # Errors
    /// Where the token could not be a good one whatever its signature.
    pub fn header(&self, token: &str) -> Result<TokenHeader, AuthError> {
        let header = decode_header(token).map_err(|_| AuthError::Invalid)?;
        // What `crit`, `b64`, `enc`, `zip` and `cty` announce would have to be understood, and we do not.
        let unusual = header.crit.is_some()
            || header.enc.is_some()
            || header.zip.is_some()
            || header.cty.is_some()
            || header.extras.inner().contains_key("b64");
        let right_type = self
            .token_type
            .as_ref()
            .is_none_or(|wanted| header.typ.as_deref().map(media_type).as_ref() == Some(wanted));
        if unusual || !right_type { Err(AuthError::Invalid) } else { Ok(TokenHeader { kid: header.kid }) }
    }

    /// Verifies signature and claims.
    ///
    /// # Errors
    /// Where the token is not good at `unix_seconds`.
    pub fn verify(&self, token: &str, key: &VerifyKey, unix_seconds: u64) -> Result<Verified, AuthError> {
        let mut validation = Validation::new(key.algorithm());
        validation.required_spec_claims = HashSet::from(["exp", "iss", "aud", "sub"].map(str::to_owned));
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        // The library would read the clock by itself; the lifetime is checked below, by the time that was handed in.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let payload: Payload =
            decode(token, key.decoding(), &validation).map_err(|_| AuthError::Invalid)?.claims;
        self.check(payload, unix_seconds)
    }

    fn check(&self, payload: Payload, now: u64) -> Result<Verified, AuthError> {
        let subject_fits =
            (1..=255).contains(&payload.sub.chars().count()) && !payload.sub.chars().any(char::is_control);
        let too_early = |moment: Option<u64>| moment.is_some_and(|moment| moment > now + LEEWAY_S);
        let too_long = payload.exp.saturating_sub(payload.iat.unwrap_or(now)) > LIFETIME_S_MAX;
        if payload.iss != self.issuer
            || !subject_fits
            || too_early(payload.nbf)
            || too_early(payload.iat)
            || too_long
        {
            return Err(AuthError::Invalid);
        }
        if payload.exp.saturating_add(LEEWAY_S) <= now {
            return Err(AuthError::Expired);
        }
        let scopes = payload.scope.unwrap_or_default();
        if !scopes.split(' ').any(|scope| scope == self.scope) {
            return Err(AuthError::ScopeMissing);
        }
        Ok(Verified { subject: payload.sub, expires_unix: payload.exp })
    }
}

/// A media type as it is compared: without the `application/` that may be left out, in small letters.
fn media_type(text: &str) -> String {
    let small = text.to_ascii_lowercase();
    small.strip_prefix("application/").map_or(small.clone(), str::to_owned)
}

/// The self-test failed: signatures cannot be checked.
#[derive(Debug)]
pub struct SelfTestFailed;

/// Installs the cryptography that checks signatures, and asks it a question whose answer is known: the ES256 example
/// of RFC 7515, A.3, once as it stands there and once with another message.
///
/// # Errors
/// Where it gives a wrong answer.
pub fn install_crypto() -> Result<(), SelfTestFailed> {
    // It can be installed once in a process; a second call finds it in place.
    let _ = crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let key = jsonwebtoken::DecodingKey::from_ec_components(
        "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    )
    .map_err(|_| SelfTestFailed)?;
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let message = "eyJhbGciOiJFUzI1NiJ9.\
                   eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let verifies = |message: &str| {
        crypto::verify(signature, message.as_bytes(), &key, Algorithm::ES256).map_err(|_| SelfTestFailed)
    };
    if verifies(message)? && !verifies("another message")? { Ok(()) } else { Err(SelfTestFailed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_self_test_passes() {
        assert!(install_crypto().is_ok());
    }

    #[test]
    fn media_types_are_compared_as_rfc_7515_says() {
        assert_eq!(media_type("application/AT+JWT"), media_type("at+jwt"));
        assert_ne!(media_type("logout+jwt"), media_type("at+jwt"));
    }
}
