//! The issuer's published keys: which of them are fit to verify tokens, and how long they are believed.
//!
//! [`KeyCache`] decides and [`issuer`](super::issuer) fetches: the cache never waits for anything and reads no clock.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_front::Moment;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

/// How long fetched keys are used without asking again.
pub const FRESH: Duration = Duration::from_secs(10 * 60);
/// How long they are used while asking again fails.
pub const STALE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// How long an unknown key's name must wait after another one made us ask: a storm of made-up names costs the issuer
/// one request in this time.
pub const FORCED_COOL_DOWN: Duration = Duration::from_secs(10);
/// How long to wait after a failed attempt, where there are keys to go on with.
pub const RETRY: Duration = Duration::from_secs(10);
/// The same where there are none, and everybody waits.
pub const RETRY_WITHOUT_KEYS: Duration = Duration::from_secs(1);
/// How many keys of a document are looked at; more are ignored.
const KEYS_MAX: usize = 64;

/// A key that verifies signatures by exactly one algorithm.
pub struct VerifyKey {
    kid: Option<String>,
    algorithm: Algorithm,
    decoding: DecodingKey,
}

impl VerifyKey {
    /// The one algorithm by which this key verifies.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

impl std::fmt::Debug for VerifyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// Why there is no key for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The issuer has no such key.
    Unknown,
    /// Nobody can tell: the issuer cannot be reached.
    Unavailable,
}

/// What is known of a key's name without asking anybody.
#[derive(Clone, Debug)]
pub enum Known {
    /// This key has it, and the keys are fresh.
    Fresh(Arc<VerifyKey>),
    /// This key has it; it may be used, and the keys are to be asked for again beside that.
    Stale(Arc<VerifyKey>),
    /// No key has it, as far as we know.
    Missing,
}

/// The keys that are known, and when they were asked for.
#[derive(Debug, Default)]
pub struct KeyCache {
    keys: Vec<Arc<VerifyKey>>,
    fetched: Option<Moment>,
    tried: Option<Moment>,
    forced: Option<Moment>,
    /// Whether the last question was not answered.
    has_failed: bool,
}

impl KeyCache {
    /// What is known of `kid`.
    #[must_use]
    pub fn known(&self, kid: Option<&str>, now: Moment) -> Known {
        match self.answer(kid, now) {
            Ok(key) if self.is_fresh(now) => Known::Fresh(key),
            Ok(key) => Known::Stale(key),
            Err(_) => Known::Missing,
        }
    }

    /// What the keys say of `kid` when nobody is asked any more.
    ///
    /// # Errors
    /// Where they say that there is none, or are too old to say anything.
    pub fn answer(&self, kid: Option<&str>, now: Moment) -> Result<Arc<VerifyKey>, KeyError> {
        if self.is_usable(now) { self.find(kid).ok_or(KeyError::Unknown) } else { Err(KeyError::Unavailable) }
    }

    /// Whether the issuer is to be asked now, because of `kid`. Where it is, that counts as an attempt: call this
    /// only when about to ask.
    pub fn begin_fetch(&mut self, kid: Option<&str>, now: Moment) -> bool {
        let passed = |since: Option<Moment>, wait| since.is_none_or(|since| now.since(since) >= wait);
        let due = match self.known(kid, now) {
            Known::Fresh(_) => false,
            Known::Stale(_) => passed(self.tried, RETRY),
            Known::Missing if self.is_usable(now) => passed(self.forced, FORCED_COOL_DOWN),
            Known::Missing => passed(self.tried, RETRY_WITHOUT_KEYS),
        };
        if due {
            if self.is_usable(now) && self.find(kid).is_none() {
                self.forced = Some(now);
            }
            self.tried = Some(now);
        }
        due
    }

    /// These are the keys now. Keys that are no longer published are no longer believed.
    pub fn store(&mut self, keys: Vec<VerifyKey>, now: Moment) {
        self.keys = keys.into_iter().map(Arc::new).collect();
        self.fetched = Some(now);
        self.has_failed = false;
    }

