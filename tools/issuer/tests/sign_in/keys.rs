//! Whoever reads the published keys can check every token that is still good, also after a rotation.

use std::time::Duration;

use holdfast_issuer::IssuerServer;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

use crate::browser::{Browser, config};

/// The claims of a token, where a published key verifies it for this audience.
async fn verified(browser: &mut Browser, token: &str, audience: &str) -> Option<Value> {
    let keys: JwkSet = browser.get(&browser.endpoint("jwks_uri")).await.json().await.unwrap();
    let header = decode_header(token).unwrap();
    let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap())?).unwrap();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[browser.endpoint("issuer")]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    Some(decode(token, &key, &validation).unwrap().claims)
}

#[tokio::test]
async fn tokens_survive_a_rotation() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    let before = browser.tokens(("subject", "iris")).await;
    let text = |tokens: &Value, name: &str| tokens[name].as_str().unwrap().to_owned();

    let rotated = browser.post(&format!("{}/dev/rotate", issuer.url()), String::new(), None).await;
    assert_eq!(rotated.status(), 204);
    let (_, after) = browser.refresh(&before).await;
    let [old, new] = [&before, &after].map(|tokens| decode_header(text(tokens, "access_token")).unwrap());
    assert_eq!((old.typ.as_deref(), old.alg), (Some("at+jwt"), Algorithm::ES256));
    assert_ne!(old.kid, new.kid);
    for tokens in [&before, &after] {
        let access = verified(&mut browser, &text(tokens, "access_token"), "holdfast").await.unwrap();
        assert_eq!(access["roles"], serde_json::json!(["player", "designer"]));
        let id = verified(&mut browser, &text(tokens, "id_token"), "holdfast-web").await.unwrap();
        assert_eq!(id["sub"], access["sub"]);
    }
}

#[tokio::test]
async fn minted_tokens_are_as_good_as_any() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    let bot = issuer.mint("bot-7", Duration::from_secs(3_600));
    let operator = issuer.mint("otto", Duration::from_secs(60));
    issuer.rotate_key().unwrap();
    let claims = verified(&mut browser, &bot, "holdfast").await.unwrap();
    assert_eq!((&claims["sub"], &claims["scope"]), (&"bot-7".into(), &"play".into()));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3_600);
    let claims = verified(&mut browser, &operator, "holdfast").await.unwrap();
    assert_eq!(claims["roles"], serde_json::json!(["player", "operator"]));
}

#[tokio::test]
async fn too_many_rotations_are_refused_with_when_to_come_back() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    let address = format!("{}/dev/rotate", issuer.url());
    for _ in 1..holdfast_issuer::key::KEYS_MAX {
        let _ = issuer.mint("ada", Duration::from_secs(3_600));
        assert_eq!(browser.post(&address, String::new(), None).await.status(), 204);
    }
    let last = issuer.mint("ada", Duration::from_secs(3_600));
    let refused = browser.post(&address, String::new(), None).await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 3_500);
    assert!(verified(&mut browser, &last, "holdfast").await.is_some());
}
