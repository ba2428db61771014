//! Tokens, good and bad, and an issuer that is not always there.

use std::time::Duration;

use holdfast::auth::{AccessToken, Auth, AuthError, Claims};
use holdfast::clock;
use holdfast_front::Moment;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::issuer::{Answers, Signer, TestIssuer, sign_with};

const NOW: Moment = Moment(Duration::from_secs(1_000_000));

async fn verify_at(auth: &Auth, token: &str, now: Moment) -> Result<Claims, AuthError> {
    auth.verify(&AccessToken::new(token.to_owned()), now, clock::unix_seconds()).await
}

async fn verify(auth: &Auth, token: &str) -> Result<Claims, AuthError> {
    verify_at(auth, token, NOW).await
}

/// The payload with these claims; null takes one away.
fn with(mut payload: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            payload.as_object_mut().unwrap().remove(name);
        } else {
            payload[name] = value.clone();
        }
    }
    payload
}

#[tokio::test]
async fn a_good_token_tells_who_somebody_is() {
    let issuer = TestIssuer::start().await;
    let auth = Auth::new(&issuer.config()).unwrap();
    let payload = with(issuer.payload(), &json!({ "of": "no meaning here" }));
    let claims = verify(&auth, &issuer.signer.sign(&issuer.signer.header(), &payload)).await.unwrap();
    assert_eq!(&*claims.account().subject, "ada");
    assert_eq!(&*claims.account().issuer, issuer.url);
    assert_eq!(claims.expires_unix(), payload["exp"].as_u64().unwrap());
    assert!(!format!("{claims:?}").contains("ada"), "a subject is never printed");
}

#[tokio::test]
async fn each_kind_of_key_verifies_by_its_own_algorithm_only() {
    let issuer = TestIssuer::start().await;
    let (es, rs, ed) = (issuer.signer.clone(), Signer::rs256("rs-1"), Signer::ed25519("ed-1"));
    issuer.answer(Answers::Keys([&es, &rs, &ed].map(Signer::published).to_vec()));
    let auth = Auth::new(&issuer.config()).unwrap();
    let signers = [&es, &rs, &ed];
    for signer in signers {
        let token = signer.sign(&signer.header(), &issuer.payload());
        assert!(verify(&auth, &token).await.is_ok(), "{}", signer.kid);
        for other in signers.iter().filter(|other| other.kid != signer.kid) {
            // Another key's name over this one's signature, by this one's algorithm.
            let header = with(signer.header(), &json!({ "kid": other.kid }));
            let token = signer.sign(&header, &issuer.payload());
            assert_eq!(verify(&auth, &token).await.unwrap_err(), AuthError::Invalid, "as {}", other.kid);
        }
    }
    for (alg, algorithm) in [("RS512", Algorithm::RS512), ("PS256", Algorithm::PS256)] {
        let header = with(rs.header(), &json!({ "alg": alg }));
        let token = sign_with(&rs.key, algorithm, &header.to_string(), &issuer.payload().to_string());
        assert_eq!(verify(&auth, &token).await.unwrap_err(), AuthError::Invalid, "{alg}");
    }
    // The oldest trick: the public key as the secret of a symmetric signature.
    let published = rs.published();
    for secret in [published["n"].as_str().unwrap().to_owned(), published.to_string()] {
        let header = with(rs.header(), &json!({ "alg": "HS256" }));
        let secret = EncodingKey::from_secret(secret.as_bytes());
        let token = sign_with(&secret, Algorithm::HS256, &header.to_string(), &issuer.payload().to_string());
        assert_eq!(verify(&auth, &token).await.unwrap_err(), AuthError::Invalid, "HS256");
    }
}