    /// The issuer was asked, and gave no keys.
    pub fn fail(&mut self) {
        self.has_failed = true;
    }

    /// Whether the issuer gave its keys when it was last asked.
    pub fn is_answered(&self) -> bool {
        self.fetched.is_some() && !self.has_failed
    }

    fn is_fresh(&self, now: Moment) -> bool {
        self.fetched.is_some_and(|fetched| now.since(fetched) < FRESH)
    }

    fn is_usable(&self, now: Moment) -> bool {
        self.fetched.is_some_and(|fetched| now.since(fetched) < STALE_MAX)
    }

    fn find(&self, kid: Option<&str>) -> Option<Arc<VerifyKey>> {
        match kid {
            Some(kid) => self.keys.iter().find(|key| key.kid.as_deref() == Some(kid)).cloned(),
            // A token that names no key is meant for the only one.
            None if self.keys.len() == 1 => self.keys.first().cloned(),
            None => None,
        }
    }
}

/// A JWKS document, of which each entry is read by itself: one strange key does not spoil the others.
#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct PublishedKey {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The keys of a JWKS document that are fit to verify tokens. Those of another kind, for another purpose, too weak,
/// or with a name that is already taken are left out.
///
/// # Errors
/// Where it is no such document.
pub fn read_keys(document: &[u8]) -> Result<Vec<VerifyKey>, serde_json::Error> {
    let document: Document = serde_json::from_slice(document)?;
    let mut keys: Vec<VerifyKey> = Vec::new();
    for entry in document.keys.into_iter().take(KEYS_MAX) {
        let fit = serde_json::from_value::<PublishedKey>(entry).ok().and_then(fit_key);
        if let Some(key) = fit
            && keys.iter().all(|other| other.kid != key.kid)
        {
            keys.push(key);
        }
    }
    Ok(keys)
}

fn fit_key(key: PublishedKey) -> Option<VerifyKey> {
    let for_signatures = key.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
        && key.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    if !for_signatures {
        return None;
    }
    let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
    let (name, algorithm, decoding) = match (key.kty.as_str(), key.crv.as_deref()) {
        ("RSA", _) => {
            let (n, e) = (bytes(&key.n)?, bytes(&key.e)?);
            let decoding = strong_rsa(&n, &e).then(|| DecodingKey::from_rsa_raw_components(&n, &e))?;
            ("RS256", Algorithm::RS256, decoding)
        }
        ("EC", Some("P-256")) => {
            let whole = bytes(&key.x)?.len() == 32 && bytes(&key.y)?.len() == 32;
            let decoding = DecodingKey::from_ec_components(key.x.as_deref()?, key.y.as_deref()?);
            ("ES256", Algorithm::ES256, decoding.ok().filter(|_| whole)?)
        }
        ("OKP", Some("Ed25519")) => {
            let point = bytes(&key.x)?;
            ("EdDSA", Algorithm::EdDSA, (point.len() == 32).then(|| DecodingKey::from_ed_der(&point))?)
        }
        _ => return None,
    };
    let agrees = key.alg.as_deref().is_none_or(|alg| alg == name || (alg == "Ed25519" && name == "EdDSA"));
    agrees.then_some(VerifyKey { kid: key.kid, algorithm, decoding })
}

/// At least 2048 bits, at most 8192, and an exponent of at least 65537.
fn strong_rsa(n: &[u8], e: &[u8]) -> bool {
    let significant =
        |bytes: &[u8]| bytes.iter().position(|byte| *byte != 0).map_or(0, |at| bytes.len() - at);
    let top_bit_set = n.iter().find(|byte| **byte != 0).is_some_and(|byte| *byte >= 0x80);
    let size = significant(n);
    let long_enough = size > 256 || (size == 256 && top_bit_set);
    long_enough && size <= 1024 && (3..=8).contains(&significant(e))
}

#[cfg(test)]
mod tests;
