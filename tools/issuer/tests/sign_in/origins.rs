//! Which pages may ask for what.

use holdfast_issuer::{Client, IssuerServer};

use crate::browser::{AFTER, Browser, PAGE, config, encode, redemption, request};

const EVIL: &str = "http://evil.example";

#[tokio::test]
async fn only_the_clients_pages_get_tokens() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    let back = browser.sign_in(("subject", "ada")).await;
    let code = crate::browser::param(&back, "code").unwrap();
    let address = browser.endpoint("token_endpoint");

    let asked = browser.options(&address, PAGE).await;
    assert_eq!(asked.status(), 204);
    assert_eq!(asked.headers()["access-control-allow-origin"], PAGE);
    let asked = browser.options(&address, EVIL).await;
    assert_eq!(asked.headers().get("access-control-allow-origin"), None);

    for origin in [EVIL, "null"] {
        let refused = browser.post(&address, redemption(&code), Some(origin)).await;
        assert_eq!(refused.status(), 403);
    }
    let given = browser.post(&address, redemption(&code), Some(PAGE)).await;
    assert_eq!(given.status(), 200, "and the code was still good");
    assert_eq!(given.headers()["access-control-allow-origin"], PAGE);
    assert_eq!(given.headers()["vary"], "origin");
}

#[tokio::test]
async fn other_pages_sign_nobody_in_or_out_and_rotate_nothing() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    let form = encode(&[("request", &request(&[])), ("subject", "bob")]);
    for origin in [EVIL, PAGE, "null"] {
        let answer = browser.post(&format!("{}/sign-in", issuer.url()), form.clone(), Some(origin)).await;
        assert_eq!((answer.status().as_u16(), &browser.cookie), (403, &None));
    }
    browser.sign_in(("subject", "ada")).await;
    let out = format!("{}/logout/confirmed", issuer.url());
    assert_eq!(browser.post(&out, String::new(), Some(EVIL)).await.status(), 403);
    assert!(browser.cookie.is_some());
    let rotate = format!("{}/dev/rotate", issuer.url());
    assert_eq!(browser.post(&rotate, String::new(), Some(EVIL)).await.status(), 403);

    // Sent here without an ID token, the person is asked, and may say yes.
    let wish = encode(&[("client_id", "holdfast-web"), ("post_logout_redirect_uri", AFTER)]);
    let page = browser.get(&format!("{}/logout?{wish}", issuer.url())).await.text().await.unwrap();
    assert!(page.contains("Sign out?"));
    assert!(browser.cookie.is_some());
    let done = browser.post(&out, encode(&[("request", &wish)]), Some(issuer.url())).await;
    assert_eq!(done.headers()["location"], AFTER);
    assert_eq!(browser.cookie, None);
}

#[tokio::test]
async fn the_client_may_be_made_known_later() {
    let issuer = IssuerServer::start(holdfast_issuer::IssuerConfig::default()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    assert_eq!(browser.authorize(&request(&[])).await.status(), 400);
    let bad = Client { redirect_uris: vec!["http://evil.example/".to_owned()], ..Client::default() };
    assert!(issuer.set_client(bad).is_err());
    issuer.set_client(config().client).unwrap();
    assert_eq!(browser.authorize(&request(&[])).await.status(), 200);
}
