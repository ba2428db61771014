//! A server serves the page that belongs to it, and starts with no other.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use holdfast_devstack::Folder;
use holdfast_devstack::server::binary::binary;
use holdfast_tests::TestServer;
use serde_json::{Value, json};

/// A game's binary with no settings but these.
fn run(game: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(binary(game).unwrap());
    command.args(arguments).envs(settings.iter().copied());
    for variable in ["HOLDFAST_PAGE", "HOLDFAST_ORIGINS"] {
        if settings.iter().all(|(name, _)| *name != variable) {
            command.env_remove(variable);
        }
    }
    command.output().unwrap()
}

fn build_id(game: &str) -> String {
    let printed = run(game, &["build-id"], &[]);
    assert!(printed.status.success() && printed.stderr.is_empty());
    let text = String::from_utf8(printed.stdout).unwrap();
    let id = text.strip_suffix('\n').unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{text:?}");
    id.to_owned()
}

fn page_of(build: &str) -> Folder {
    let folder = Folder::create().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("page.json", &json!({ "build": build }).to_string());
    write("index.html", "<!doctype html><title>A village</title>");
    folder
}

/// How `serve` ends with this page, and what it says. There is no database: it must not come that far.
fn refusal(page: &Path, origins: Option<&str>) -> String {
    let mut settings = vec![
        ("DATABASE_URL", "postgres://127.0.0.1:1/nothing"),
        ("HOLDFAST_ISSUER", "http://127.0.0.1:1"),
        ("HOLDFAST_LISTEN", "127.0.0.1:0"),
        ("HOLDFAST_STAFF_LISTEN", "off"),
        ("HOLDFAST_PAGE", page.to_str().unwrap()),
    ];
    settings.extend(origins.map(|origins| ("HOLDFAST_ORIGINS", origins)));
    let ended = run("village", &["serve"], &settings);
    assert_eq!(ended.status.code(), Some(1), "somebody has to mend it");
    String::from_utf8(ended.stdout).unwrap() + &String::from_utf8(ended.stderr).unwrap()
}

#[test]
fn games_have_build_ids_of_their_own() {
    assert_ne!(build_id("village"), build_id("ledger"));
    assert_eq!(build_id("village"), build_id("village"));
}

#[test]
fn a_page_of_another_build_is_refused_before_the_world_is_asked_for() {
    let (mine, other) = (build_id("village"), build_id("ledger"));
    let page = page_of(&other);
    let said = refusal(page.path(), Some("http://127.0.0.1:8080"));
    let expected = format!("is of build {other}, but this server is of build {mine}: build the page anew");
    assert!(said.contains(&expected), "{said}");
}

#[test]
fn a_page_that_could_not_connect_is_refused() {
    let page = page_of(&build_id("village"));
    let said = refusal(page.path(), None);
    assert!(said.contains("set HOLDFAST_ORIGINS to the address at which it is opened"), "{said}");
}

#[tokio::test]
async fn a_page_finds_the_village_and_its_map() {
    let build = build_id("village");
    let page = page_of(&build);
    let settings =
        [("HOLDFAST_PAGE", page.path().to_str().unwrap()), ("HOLDFAST_ORIGINS", "http://127.0.0.1:8080")];
    let world = TestServer::start_with("village", &settings).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| client.get(format!("{}{path}", world.server.url())).send().await.unwrap();

    assert_eq!(get("/").await.text().await.unwrap(), "<!doctype html><title>A village</title>");
    // The provider is asked ahead, beside everything else that a start is made of.
    let mut told: Value = get("/api/world").await.json().await.unwrap();
    while told["sign_in"]["provider"].is_null() {
        tokio::time::sleep(Duration::from_millis(20)).await;
        told = get("/api/world").await.json().await.unwrap();
    }
    let provider = told["sign_in"]["provider"].take();
    assert_eq!(provider["token_endpoint"], format!("{}/token", world.issuer.url()));
    let terrain = told["content"]["terrain"].as_str().unwrap();
    let expected = json!({
        "build": build, "game": "village", "world": "main",
        "sign_in": { "issuer": world.issuer.url(), "client_id": "holdfast-web", "scope": "openid play", "provider": null },
        "addresses": [],
            "archetypes": ["villager", "gardener", "fisher"],
        "content": { "terrain": terrain },
    });
    assert_eq!(told, expected);
    let bytes = get(terrain).await.bytes().await.unwrap();
    assert_eq!((bytes.len(), &bytes[..5]), (4 + 64 * 64, &[64, 0, 64, 0, 5][..]), "the rim is rock");
}
