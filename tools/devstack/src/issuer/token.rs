//! Access tokens, good ones and those that must be refused.

use std::sync::Arc;

use anyhow::Result;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_issuer::SigningKey;
use serde_json::{Map, Value, json};

use super::{AUDIENCE, LIFE, SCOPE};

/// An access token in the making. As [`super::Issuer::token_builder`] hands it out it is good in every respect; each
/// method changes one.
#[derive(Clone, Debug)]
pub struct TokenBuilder {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    key: Arc<SigningKey>,
    signature: Signature,
}

#[derive(Clone, Copy, Debug)]
enum Signature {
    Es256,
    /// With the published key as the secret: a verifier that believes the header would accept it.
    Hs256WithPublicKey,
    Absent,
    Broken,
}

impl TokenBuilder {
    pub(super) fn new(issuer: &str, subject: &str, key: Arc<SigningKey>, now_s: i64) -> Self {
        let object = |value| match value {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        let life_s = i64::try_from(LIFE.as_secs()).unwrap_or(i64::MAX);
        Self {
            header: object(json!({ "alg": "ES256", "typ": "at+jwt", "kid": key.id() })),
            claims: object(json!({
                "iss": issuer, "aud": AUDIENCE, "sub": subject, "client_id": "devstack", "scope": SCOPE,
                "iat": now_s, "exp": now_s.saturating_add(life_s),
            })),
            key,
            signature: Signature::Es256,
        }
    }

    /// Sets a claim.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Leaves a claim out.
    #[must_use]
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets a field of the header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// Valid until so many seconds from when it was begun; negative: expired.
    #[must_use]
    pub fn expires_in_s(self, seconds: i64) -> Self {
        let issued = self.claims.get("iat").and_then(Value::as_i64).unwrap_or_default();
        self.claim("exp", issued.saturating_add(seconds))
    }

    /// For somebody else's service.
    #[must_use]
    pub fn audience(self, audience: &str) -> Self {
        self.claim("aud", audience)
    }

    /// By another issuer, as far as its claim says.
    #[must_use]
    pub fn issuer(self, issuer: &str) -> Self {
        self.claim("iss", issuer)
    }

    /// With another scope.
    #[must_use]
    pub fn scope(self, scope: &str) -> Self {
        self.claim("scope", scope)
    }

    /// Signed with a key that nobody publishes, under the name of the published one.
    ///
    /// # Errors
    /// Where no key can be generated.
    pub fn forged(mut self) -> Result<Self> {
        self.key = Arc::new(SigningKey::generate()?);
        Ok(self)
    }

    /// Signed with a key that nobody publishes, under its own name.
    ///
    /// # Errors
    /// Where no key can be generated.
    pub fn unknown_key(self) -> Result<Self> {
        let forged = self.forged()?;
        let id = forged.key.id().to_owned();
        Ok(forged.header("kid", id))
    }

    /// Signed as HS256, with the published key as the secret (algorithm confusion).
    #[must_use]
    pub fn hs256_with_public_key(mut self) -> Self {
        self.signature = Signature::Hs256WithPublicKey;
        self.header("alg", "HS256")
    }

    /// Not signed, and saying so.
    #[must_use]
    pub fn alg_none(mut self) -> Self {
        self.signature = Signature::Absent;
        self.header("alg", "none")
    }

    /// Signed, and then changed by one bit.
    #[must_use]
    pub fn broken_signature(mut self) -> Self {
        self.signature = Signature::Broken;
        self
    }

    /// The token.
    #[must_use]
    pub fn build(self) -> String {
        let [header, claims] =
            [self.header, self.claims].map(|part| URL_SAFE_NO_PAD.encode(Value::Object(part).to_string()));
        let signed = format!("{header}.{claims}");
        let es256 = || self.key.sign(signed.as_bytes());
        let signature = match self.signature {
            Signature::Es256 => es256(),
            Signature::Hs256WithPublicKey => {
                let secret = hmac::Key::new(hmac::HMAC_SHA256, self.key.public_der());
                hmac::sign(&secret, signed.as_bytes()).as_ref().to_vec()
            }
            Signature::Absent => Vec::new(),
            Signature::Broken => {
                let mut bytes = es256();
                bytes.iter_mut().take(1).for_each(|byte| *byte ^= 1);
                bytes
            }
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};

    use super::*;

    fn is_accepted(key: &SigningKey, token: &str) -> bool {
        let x = key.public_jwk()["x"].as_str().unwrap();
        let y = key.public_jwk()["y"].as_str().unwrap();
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&["http://issuer"]);
        decode::<Value>(token, &DecodingKey::from_ec_components(x, y).unwrap(), &validation).is_ok()
    }

    fn good(key: &Arc<SigningKey>) -> TokenBuilder {
        TokenBuilder::new("http://issuer", "ann", Arc::clone(key), super::super::now_s())
    }

    #[test]
    fn a_good_token_is_accepted_and_a_spoiled_one_is_not() {
        let key = Arc::new(SigningKey::generate().unwrap());
        assert!(is_accepted(&key, &good(&key).build()));
        for spoiled in [
            good(&key).expires_in_s(-120),
            good(&key).audience("other"),
            good(&key).issuer("http://other"),
            good(&key).forged().unwrap(),
            good(&key).hs256_with_public_key(),
            good(&key).alg_none(),
            good(&key).broken_signature(),
        ] {
            assert!(!is_accepted(&key, &spoiled.clone().build()), "{spoiled:?}");
        }
    }
}