#[tokio::test]
async fn bad_headers_are_refused() {
    let issuer = TestIssuer::start().await;
    let auth = Auth::new(&issuer.config()).unwrap();
    let thief = Signer::es256("es-1");
    let sign =
        |changes: Value| issuer.signer.sign(&with(issuer.signer.header(), &changes), &issuer.payload());
    for good in ["application/at+jwt", "AT+JWT"] {
        assert!(verify(&auth, &sign(json!({ "typ": good }))).await.is_ok(), "{good}");
    }
    let bad = [
        ("no algorithm", sign(json!({ "alg": "none" }))),
        ("no alg", sign(json!({ "alg": null }))),
        ("another type", sign(json!({ "typ": "JWT" }))),
        ("no type", sign(json!({ "typ": null }))),
        ("a logout token", sign(json!({ "typ": "logout+jwt" }))),
        ("critical", sign(json!({ "crit": ["exp"] }))),
        ("nothing critical", sign(json!({ "crit": [] }))),
        ("unencoded", sign(json!({ "b64": false }))),
        ("compressed", sign(json!({ "zip": "DEF" }))),
        ("nested", sign(json!({ "cty": "JWT" }))),
        ("an unknown key", sign(json!({ "kid": "../../dev/null" }))),
        ("a list of keys", sign(json!({ "kid": ["es-1"] }))),
        ("another's key", thief.sign(&thief.header(), &issuer.payload())),
        (
            "a key of its own",
            thief.sign(&with(thief.header(), &json!({ "jwk": thief.published() })), &issuer.payload()),
        ),
        (
            "two keys",
            issuer.signer.sign_text(
                r#"{"alg":"ES256","typ":"at+jwt","kid":"x","kid":"es-1"}"#,
                &issuer.payload().to_string(),
            ),
        ),
    ];
    for (what, token) in bad {
        assert_eq!(verify(&auth, &token).await.unwrap_err(), AuthError::Invalid, "{what}");
    }
}

