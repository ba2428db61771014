//! The provider stepped by hand: no clock, no network, the same numbers each time.

mod codes;
mod families;
mod requests;
mod sessions;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::authorize::SignedIn;
use super::*;
use crate::params::Params;

const NOW: u64 = 1_800_000_000;
const BACK: &str = "http://127.0.0.1:8080/back";
const AFTER: &str = "http://127.0.0.1:8080/";
const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";

/// A provider, and whatever it is asked with.
struct Desk {
    provider: Provider,
    rng: StdRng,
    now_s: u64,
}

impl Desk {
    fn open() -> Self {
        let client = Client {
            redirect_uris: vec![BACK.to_owned()],
            post_logout_redirect_uris: vec![AFTER.to_owned()],
            ..Client::default()
        };
        let config = IssuerConfig { client, ..IssuerConfig::default() };
        let key = SigningKey::generate().unwrap();
        Self {
            provider: Provider::new("http://issuer", &config, key),
            rng: StdRng::seed_from_u64(1),
            now_s: NOW,
        }
    }

    fn authorize(&mut self, params: &Params, cookie: Option<&str>) -> Outcome {
        self.provider.authorize(params, cookie, self.now_s, &mut self.rng)
    }

    fn sign_in(&mut self, subject: &str) -> SignedIn {
        let person = self.provider.named(subject).unwrap();
        self.provider.sign_in(&request(&[]), person, None, self.now_s, &mut self.rng).unwrap()
    }

    /// The code that signing in gives.
    fn code(&mut self, subject: &str) -> String {
        answer(&self.sign_in(subject).redirect, "code").unwrap()
    }

    fn exchange(&mut self, pairs: &[(&str, &str)]) -> Result<Tokens, Denial> {
        self.provider.exchange(&params(pairs), self.now_s, &mut self.rng)
    }

    fn redeem(&mut self, code: &str, verifier: &str) -> Result<Tokens, Denial> {
        self.exchange(&[
            ("grant_type", "authorization_code"),
            ("client_id", "holdfast-web"),
            ("redirect_uri", BACK),
            ("code", code),
            ("code_verifier", verifier),
        ])
    }

    fn refresh(&mut self, token: &str) -> Result<Tokens, Denial> {
        self.exchange(&[
            ("grant_type", "refresh_token"),
            ("client_id", "holdfast-web"),
            ("refresh_token", token),
        ])
    }
}

fn params(pairs: &[(&str, &str)]) -> Params {
    Params::read(&url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish(), 1 << 16)
        .unwrap()
}

/// A request that is in order, with some of its parameters changed.
fn request(changes: &[(&str, &str)]) -> Params {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let good = [
        ("client_id", "holdfast-web"),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("scope", "openid play"),
        ("state", "a state & more"),
        ("nonce", "n"),
    ];
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = good.into_iter().filter(|(name, _)| !is_changed(name));
    params(&kept.chain(changes.iter().copied()).collect::<Vec<_>>())
}

/// A parameter of the answer in an address of the client.
fn answer(address: &str, name: &str) -> Option<String> {
    assert!(address.starts_with(BACK), "{address}");
    let url = Url::parse(address).unwrap();
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

fn error(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Redirect(address) => answer(address, "error"),
        _ => None,
    }
}

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
