//! The keys that sign tokens, and how long each stays published.
//!
//! The newest key signs. One that was replaced stays published until the last token that it signed has run out, so
//! a rotation makes no good token bad.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Value, json};

/// The most keys that are published at once. Where as many are, none is added before one has run out.
pub const KEYS_MAX: usize = 8;

/// How much longer than its tokens a key is published, in seconds: verifiers' clocks differ.
const LEEWAY_S: u64 = 60;

/// What keys fail at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The cryptography could not make one.
    #[error("a P-256 key could not be made")]
    Generate,
    /// As many are published as may be.
    #[error("{KEYS_MAX} keys are published, and the tokens of the oldest run out in {retry_after_s} s")]
    TooMany {
        /// When there is room again, in seconds from now.
        retry_after_s: u64,
    },
}

/// A key on P-256, for ES256.
pub struct SigningKey {
    id: String,
    private: EncodingKey,
    public: DecodingKey,
    public_der: Vec<u8>,
    public_jwk: Value,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

impl SigningKey {
    /// A new key.
    ///
    /// # Errors
    /// Where the cryptography cannot make one.
    pub fn generate() -> Result<Self, KeyError> {
        let pair =
            EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| KeyError::Generate)?;
        let private = pair.to_pkcs8v1().map_err(|_| KeyError::Generate)?;
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| KeyError::Generate)?;
        // An uncompressed point: the byte 4, then x and y of 32 bytes each.
        let (x, y) = pair
            .public_key()
            .as_ref()
            .split_first_chunk::<33>()
            .and_then(|(head, y)| Some((head.get(1..)?, y)))
            .ok_or(KeyError::Generate)?;
        let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
        let id = format!("{:016x}", rand::random::<u64>());
        Ok(Self {
            private: EncodingKey::from_ec_der(private.as_ref()),
            public: DecodingKey::from_ec_components(&x, &y).map_err(|_| KeyError::Generate)?,
            public_der: der.as_ref().to_vec(),
            public_jwk: json!({
                "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": id, "x": x, "y": y,
            }),
            id,
        })
    }

    /// The key's name: what a token's header calls `kid`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The published half, as a file of it would be: what a careless verifier takes for an HMAC secret.
    #[must_use]
    pub fn public_der(&self) -> &[u8] {
        &self.public_der
    }

    /// The published half, as the issuer publishes it.
    #[must_use]
    pub fn public_jwk(&self) -> &Value {
        &self.public_jwk
    }

    /// The signature of `message` by ES256, in the 64 bytes of a token's.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let text =
            sign(message, &self.private, Algorithm::ES256).expect("a P-256 key signs whatever it is given");
        URL_SAFE_NO_PAD.decode(text).expect("a signature is written in base64")
    }

    /// A signed token with this header, to which the key's name is added, and these claims.
    pub(crate) fn token(&self, token_type: &str, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "typ": token_type, "kid": self.id });
        let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let message = format!("{header}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(self.sign(message.as_bytes()));
        format!("{message}.{signature}")
    }

    pub(crate) fn verifying(&self) -> &DecodingKey {
        &self.public
    }
}

/// A key and until when what it signed is good.
#[derive(Debug)]
struct Published {
    key: Arc<SigningKey>,
    until_s: u64,
}

/// All keys that are published. The last one signs.
#[derive(Debug)]
pub(crate) struct KeyRing {
    current: Published,
    /// Those that signed before, oldest first.
    retired: Vec<Published>,
}

impl KeyRing {
    /// A ring with one key.
    pub(crate) fn new(key: SigningKey) -> Self {
        Self { current: Published { key: Arc::new(key), until_s: 0 }, retired: Vec::new() }
    }

    /// The key that signs, for a token that is good until `until_s`; so long will it be published.
    pub(crate) fn signing(&mut self, until_s: u64) -> &Arc<SigningKey> {
        self.current.until_s = self.current.until_s.max(until_s.saturating_add(LEEWAY_S));
        &self.current.key
    }

    /// From now on `key` signs.
    ///
    /// # Errors
    /// Where there is no room for it; nothing has changed then.
    pub(crate) fn rotate(&mut self, key: SigningKey, now_s: u64) -> Result<(), KeyError> {
        self.retired.retain(|old| old.until_s > now_s);
        let still_needed = usize::from(self.current.until_s > now_s);
        if self.retired.len() + still_needed >= KEYS_MAX {
            let first_s = self.retired.iter().map(|old| old.until_s).min().unwrap_or(now_s);
            return Err(KeyError::TooMany { retry_after_s: first_s.saturating_sub(now_s) });
        }
        let old = std::mem::replace(&mut self.current, Published { key: Arc::new(key), until_s: 0 });
        if still_needed == 1 {
            self.retired.push(old);
        }
        Ok(())
    }

    /// The published keys, the one that signs first.
    pub(crate) fn published(&self, now_s: u64) -> impl Iterator<Item = &SigningKey> {
        let retired = self.retired.iter().rev().filter(move |old| old.until_s > now_s);
        std::iter::once(&self.current).chain(retired).map(|published| &*published.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ring: &KeyRing, now_s: u64) -> Vec<String> {
        ring.published(now_s).map(|key| key.id().to_owned()).collect()
    }

    #[test]
    fn a_key_is_published_until_its_tokens_have_run_out() {
        let mut ring = KeyRing::new(SigningKey::generate().unwrap());
        let first = ring.signing(1_300).id().to_owned();
        ring.rotate(SigningKey::generate().unwrap(), 1_000).unwrap();
        let second = ring.signing(1_400).id().to_owned();
        assert_ne!(first, second);
        assert_eq!(ids(&ring, 1_300), [second.clone(), first]);
        assert_eq!(ids(&ring, 1_300 + LEEWAY_S), [second]);
    }

    #[test]
    fn a_key_that_signed_nothing_leaves_at_once() {
        let mut ring = KeyRing::new(SigningKey::generate().unwrap());
        ring.rotate(SigningKey::generate().unwrap(), 1_000).unwrap();
        assert_eq!(ids(&ring, 1_000).len(), 1);
    }

    #[test]
    fn a_full_ring_refuses_rather_than_make_tokens_bad() {
        let mut ring = KeyRing::new(SigningKey::generate().unwrap());
        for count in 1..KEYS_MAX {
            ring.signing(2_000);
            ring.rotate(SigningKey::generate().unwrap(), 1_000).unwrap();
            assert_eq!(ids(&ring, 1_000).len(), count + 1);
        }
        ring.signing(2_000);
        let before = ids(&ring, 1_000);
        let refused = ring.rotate(SigningKey::generate().unwrap(), 1_000);
        assert_eq!(refused, Err(KeyError::TooMany { retry_after_s: 1_000 + LEEWAY_S }));
        assert_eq!(ids(&ring, 1_000), before);
        ring.rotate(SigningKey::generate().unwrap(), 2_000 + LEEWAY_S).unwrap();
    }
}