#[tokio::test]
async fn bad_claims_are_refused() {
    let issuer = TestIssuer::start().await;
    let auth = Auth::new(&issuer.config()).unwrap();
    let now = clock::unix_seconds();
    let slash = format!("{}/", issuer.url);
    let table = [
        (json!({ "aud": ["other", "holdfast"] }), None),
        (json!({ "exp": now - 20 }), None),
        (json!({ "iss": null }), Some(AuthError::Invalid)),
        (json!({ "iss": slash }), Some(AuthError::Invalid)),
        (json!({ "iss": [issuer.url] }), Some(AuthError::Invalid)),
        (json!({ "aud": null }), Some(AuthError::Invalid)),
        (json!({ "aud": "other" }), Some(AuthError::Invalid)),
        (json!({ "aud": [] }), Some(AuthError::Invalid)),
        (json!({ "aud": 7 }), Some(AuthError::Invalid)),
        (json!({ "exp": null }), Some(AuthError::Invalid)),
        (json!({ "exp": "tomorrow" }), Some(AuthError::Invalid)),
        (json!({ "exp": 1.0e30 }), Some(AuthError::Invalid)),
        (json!({ "exp": -1 }), Some(AuthError::Invalid)),
        (json!({ "exp": u64::MAX, "iat": null }), Some(AuthError::Invalid)),
        (json!({ "exp": now + 2 * 86_400 }), Some(AuthError::Invalid)),
        (json!({ "exp": now - 31 }), Some(AuthError::Expired)),
        (json!({ "nbf": now + 120 }), Some(AuthError::Invalid)),
        (json!({ "nbf": "now" }), Some(AuthError::Invalid)),
        (json!({ "iat": now + 120 }), Some(AuthError::Invalid)),
        (json!({ "sub": null }), Some(AuthError::Invalid)),
        (json!({ "sub": "" }), Some(AuthError::Invalid)),
        (json!({ "sub": "x".repeat(256) }), Some(AuthError::Invalid)),
        (json!({ "sub": "a\u{0}b" }), Some(AuthError::Invalid)),
        (json!({ "sub": 7 }), Some(AuthError::Invalid)),
        (json!({ "scope": null }), Some(AuthError::ScopeMissing)),
        (json!({ "scope": "openid player" }), Some(AuthError::ScopeMissing)),
    ];
    for (changes, expected) in table {
        let token = issuer.signer.sign(&issuer.signer.header(), &with(issuer.payload(), &changes));
        assert_eq!(verify(&auth, &token).await.err(), expected, "{changes}");
    }
    let header = issuer.signer.header().to_string();
    let twice = issuer.payload().to_string().replacen('{', r#"{"sub":"eve","#, 1);
    for payload in [twice.as_str(), "[]", "7", "", "{", &"[".repeat(2_000)] {
        let token = issuer.signer.sign_text(&header, payload);
        assert_eq!(verify(&auth, &token).await.err(), Some(AuthError::Invalid), "{payload}");
    }
}

#[tokio::test]
async fn a_token_is_three_canonical_segments_of_at_most_8_kib() {
    let issuer = TestIssuer::start().await;
    let auth = Auth::new(&issuer.config()).unwrap();
    let good = issuer.token();
    assert!(verify(&auth, &good).await.is_ok());
    let segments: Vec<&str> = good.split('.').collect();
    let flipped = {
        // The last character of 64 bytes carries two bits; the other four must be zero.
        let last = if good.ends_with('A') { 'B' } else { char::from(good.as_bytes()[good.len() - 1] + 1) };
        format!("{}{last}", &good[..good.len() - 1])
    };
    let long = with(issuer.payload(), &json!({ "padding": "x".repeat(9 * 1024) }));
    let bad = [
        String::new(),
        segments[0].to_owned(),
        segments[..2].join("."),
        format!("{}.{}.", segments[0], segments[1]),
        format!("{good}.{}", segments[2]),
        format!("{good}AAAA"),
        format!("{good}="),
        format!(" {good}"),
        flipped,
        issuer.signer.sign(&issuer.signer.header(), &long),
    ];
    for token in bad {
        assert_eq!(verify(&auth, &token).await.unwrap_err(), AuthError::Invalid, "{token}");
    }
}

#[tokio::test]
async fn many_who_come_at_once_ask_the_issuer_once() {
    let issuer = TestIssuer::start().await;
    let auth = Auth::new(&issuer.config()).unwrap();
    let token = issuer.token();
    let all = futures_util::future::join_all((0..50).map(|_| verify(&auth, &token))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn a_new_key_is_found_and_made_up_ones_do_not_become_a_storm() {
    let issuer = TestIssuer::start().await;
    let auth = Auth::new(&issuer.config()).unwrap();
    assert!(verify(&auth, &issuer.token()).await.is_ok());
    let new = Signer::es256("es-2");
    issuer.answer(Answers::Keys(vec![new.published()]));
    assert!(verify(&auth, &new.sign(&new.header(), &issuer.payload())).await.is_ok());
    assert_eq!(verify(&auth, &issuer.token()).await.unwrap_err(), AuthError::Invalid, "the old key is gone");
    let made_up = Signer::es256("nobody");
    let token = made_up.sign(&made_up.header(), &issuer.payload());
    for _ in 0..20 {
        assert_eq!(verify(&auth, &token).await.unwrap_err(), AuthError::Invalid);
    }
    assert_eq!(issuer.asked(), 2);
    assert!(verify_at(&auth, &token, NOW + Duration::from_secs(11)).await.is_err());
    assert_eq!(issuer.asked(), 3);
}

#[tokio::test]
async fn known_keys_outlive_an_issuers_outage_for_a_day() {
    let issuer = TestIssuer::start().await;
    let auth = Auth::new(&issuer.config()).unwrap();
    assert!(verify(&auth, &issuer.token()).await.is_ok());
    issuer.answer(Answers::Down);
    let hours = |hours: u64| NOW + Duration::from_secs(hours * 3_600);
    assert!(verify_at(&auth, &issuer.token(), hours(23)).await.is_ok());
    let outcome = verify_at(&auth, &issuer.token(), hours(25)).await;
    assert_eq!(outcome.unwrap_err(), AuthError::IssuerUnavailable);
}

#[tokio::test]
async fn an_issuer_that_misbehaves_is_not_available() {
    let issuer = TestIssuer::start().await;
    let keys = vec![issuer.signer.published()];
    for answers in [
        Answers::OtherIssuer(keys),
        Answers::Redirect,
        Answers::Huge,
        Answers::Down,
        Answers::Keys(Vec::new()),
    ] {
        issuer.answer(answers);
        let auth = Auth::new(&issuer.config()).unwrap();
        assert_eq!(verify(&auth, &issuer.token()).await.unwrap_err(), AuthError::IssuerUnavailable);
    }
}
