//! A browser and the page in it: one jar of cookies, one request at a time, no redirect followed by itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_issuer::{Client, IssuerConfig, IssuerServer};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Response, redirect};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded};

pub(crate) const PAGE: &str = "http://127.0.0.1:8080";
pub(crate) const BACK: &str = "http://127.0.0.1:8080/back";
pub(crate) const AFTER: &str = "http://127.0.0.1:8080/bye";
pub(crate) const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";

/// A configuration with the page as its client.
pub(crate) fn config() -> IssuerConfig {
    let client = Client {
        redirect_uris: vec![BACK.to_owned()],
        post_logout_redirect_uris: vec![AFTER.to_owned()],
        ..Client::default()
    };
    IssuerConfig { client, ..IssuerConfig::default() }
}

pub(crate) fn encode(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A request to sign in, with further parameters.
pub(crate) fn request(more: &[(&str, &str)]) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let mut pairs = vec![
        ("client_id", "holdfast-web"),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("scope", "openid play"),
        ("state", "s"),
        ("nonce", "n"),
    ];
    pairs.extend_from_slice(more);
    encode(&pairs)
}

/// A form to redeem a code with.
pub(crate) fn redemption(code: &str) -> String {
    encode(&[
        ("grant_type", "authorization_code"),
        ("client_id", "holdfast-web"),
        ("redirect_uri", BACK),
        ("code", code),
        ("code_verifier", VERIFIER),
    ])
}

/// Where an answer leads.
pub(crate) fn location(answer: &Response) -> Url {
    assert_eq!(answer.status(), 303);
    Url::parse(answer.headers()[LOCATION].to_str().unwrap()).unwrap()
}

/// A parameter of where an answer leads.
pub(crate) fn param(address: &Url, name: &str) -> Option<String> {
    address.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

/// What is between a page's quotes after `before`, as the browser would send it.
pub(crate) fn field(html: &str, before: &str) -> String {
    let rest = html.split(before).nth(1).unwrap_or_else(|| panic!("no {before} in {html}"));
    rest.split('"').next().unwrap().replace("&amp;", "&")
}

pub(crate) struct Browser {
    http: reqwest::Client,
    pub(crate) discovery: Value,
    pub(crate) cookie: Option<String>,
}

impl Browser {
    /// A browser with an empty jar, that has read the discovery document.
    pub(crate) async fn open(issuer: &IssuerServer) -> Self {
        let http = reqwest::Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap();
        let address = format!("{}/.well-known/openid-configuration", issuer.url());
        let discovery: Value = http.get(address).send().await.unwrap().json().await.unwrap();
        assert_eq!(discovery["issuer"], issuer.url());
        Self { http, discovery, cookie: None }
    }

    pub(crate) fn endpoint(&self, name: &str) -> String {
        self.discovery[name].as_str().unwrap().to_owned()
    }

    pub(crate) async fn get(&mut self, address: &str) -> Response {
        let asked = self.http.get(address);
        self.send(asked).await
    }

    /// Posts a form, as a page of `origin` does, or as no page.
    pub(crate) async fn post(&mut self, address: &str, form: String, origin: Option<&str>) -> Response {
        let mut asked =
            self.http.post(address).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        if let Some(origin) = origin {
            asked = asked.header("origin", origin);
        }
        self.send(asked).await
    }

    pub(crate) async fn options(&self, address: &str, origin: &str) -> Response {
        let asked = self.http.request(reqwest::Method::OPTIONS, address).header("origin", origin);
        asked.header("access-control-request-method", "POST").send().await.unwrap()
    }

    async fn send(&mut self, mut asked: reqwest::RequestBuilder) -> Response {
        if let Some(cookie) = &self.cookie {
            asked = asked.header(COOKIE, format!("other=1; {cookie}"));
        }
        let answer = asked.send().await.unwrap();
        if let Some(set) = answer.headers().get(SET_COOKIE) {
            let text = set.to_str().unwrap();
            assert!(text.contains("HttpOnly") && text.contains("SameSite=Lax"), "{text}");
            let pair = text.split(';').next().unwrap().to_owned();
            self.cookie = (!text.contains("Max-Age=0")).then_some(pair);
        }
        answer
    }

    pub(crate) async fn authorize(&mut self, request: &str) -> Response {
        let address = format!("{}?{request}", self.endpoint("authorization_endpoint"));
        self.get(&address).await
    }

    /// Goes to the sign-in page, presses what `choice` says, and comes back with where that leads.
    pub(crate) async fn sign_in(&mut self, choice: (&str, &str)) -> Url {
        let page = self.authorize(&request(&[])).await;
        assert_eq!(page.status(), 200);
        let html = page.text().await.unwrap();
        let carried = field(&html, "name=\"request\" value=\"");
        let action = field(&html, "action=\"");
        let origin = Url::parse(&self.endpoint("issuer")).unwrap().origin().ascii_serialization();
        let form = encode(&[("request", &carried), choice]);
        location(&self.post(&format!("{origin}{action}"), form, Some(&origin)).await)
    }

    /// Signs in and redeems the code.
    pub(crate) async fn tokens(&mut self, choice: (&str, &str)) -> Value {
        let code = param(&self.sign_in(choice).await, "code").unwrap();
        let (status, tokens) = self.token(redemption(&code)).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    /// What the token endpoint says to the client's page.
    pub(crate) async fn token(&mut self, form: String) -> (u16, Value) {
        let answer = self.post(&self.endpoint("token_endpoint"), form, Some(PAGE)).await;
        assert_eq!(answer.headers()["cache-control"], "no-store");
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub(crate) async fn refresh(&mut self, tokens: &Value) -> (u16, Value) {
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let pairs =
            [("grant_type", "refresh_token"), ("client_id", "holdfast-web"), ("refresh_token", refresh)];
        self.token(encode(&pairs)).await
    }
}
