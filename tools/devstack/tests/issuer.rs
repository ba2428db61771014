//! Whoever reads the issuer's discovery document can check its tokens.

use holdfast_devstack::Issuer;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

#[tokio::test]
async fn token_is_served_with_its_key() {
    let issuer = Issuer::start().await.unwrap();
    let fetch = async |url: String| reqwest::get(url).await.unwrap();
    let discovery: Value =
        fetch(format!("{}/.well-known/openid-configuration", issuer.url())).await.json().await.unwrap();
    assert_eq!(discovery["issuer"], issuer.url());
    let keys: JwkSet = fetch(discovery["jwks_uri"].as_str().unwrap().to_owned()).await.json().await.unwrap();

    let token = issuer.token("ann");
    let header = decode_header(&token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&["holdfast"]);
    validation.set_issuer(&[issuer.url()]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let claims: Value = decode(&token, &key, &validation).unwrap().claims;
    assert_eq!((claims["sub"].as_str(), claims["scope"].as_str()), (Some("ann"), Some("play")));
    assert!(claims["iat"].is_i64() && claims["client_id"].is_string());

    let forged = issuer.token_builder("ann").forged().unwrap().build();
    assert!(decode::<Value>(&forged, &key, &validation).is_err());
}
