//! Somebody signs in as a browser would, and the server believes the tokens that come of it, also after the issuer has
//! changed its key.

use holdfast_devstack::issuer::Client;
use holdfast_swarm::http::Api;
use holdfast_tests::door::{OPEN_DOOR, PATIENCE, Village};
use holdfast_tests::{Door, EventLog, Resident, TestServer, sign_in};

const BACK: &str = "http://127.0.0.1:8080/back";

#[tokio::test]
async fn whoever_signs_in_plays_also_after_the_key_was_changed() {
    let world = TestServer::start_with("village", &OPEN_DOOR).await.unwrap();
    let door = Door::of(&world.server).await.unwrap();
    let client = Client { redirect_uris: vec![BACK.to_owned()], ..Client::default() };
    world.issuer.set_client(client).unwrap();
    let api = Api::new(&world.server.url()).unwrap();

    for (subject, name) in [("ada", "Ada"), ("bob", "Bob")] {
        let tokens = sign_in(world.issuer.url(), BACK, subject).await.unwrap();
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
    let tokens = sign_in(world.issuer.url(), BACK, "ada").await.unwrap();
    let address = format!("{}/api/characters", world.server.url());
    for (name, status) in [("id_token", 401), ("refresh_token", 401), ("access_token", 200)] {
        let token = tokens[name].as_str().unwrap();
        let answer = reqwest::Client::new().get(&address).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), status, "{name}");
    }
}
