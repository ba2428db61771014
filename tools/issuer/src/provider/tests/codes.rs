//! A code is good once, for a minute, for whoever asked for it.

use super::*;

#[test]
fn a_code_becomes_tokens_of_whoever_signed_in() {
    let mut desk = Desk::open();
    let code = desk.code("Otto");
    let tokens = desk.redeem(&code, VERIFIER).unwrap();
    let access = claims(&tokens.access_token);
    assert_eq!(access["iss"], "http://issuer");
    assert_eq!((&access["sub"], &access["aud"]), (&"otto".into(), &"holdfast".into()));
    assert_eq!((&access["scope"], &access["client_id"]), (&"openid play".into(), &"holdfast-web".into()));
    assert_eq!(access["roles"], serde_json::json!(["player", "operator"]));
    assert_eq!((access["iat"].as_u64(), access["exp"].as_u64()), (Some(NOW), Some(NOW + 300)));
    let said = serde_json::to_value(&tokens).unwrap();
    assert_eq!((&said["token_type"], &said["expires_in"]), (&"Bearer".into(), &300.into()));
    let id = claims(said["id_token"].as_str().unwrap());
    assert_eq!((&id["sub"], &id["aud"], &id["nonce"]), (&"otto".into(), &"holdfast-web".into(), &"n".into()));
    assert_eq!((&id["name"], id["auth_time"].as_u64()), (&"Otto".into(), Some(NOW)));
    let half = URL_SAFE_NO_PAD.encode(&Sha256::digest(&tokens.access_token)[..16]);
    assert_eq!(id["at_hash"], half);
    assert_ne!(
        claims(&tokens.access_token)["jti"],
        claims(&desk.refresh(&tokens.refresh_token).unwrap().access_token)["jti"]
    );
}

#[test]
fn without_openid_there_is_no_id_token() {
    let mut desk = Desk::open();
    let person = Person::player("Zoe");
    let asked = request(&[("scope", "play money")]);
    let signed_in = desk.provider.sign_in(&asked, person, None, NOW, &mut desk.rng).unwrap();
    let tokens = desk.redeem(&answer(&signed_in.redirect, "code").unwrap(), VERIFIER).unwrap();
    let said = serde_json::to_value(&tokens).unwrap();
    assert_eq!((&said["scope"], said.get("id_token")), (&"play".into(), None));
}

#[test]
fn a_replayed_code_ends_what_it_gave() {
    let mut desk = Desk::open();
    let code = desk.code("ada");
    let tokens = desk.redeem(&code, VERIFIER).unwrap();
    assert!(matches!(desk.redeem(&code, VERIFIER), Err(Denial::Grant(_))));
    assert!(matches!(desk.refresh(&tokens.refresh_token), Err(Denial::Grant(_))));
}

#[test]
fn a_code_is_for_its_verifier_and_its_address() {
    let mut desk = Desk::open();
    let other = "another-verifier-of-forty-three-characters-or-more";
    for (redirect_uri, verifier) in [(BACK, other), (BACK, "short"), (AFTER, VERIFIER)] {
        let code = desk.code("ada");
        let attempt = desk.exchange(&[
            ("grant_type", "authorization_code"),
            ("client_id", "holdfast-web"),
            ("redirect_uri", redirect_uri),
            ("code", &code),
            ("code_verifier", verifier),
        ]);
        assert!(matches!(attempt, Err(Denial::Grant(_))), "{redirect_uri} {verifier}");
        // Nobody tries until it fits.
        assert!(matches!(desk.redeem(&code, VERIFIER), Err(Denial::Grant(_))));
    }
}

#[test]
fn a_code_runs_out_after_a_minute() {
    let mut desk = Desk::open();
    let [early, late] = ["ada", "ada"].map(|subject| desk.code(subject));
    desk.now_s += 59;
    assert!(desk.redeem(&early, VERIFIER).is_ok());
    desk.now_s += 1;
    assert!(matches!(desk.redeem(&late, VERIFIER), Err(Denial::Grant(_))));
}

#[test]
fn the_oldest_code_goes_when_there_are_too_many() {
    let mut desk = Desk::open();
    let first = desk.code("ada");
    let second = desk.code("ada");
    for _ in 0..CODES_MAX - 1 {
        desk.code("bob");
    }
    assert!(desk.redeem(&first, VERIFIER).is_err());
    assert!(desk.redeem(&second, VERIFIER).is_ok());
}

#[test]
fn what_is_wrong_has_the_name_of_the_standard() {
    let mut desk = Desk::open();
    let code = desk.code("ada");
    for (pairs, expected) in [
        (vec![], "invalid_request"),
        (vec![("client_id", "holdfast-web")], "invalid_request"),
        (vec![("client_id", "another"), ("grant_type", "authorization_code")], "invalid_client"),
        (vec![("client_id", "holdfast-web"), ("client_secret", "x")], "invalid_client"),
        (vec![("client_id", "holdfast-web"), ("grant_type", "password")], "unsupported_grant_type"),
        (
            vec![("client_id", "holdfast-web"), ("grant_type", "authorization_code"), ("code", &code)],
            "invalid_request",
        ),
        (vec![("client_id", "holdfast-web"), ("grant_type", "refresh_token")], "invalid_request"),
    ] {
        assert_eq!(desk.exchange(&pairs).unwrap_err().names().0, expected, "{pairs:?}");
    }
    // None of it was an attempt to use the code.
    assert!(desk.redeem(&code, VERIFIER).is_ok());
}
