//! Who is signed in, for how long, and until they sign out.

use super::*;

#[test]
fn whoever_is_signed_in_is_not_asked_again() {
    let mut desk = Desk::open();
    assert_eq!(
        desk.authorize(&request(&[]), None),
        Outcome::Ask { hint: None, redirect_uri: BACK.to_owned() }
    );
    let cookie = desk.sign_in("ada").cookie;
    for prompt in ["", "none"] {
        let outcome = desk.authorize(&request(&[("prompt", prompt)]), Some(&cookie));
        let Outcome::Redirect(address) = outcome else { panic!("{outcome:?}") };
        assert!(answer(&address, "code").is_some());
        assert_eq!(answer(&address, "state").unwrap(), "a state & more");
    }
    let asked = desk.authorize(&request(&[("prompt", "login")]), Some(&cookie));
    assert!(matches!(asked, Outcome::Ask { .. }));
    let outcome = desk.authorize(&request(&[("prompt", "none")]), Some("made up"));
    assert_eq!(error(&outcome).as_deref(), Some("login_required"));
}

#[test]
fn somebody_else_or_somebody_of_long_ago_will_not_do() {
    let mut desk = Desk::open();
    let cookie = desk.sign_in("ada").cookie;
    desk.now_s += 100;
    for (change, is_met) in [
        (("login_hint", "Ada"), true),
        (("login_hint", "bob"), false),
        (("max_age", "100"), true),
        (("max_age", "99"), false),
    ] {
        let outcome = desk.authorize(&request(&[change, ("prompt", "none")]), Some(&cookie));
        assert_eq!(error(&outcome).is_none(), is_met, "{change:?}");
        let outcome = desk.authorize(&request(&[change]), Some(&cookie));
        assert_eq!(matches!(outcome, Outcome::Ask { .. }), !is_met, "{change:?}");
    }
}

#[test]
fn a_session_runs_out() {
    let mut desk = Desk::open();
    let cookie = desk.sign_in("ada").cookie;
    let silent = request(&[("prompt", "none")]);
    desk.now_s += IssuerConfig::default().session_life_s - 1;
    assert_eq!(error(&desk.authorize(&silent, Some(&cookie))), None);
    desk.now_s += 1;
    assert!(error(&desk.authorize(&silent, Some(&cookie))).is_some());
}

#[test]
fn whoever_signed_in_first_is_signed_out_when_there_are_too_many() {
    let mut desk = Desk::open();
    let silent = request(&[("prompt", "none")]);
    let first = desk.sign_in("ada").cookie;
    let second = desk.sign_in("bob").cookie;
    for _ in 0..SESSIONS_MAX - 2 {
        desk.sign_in("cleo");
    }
    assert_eq!(error(&desk.authorize(&silent, Some(&first))), None);
    desk.sign_in("dan");
    assert!(error(&desk.authorize(&silent, Some(&first))).is_some());
    assert_eq!(error(&desk.authorize(&silent, Some(&second))), None);
}

fn id_token(tokens: &Tokens) -> String {
    serde_json::to_value(tokens).unwrap()["id_token"].as_str().unwrap().to_owned()
}

#[test]
fn signing_out_ends_the_session_and_what_was_granted_in_it() {
    let mut desk = Desk::open();
    let signed_in = desk.sign_in("ada");
    let cookie = Some(signed_in.cookie.as_str());
    let tokens = desk.redeem(&answer(&signed_in.redirect, "code").unwrap(), VERIFIER).unwrap();
    let bob = desk.code("bob");
    let bobs = desk.redeem(&bob, VERIFIER).unwrap();

    // The ID token may have run out.
    desk.now_s += 310;
    let hint = id_token(&tokens);
    let wish = params(&[("id_token_hint", &hint), ("post_logout_redirect_uri", AFTER), ("state", "s")]);
    let done = desk.provider.log_out(&wish, cookie, false, desk.now_s);
    let redirect = Some(format!("{AFTER}?state=s"));
    assert_eq!(done, LogOut::Done { redirect, ends_cookie: true });
    assert!(error(&desk.authorize(&request(&[("prompt", "none")]), cookie)).is_some());
    assert!(desk.refresh(&tokens.refresh_token).is_err());
    assert!(desk.refresh(&bobs.refresh_token).is_ok());
}

#[test]
fn a_hint_of_another_session_leaves_the_browsers_alone() {
    let mut desk = Desk::open();
    let old = desk.code("ada");
    let tokens = desk.redeem(&old, VERIFIER).unwrap();
    let bob = desk.sign_in("bob").cookie;
    let wish = params(&[("id_token_hint", &id_token(&tokens))]);
    let done = desk.provider.log_out(&wish, Some(&bob), false, NOW);
    assert_eq!(done, LogOut::Done { redirect: None, ends_cookie: false });
    assert!(desk.refresh(&tokens.refresh_token).is_err());
    assert_eq!(error(&desk.authorize(&request(&[("prompt", "none")]), Some(&bob))), None);
}

#[test]
fn without_a_hint_the_person_is_asked() {
    let mut desk = Desk::open();
    let signed_in = desk.sign_in("ada");
    let cookie = Some(signed_in.cookie.as_str());
    let tokens = desk.redeem(&answer(&signed_in.redirect, "code").unwrap(), VERIFIER).unwrap();
    let silent = request(&[("prompt", "none")]);
    for wish in [
        params(&[]),
        params(&[("id_token_hint", "x.y.z")]),
        params(&[("id_token_hint", &tokens.access_token)]),
    ] {
        assert_eq!(desk.provider.log_out(&wish, cookie, false, NOW), LogOut::Ask);
        assert_eq!(error(&desk.authorize(&silent, cookie)), None);
    }
    let foreign =
        params(&[("client_id", "holdfast-web"), ("post_logout_redirect_uri", "http://evil.example/")]);
    assert!(matches!(desk.provider.log_out(&foreign, cookie, true, NOW), LogOut::Untrusted(_)));
    assert_eq!(error(&desk.authorize(&silent, cookie)), None);

    let wish = params(&[("client_id", "holdfast-web"), ("post_logout_redirect_uri", AFTER)]);
    let done = desk.provider.log_out(&wish, cookie, true, NOW);
    assert_eq!(done, LogOut::Done { redirect: Some(AFTER.to_owned()), ends_cookie: true });
    assert!(error(&desk.authorize(&silent, cookie)).is_some());
}
