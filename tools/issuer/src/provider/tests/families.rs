//! A refresh token is good once; shown twice, it and all that followed from it are good no more.

use super::*;

#[test]
fn each_refresh_gives_the_next_token() {
    let mut desk = Desk::open();
    let code = desk.code("ada");
    let mut tokens = desk.redeem(&code, VERIFIER).unwrap();
    for _ in 0..3 {
        desk.now_s += 1_000;
        let next = desk.refresh(&tokens.refresh_token).unwrap();
        assert_ne!(next.refresh_token, tokens.refresh_token);
        assert_eq!(claims(&next.access_token)["exp"], desk.now_s + 300);
        let id = serde_json::to_value(&next).unwrap()["id_token"].as_str().map(claims).unwrap();
        assert_eq!((id.get("nonce"), id["auth_time"].as_u64()), (None, Some(NOW)));
        tokens = next;
    }
}

#[test]
fn a_token_that_is_shown_twice_ends_the_family() {
    let mut desk = Desk::open();
    let [code, other] = ["ada", "ada"].map(|subject| desk.code(subject));
    let first = desk.redeem(&code, VERIFIER).unwrap();
    let apart = desk.redeem(&other, VERIFIER).unwrap();
    let second = desk.refresh(&first.refresh_token).unwrap();
    assert!(matches!(desk.refresh(&first.refresh_token), Err(Denial::Grant(_))));
    assert!(matches!(desk.refresh(&second.refresh_token), Err(Denial::Grant(_))));
    assert!(desk.refresh(&apart.refresh_token).is_ok(), "another sign-in is another family");
}

#[test]
fn a_refresh_may_ask_for_less_and_not_for_more() {
    let mut desk = Desk::open();
    let code = desk.code("ada");
    let tokens = desk.redeem(&code, VERIFIER).unwrap();
    let ask = |desk: &mut Desk, token: &str, scope: &str| {
        desk.exchange(&[
            ("grant_type", "refresh_token"),
            ("client_id", "holdfast-web"),
            ("refresh_token", token),
            ("scope", scope),
        ])
    };
    assert_eq!(ask(&mut desk, &tokens.refresh_token, "play profile").unwrap_err(), Denial::Scope);
    let less = ask(&mut desk, &tokens.refresh_token, "play").unwrap();
    assert_eq!(claims(&less.access_token)["scope"], "play");
    let again = desk.refresh(&less.refresh_token).unwrap();
    assert_eq!(claims(&again.access_token)["scope"], "openid play");
}

#[test]
fn a_refresh_token_runs_out_and_is_not_guessed() {
    let mut desk = Desk::open();
    let code = desk.code("ada");
    let tokens = desk.redeem(&code, VERIFIER).unwrap();
    for made_up in ["", "x", "x.y", ".", "é.é"] {
        assert!(desk.refresh(made_up).is_err());
    }
    desk.now_s += IssuerConfig::default().refresh_life_s;
    assert!(matches!(desk.refresh(&tokens.refresh_token), Err(Denial::Grant(_))));
}

#[test]
fn another_client_cannot_use_it() {
    let mut desk = Desk::open();
    let code = desk.code("ada");
    let tokens = desk.redeem(&code, VERIFIER).unwrap();
    desk.provider.set_client(Client { id: "other".to_owned(), ..Client::default() });
    assert_eq!(desk.refresh(&tokens.refresh_token).unwrap_err(), Denial::Client);
    let attempt = desk.exchange(&[
        ("grant_type", "refresh_token"),
        ("client_id", "other"),
        ("refresh_token", &tokens.refresh_token),
    ]);
    assert!(matches!(attempt, Err(Denial::Grant(_))));
}

#[test]
fn the_family_used_longest_ago_goes_when_there_are_too_many() {
    let mut desk = Desk::open();
    let grant = Grant {
        person: Person::player("Ada"),
        client_id: "holdfast-web".to_owned(),
        scope: "play".to_owned(),
        session_id: String::new(),
        auth_time_s: NOW,
    };
    let put = |desk: &mut Desk, name: usize| {
        let family = Family { grant: grant.clone(), newest: "secret".to_owned() };
        desk.provider.families.put(name.to_string(), family, NOW);
    };
    (0..FAMILIES_MAX).for_each(|name| put(&mut desk, name));
    desk.refresh("0.secret").unwrap();
    put(&mut desk, FAMILIES_MAX);
    assert!(desk.refresh("1.secret").is_err());
    assert!(desk.refresh("2.secret").is_ok());
}
