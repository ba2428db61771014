//! What a client may ask for.

use super::*;

#[test]
fn nobody_is_sent_to_a_foreign_address() {
    let mut desk = Desk::open();
    for change in [
        ("redirect_uri", "http://evil.example/back"),
        ("redirect_uri", "http://127.0.0.1:8080/back/"),
        ("redirect_uri", "http://127.0.0.1:8080/back?x=1"),
        ("redirect_uri", "http://127.0.0.1:8081/back"),
        ("redirect_uri", ""),
        ("client_id", "another"),
        ("client_id", ""),
    ] {
        let outcome = desk.authorize(&request(&[change, ("prompt", "none")]), None);
        assert!(matches!(outcome, Outcome::Untrusted(_)), "{change:?}: {outcome:?}");
    }
}

#[test]
fn what_is_wrong_is_told_to_the_client() {
    let mut desk = Desk::open();
    for (change, expected) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("response_mode", "fragment"), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("scope", "money"), "invalid_scope"),
        (("prompt", "none login"), "invalid_request"),
        (("max_age", "-1"), "invalid_request"),
        (("request", "x.y.z"), "request_not_supported"),
        (("request_uri", "https://evil.example"), "request_uri_not_supported"),
        (("prompt", "none"), "login_required"),
    ] {
        let outcome = desk.authorize(&request(&[change]), None);
        assert_eq!(error(&outcome).as_deref(), Some(expected), "{change:?}: {outcome:?}");
        let Outcome::Redirect(address) = outcome else { unreachable!() };
        assert_eq!(answer(&address, "state").unwrap(), "a state & more");
        assert_eq!(answer(&address, "iss").unwrap(), "http://issuer");
        assert_eq!(answer(&address, "code"), None);
    }
}

#[test]
fn signing_in_reads_the_request_once_more() {
    let mut desk = Desk::open();
    let person = desk.provider.chosen("ada").unwrap();
    let tampered = request(&[("redirect_uri", "http://evil.example/")]);
    let refused = desk.provider.sign_in(&tampered, person, None, NOW, &mut desk.rng);
    assert!(matches!(refused, Err(Outcome::Untrusted(_))));
}

#[test]
fn answers_are_added_to_an_address_that_has_parameters() {
    let mut desk = Desk::open();
    let with_query = "http://127.0.0.1:8080/back?a=b";
    desk.provider.set_client(Client { redirect_uris: vec![with_query.to_owned()], ..Client::default() });
    let outcome = desk.authorize(&request(&[("redirect_uri", with_query), ("prompt", "none")]), None);
    let Outcome::Redirect(address) = outcome else { panic!("{outcome:?}") };
    assert!(address.starts_with("http://127.0.0.1:8080/back?a=b&error=login_required&"), "{address}");
}
