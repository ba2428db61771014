//! The whole way, from a page that knows only the issuer's name to tokens, and out again.

use holdfast_issuer::{IssuerConfig, IssuerServer};
use serde_json::json;

use crate::browser::{AFTER, BACK, Browser, config, encode, field, location, param, redemption, request};

#[tokio::test]
async fn a_person_signs_in_plays_on_and_signs_out() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;

    let back = browser.sign_in(("subject", "ada")).await;
    assert!(back.as_str().starts_with(BACK), "{back}");
    let said = ["state", "iss"].map(|name| param(&back, name).unwrap());
    assert_eq!(said, ["s".to_owned(), issuer.url().to_owned()]);
    let (status, tokens) = browser.token(redemption(&param(&back, "code").unwrap())).await;
    assert_eq!((status, &tokens["scope"]), (200, &json!("openid play")));

    // After a reload the page has nothing, and asks in silence.
    let silent = location(&browser.authorize(&request(&[("prompt", "none")])).await);
    assert!(param(&silent, "code").is_some(), "{silent}");

    let (status, next) = browser.refresh(&tokens).await;
    assert_eq!(status, 200);

    let hint = next["id_token"].as_str().unwrap();
    let wish = encode(&[("id_token_hint", hint), ("post_logout_redirect_uri", AFTER), ("state", "bye")]);
    let out = location(&browser.get(&format!("{}?{wish}", browser.endpoint("end_session_endpoint"))).await);
    assert_eq!(out.as_str(), format!("{AFTER}?state=bye"));
    assert_eq!(browser.cookie, None);
    assert_eq!(browser.refresh(&next).await.1["error"], "invalid_grant");
    let silent = location(&browser.authorize(&request(&[("prompt", "none")])).await);
    assert_eq!(param(&silent, "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn prompt_none_without_a_session_shows_no_page() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    let answer = location(&browser.authorize(&request(&[("prompt", "none")])).await);
    assert_eq!(param(&answer, "error").as_deref(), Some("login_required"));
    assert_eq!(param(&answer, "state").as_deref(), Some("s"));
    browser.sign_in(("subject", "ada")).await;
    let page = browser.authorize(&request(&[("prompt", "login")])).await;
    assert_eq!(page.status(), 200);
}

#[tokio::test]
async fn someone_new_types_a_name() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    let page = browser.authorize(&request(&[])).await.text().await.unwrap();
    let carried = field(&page, "name=\"request\" value=\"");
    let refused = browser
        .post(&format!("{}/sign-in", issuer.url()), encode(&[("request", &carried), ("name", "<b>")]), None)
        .await;
    assert_eq!(refused.status(), 422);
    let html = refused.text().await.unwrap();
    assert!(html.contains("role=\"alert\"") && html.contains("value=\"&lt;b&gt;\""), "{html}");
    assert_eq!(field(&html, "name=\"request\" value=\""), carried);
    assert_eq!(browser.cookie, None);

    let tokens = browser.tokens(("name", "Zoë")).await;
    assert!(tokens["access_token"].is_string());
    assert!(browser.cookie.is_some());
}

#[tokio::test]
async fn replayed_code_is_refused_and_ends_what_it_gave() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    let code = param(&browser.sign_in(("subject", "ada")).await, "code").unwrap();
    let (_, tokens) = browser.token(redemption(&code)).await;
    let (status, answer) = browser.token(redemption(&code)).await;
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_grant")));
    assert_eq!(browser.refresh(&tokens).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn reused_refresh_token_ends_its_successor() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    let first = browser.tokens(("subject", "ada")).await;
    let (_, second) = browser.refresh(&first).await;
    assert_eq!(browser.refresh(&first).await.1["error"], "invalid_grant");
    let (status, answer) = browser.refresh(&second).await;
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_grant")));
}

#[tokio::test]
async fn pkce_is_required_and_checked() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    let common =
        [("client_id", "holdfast-web"), ("redirect_uri", BACK), ("response_type", "code"), ("state", "s")];
    for more in [
        vec![],
        vec![
            ("code_challenge", "a-plain-verifier-of-forty-three-characters-"),
            ("code_challenge_method", "plain"),
        ],
    ] {
        let asked: Vec<_> = common.into_iter().chain(more).collect();
        let answer = location(&browser.authorize(&encode(&asked)).await);
        assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request"), "{answer}");
    }
    let code = param(&browser.sign_in(("subject", "ada")).await, "code").unwrap();
    let wrong = redemption(&code).replace("a-verifier", "b-verifier");
    assert_eq!(browser.token(wrong).await.1["error"], "invalid_grant");
    assert_eq!(browser.token(redemption(&code)).await.1["error"], "invalid_grant", "one attempt is all");
}

#[tokio::test]
async fn foreign_redirect_is_answered_with_a_page() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    let foreign = request(&[]).replace("%2Fback", "%2Fback%2F..%2Fevil");
    for asked in [foreign, String::new(), request(&[("state", "twice")]), format!("a={}", "x".repeat(9_000))]
    {
        let page = browser.authorize(&asked).await;
        assert_eq!((page.status().as_u16(), page.headers().get("location")), (400, None), "{asked}");
        assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    }
}

#[tokio::test]
async fn pages_are_not_kept_framed_or_scripted() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    let page = browser.authorize(&request(&[])).await;
    let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
    let policy = header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(policy.contains("form-action 'self' http://127.0.0.1:8080;"), "{policy}");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-content-type-options"), "nosniff");
    let html = page.text().await.unwrap();
    assert!(!html.contains("<script"));
    assert!(html.contains("no passwords"), "the page says what it is");
}

#[tokio::test]
async fn token_errors_are_json_and_bodies_are_bounded() {
    let issuer = IssuerServer::start(config()).await.unwrap();
    let mut browser = Browser::open(&issuer).await;
    for (form, status, error) in [
        ("grant_type=password&client_id=holdfast-web".to_owned(), 400, "unsupported_grant_type"),
        ("grant_type=authorization_code&client_id=x".to_owned(), 401, "invalid_client"),
        ("a=1&a=2".to_owned(), 400, "invalid_request"),
        ("x".repeat(9_000), 400, "invalid_request"),
        ("x".repeat(100_000), 400, "invalid_request"),
    ] {
        let (answered, body) = browser.token(form).await;
        assert_eq!((answered, &body["error"]), (status, &json!(error)));
    }
}

#[tokio::test]
async fn everything_lies_below_the_path_of_its_name() {
    let issuer = Some("https://192.168.1.5:8443/id".to_owned());
    let config = IssuerConfig { issuer, behind_proxy: true, ..config() };
    let issuer = IssuerServer::start(config).await.unwrap();
    let direct = format!("http://{}/id", issuer.address());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| http.get(format!("{direct}{path}")).send().await.unwrap();
    let discovery: serde_json::Value = get("/.well-known/openid-configuration").await.json().await.unwrap();
    assert_eq!(discovery["token_endpoint"], "https://192.168.1.5:8443/id/token");
    let page = get(&format!("/authorize?{}", request(&[]))).await.text().await.unwrap();
    assert!(page.contains("action=\"/id/sign-in\""), "{page}");
    let rotate = http.post(format!("{direct}/dev/rotate")).send().await.unwrap();
    assert_eq!(rotate.status(), 404, "not from elsewhere");
    let form = encode(&[("request", &request(&[])), ("subject", "ada")]);
    let signed_in = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
        .post(format!("{direct}/sign-in"))
        .header("origin", "https://192.168.1.5:8443")
        .body(form)
        .send()
        .await
        .unwrap();
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("Path=/id;") && cookie.contains("; Secure"), "{cookie}");
}
