//! Somebody signs in as a browser would, and the server believes the tokens that come of it, also after the issuer has
//! changed its key.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use holdfast_devstack::issuer::Client;
use holdfast_swarm::http::Api;
use holdfast_tests::door::{OPEN_DOOR, PATIENCE, Village};
use holdfast_tests::{Door, EventLog, Resident, TestServer};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use serde_json::Value;

const BACK: &str = "http://127.0.0.1:8080/back";
const BACK_ENCODED: &str = "http%3A%2F%2F127.0.0.1%3A8080%2Fback";

/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What a page has after somebody has signed in.
async fn sign_in(issuer: &str, subject: &str) -> Value {
    let http = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
    let post = async |path: &str, form: String| {
        let asked = http.post(format!("{issuer}{path}")).body(form);
        asked.header(CONTENT_TYPE, "application/x-www-form-urlencoded").send().await.unwrap()
    };
    let request = format!(
        "client_id=holdfast-web&redirect_uri={BACK_ENCODED}&response_type=code&scope=openid+play&state=s\
         &code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let page = http.get(format!("{issuer}/authorize?{request}")).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Who plays?"));
    let carried = request.replace('%', "%25").replace('&', "%26").replace('=', "%3D").replace('+', "%2B");
    let answer = post("/sign-in", format!("subject={subject}&request={carried}")).await;
    let address = answer.headers()[LOCATION].to_str().unwrap();
    let code = address.split(['?', '&']).find_map(|pair| pair.strip_prefix("code=")).unwrap();
    let redemption = format!(
        "grant_type=authorization_code&client_id=holdfast-web&redirect_uri={BACK_ENCODED}&code={code}\
         &code_verifier={VERIFIER}"
    );
    post("/token", redemption).await.json().await.unwrap()
}

#[tokio::test]
async fn whoever_signs_in_plays_also_after_the_key_was_changed() {
    let world = TestServer::start_with("village", &OPEN_DOOR).await.unwrap();
    let door = Door::of(&world.server).await.unwrap();
    let client = Client { redirect_uris: vec![BACK.to_owned()], ..Client::default() };
    world.issuer.set_client(client).unwrap();
    let api = Api::new(&world.server.url()).unwrap();

    for (subject, name) in [("ada", "Ada"), ("bob", "Bob")] {
        let tokens = sign_in(world.issuer.url(), subject).await;
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        let character = api.create_character(&token, name, "villager").await.unwrap();
        let playing = door.play::<Village>(&Resident { token, character }, EventLog::default().observer());
        assert!(playing.wait_playing(PATIENCE).await, "{name} plays");

        let rotate = format!("{}/dev/rotate", world.issuer.url());
        assert_eq!(reqwest::Client::new().post(rotate).send().await.unwrap().status(), 204);
    }
}

#[tokio::test]
async fn an_id_token_says_who_somebody_is_and_opens_nothing() {
    let world = TestServer::start("village").await.unwrap();
    let client = Client { redirect_uris: vec![BACK.to_owned()], ..Client::default() };
    world.issuer.set_client(client).unwrap();
    let tokens = sign_in(world.issuer.url(), "ada").await;
    let address = format!("{}/api/characters", world.server.url());
    for (name, status) in [("id_token", 401), ("refresh_token", 401), ("access_token", 200)] {
        let token = tokens[name].as_str().unwrap();
        let answer = reqwest::Client::new().get(&address).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), status, "{name}");
    }
}
