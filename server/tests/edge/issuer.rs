//! An identity provider on the loopback, with keys of its own, that counts how often it is asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use holdfast::clock;
use holdfast::config::AuthConfig;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

/// A key that signs, with its published half.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) kid: &'static str,
    pub(crate) algorithm: Algorithm,
    pub(crate) key: EncodingKey,
}

impl Signer {
    pub(crate) fn es256(kid: &'static str) -> Self {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
        Self { kid, algorithm: Algorithm::ES256, key: EncodingKey::from_ec_der(pkcs8.as_ref()) }
    }

    pub(crate) fn ed25519(kid: &'static str) -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
        Self { kid, algorithm: Algorithm::EdDSA, key: EncodingKey::from_ed_der(pkcs8.as_ref()) }
    }

    pub(crate) fn rs256(kid: &'static str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let lines: Vec<String> = STANDARD
            .encode(der.as_ref())
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8(line.to_vec()).unwrap())
            .collect();
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
        Self { kid, algorithm: Algorithm::RS256, key: EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap() }
    }

    pub(crate) fn published(&self) -> Value {
        let mut jwk =
            serde_json::to_value(Jwk::from_encoding_key(&self.key, self.algorithm).unwrap()).unwrap();
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk
    }

    /// A token with this header and payload, signed by the algorithm that the key is for.
    pub(crate) fn sign(&self, header: &Value, payload: &Value) -> String {
        self.sign_text(&header.to_string(), &payload.to_string())
    }

    pub(crate) fn sign_text(&self, header: &str, payload: &str) -> String {
        sign_with(&self.key, self.algorithm, header, payload)
    }

    pub(crate) fn header(&self) -> Value {
        let alg = serde_json::to_value(self.algorithm).unwrap();
        json!({ "alg": alg, "typ": "at+jwt", "kid": self.kid })
    }
}

pub(crate) fn sign_with(key: &EncodingKey, algorithm: Algorithm, header: &str, payload: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

/// What the issuer answers; tests change it.
#[derive(Clone)]
pub(crate) enum Answers {
    Keys(Vec<Value>),
    OtherIssuer(Vec<Value>),
    Down,
    Redirect,
    Huge,
}

/// The provider.
pub(crate) struct TestIssuer {
    pub(crate) url: String,
    pub(crate) signer: Signer,
    answers: Arc<Mutex<Answers>>,
    asked: Arc<AtomicUsize>,
}

impl TestIssuer {
    /// A provider with one ES256 key.
    pub(crate) async fn start() -> Self {
        let signer = Signer::es256("es-1");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(Answers::Keys(vec![signer.published()])));
        let asked = Arc::new(AtomicUsize::new(0));
        let discovery = {
            let (url, answers) = (url.clone(), answers.clone());
            move || {
                let other = matches!(*answers.lock().unwrap(), Answers::OtherIssuer(_));
                let name = if other { "https://elsewhere.example".to_owned() } else { url.clone() };
                let body = json!({ "issuer": name, "jwks_uri": format!("{url}/jwks") }).to_string();
                async move { body }
            }
        };
        let keys = {
            let (answers, asked) = (answers.clone(), asked.clone());
            move || {
                asked.fetch_add(1, Ordering::SeqCst);
                let answer = answer(&answers.lock().unwrap());
                async move { answer }
            }
        };
        // Good keys, at an address that nobody may be sent to.
        let moved = json!({ "keys": [signer.published()] }).to_string();
        let router = Router::new()
            .route("/moved", get(move || async move { moved }))
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(keys));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, signer, answers, asked }
    }

    pub(crate) fn answer(&self, answers: Answers) {
        *self.answers.lock().unwrap() = answers;
    }

    /// How often its keys were asked for.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn config(&self) -> AuthConfig {
        AuthConfig {
            issuer: self.url.clone(),
            issuer_ca: None,
            audience: "holdfast".to_owned(),
            scope: "play".to_owned(),
            token_type: "at+jwt".to_owned(),
        }
    }

    /// A good payload; tests spoil it.
    pub(crate) fn payload(&self) -> Value {
        let now = clock::unix_seconds();
        json!({
            "iss": self.url, "aud": "holdfast", "sub": "ada", "iat": now, "exp": now + 300,
            "scope": "openid play", "client_id": "test", "roles": ["player"],
        })
    }

    /// A good token.
    pub(crate) fn token(&self) -> String {
        self.signer.sign(&self.signer.header(), &self.payload())
    }
}

fn answer(answers: &Answers) -> Response {
    match answers {
        Answers::Keys(keys) | Answers::OtherIssuer(keys) => {
            json!({ "keys": keys }).to_string().into_response()
        }
        Answers::Down => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Answers::Redirect => Redirect::temporary("/moved").into_response(),
        Answers::Huge => format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(300 * 1024)).into_response(),
    }
}
