//! The program `devstack`, as whoever is not written in Rust uses it. The stand-in for a game's server is this very
//! program: started as `<program> serve`, it runs the test of that name; no other may have the word in its name.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::env;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::test]
async fn serve() {
    let Ok(listen) = env::var("HOLDFAST_LISTEN") else { return };
    let pid = std::process::id();
    // Only the first of several is to own the world: the others run in folders of their own.
    let stands_by = env::current_dir().unwrap().file_name().unwrap().to_str().unwrap().starts_with("standby");
    let health = async move || {
        let standby = r#"{"status":"standby"}"#;
        if stands_by { (StatusCode::SERVICE_UNAVAILABLE, standby) } else { (StatusCode::OK, "") }
    };
    let routes = Router::new()
        .route("/api/health/ready", get(health))
        .route("/pid", get(move || async move { pid.to_string() }))
        .route("/variable/{name}", get(async |Path(name): Path<String>| env::var(name).unwrap_or_default()));
    let mut asked_to_stop = signal(SignalKind::terminate()).unwrap();
    axum::serve(TcpListener::bind(listen).await.unwrap(), routes)
        .with_graceful_shutdown(async move { asked_to_stop.recv().await.unwrap() })
        .await
        .unwrap();
}

/// `devstack run`: for each line of input there is one of output.
struct Devstack {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Devstack {
    fn run(options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_devstack"))
            .arg("run")
            .arg("--game")
            .arg(env::current_exe().unwrap())
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, input, output: BufReader::new(output).lines() }
    }

    fn hear(&mut self) -> Value {
        serde_json::from_str(&self.output.next().unwrap().unwrap()).unwrap()
    }

    fn ask(&mut self, line: &str) -> Value {
        writeln!(self.input, "{line}").unwrap();
        self.hear()
    }
}

async fn server_pid(url: &str) -> Option<String> {
    reqwest::get(format!("{url}/pid")).await.ok()?.text().await.ok()
}

async fn server_variable(url: &str, name: &str) -> String {
    reqwest::get(format!("{url}/variable/{name}")).await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn it_answers_line_by_line_and_ends_with_its_input() {
    let mut devstack = Devstack::run(&[]);
    let ready = devstack.hear();
    let url = ready["url"].as_str().unwrap();
    assert!(ready["ws"].as_str().unwrap().starts_with("ws://") && ready["issuer"].is_string(), "{ready}");
    let first = server_pid(url).await.unwrap();

    let token = devstack.ask(r#"{"do":"token","subject":"ada"}"#);
    assert_eq!(token["token"].as_str().unwrap().split('.').count(), 3);
    assert!(devstack.ask("nonsense")["error"].is_string(), "and it goes on");
    assert!(devstack.ask(r#"{"do":"dance"}"#)["error"].is_string());
    let character = r#"{"do":"character","subject":"ada","name":"Ada","archetype":"villager"}"#;
    assert!(devstack.ask(character)["error"].as_str().unwrap().contains("404"), "the stand-in makes none");

    for hang in [r#"{"do":"freeze-server"}"#, r#"{"do":"thaw-server"}"#, r#"{"do":"stop-server"}"#] {
        assert_eq!(devstack.ask(hang), json!({}));
    }
    assert_eq!(server_pid(url).await, None);
    assert_eq!(devstack.ask(r#"{"do":"start-server"}"#), json!({}));
    assert_eq!(devstack.ask(r#"{"do":"kill-postgres"}"#), json!({}));
    assert_eq!(devstack.ask(r#"{"do":"start-postgres"}"#), json!({}));
    assert_eq!(devstack.ask(r#"{"do":"kill-server"}"#), json!({}));
    assert_eq!(server_pid(url).await, None);
    assert_eq!(devstack.ask(r#"{"do":"start-server"}"#), json!({}));
    let second = server_pid(url).await.unwrap();
    assert_ne!(first, second);

    drop(devstack.input);
    assert!(devstack.child.wait().unwrap().success());
    assert_eq!(server_pid(url).await, None);
}

#[tokio::test]
async fn page_origins_and_issuer_are_handed_on() {
    let mut devstack = Devstack::run(&["--page", "/a/page", "--issuer", "http://127.0.0.1:9"]);
    let ready = devstack.hear();
    assert_eq!(ready["issuer"], "http://127.0.0.1:9");
    let url = ready["url"].as_str().unwrap();
    let (_, port) = url.rsplit_once(':').unwrap();
    assert_eq!(server_variable(url, "HOLDFAST_PAGE").await, "/a/page");
    assert_eq!(server_variable(url, "HOLDFAST_ORIGINS").await, format!("{url},http://localhost:{port}"));
    assert_eq!(server_variable(url, "HOLDFAST_ISSUER").await, "http://127.0.0.1:9");
}

#[tokio::test]
async fn a_command_reaches_the_one_that_it_names() {
    let mut devstack = Devstack::run(&["--standbys", "1"]);
    let ready = devstack.hear();
    let urls: Vec<_> = ready["servers"].as_array().unwrap().iter().map(|url| url.as_str().unwrap()).collect();
    assert_eq!((urls.len(), urls[0]), (2, ready["url"].as_str().unwrap()));
    assert_eq!(devstack.ask(r#"{"do":"owner"}"#), json!({ "server": 0 }));
    let origins = server_variable(urls[1], "HOLDFAST_ORIGINS").await;
    assert!(urls.iter().all(|url| origins.contains(url)), "each lets the pages of all of them in: {origins}");

    assert_eq!(devstack.ask(r#"{"do":"kill-server","server":0}"#), json!({}));
    assert_eq!(server_pid(urls[0]).await, None);
    assert!(server_pid(urls[1]).await.is_some());
    assert_eq!(devstack.ask(r#"{"do":"start-server","server":0}"#), json!({}));
    assert_eq!(devstack.ask(r#"{"do":"stop-server","server":1}"#), json!({}));
    assert_eq!(server_pid(urls[1]).await, None);
    assert!(devstack.ask(r#"{"do":"thaw-server","server":7}"#)["error"].is_string());
}

#[tokio::test]
async fn another_build_is_deployed_at_the_same_address() {
    let mut devstack = Devstack::run(&[]);
    let ready = devstack.hear();
    let url = ready["url"].as_str().unwrap();
    let first = server_pid(url).await.unwrap();
    assert_eq!(server_variable(url, "HOLDFAST_PAGE").await, "");

    let missing = devstack.ask(r#"{"do":"deploy","game":"no-such-game"}"#);
    assert!(missing["error"].as_str().unwrap().contains("no-such-game"), "{missing}");
    let next = json!({ "do": "deploy", "game": env::current_exe().unwrap(), "page": "next" });
    assert_eq!(devstack.ask(&next.to_string()), json!({}));
    assert_ne!(server_pid(url).await.unwrap(), first);
    let page = env::current_dir().unwrap().join("next");
    assert_eq!(server_variable(url, "HOLDFAST_PAGE").await, page.to_str().unwrap());
}

#[tokio::test]
async fn the_database_answers_questions_and_cannot_be_changed_by_them() {
    let mut devstack = Devstack::run(&[]);
    devstack.hear();
    let rows = devstack.ask(r#"{"do":"sql","query":"SELECT 1 AS one, 'ä' AS text"}"#);
    assert_eq!(rows, json!({ "rows": [{ "one": 1, "text": "ä" }] }));
    assert_eq!(devstack.ask(r#"{"do":"sql","query":"SELECT 1 WHERE false"}"#), json!({ "rows": [] }));
    let change = devstack.ask(r#"{"do":"sql","query":"SELECT 1 FROM pg_database FOR UPDATE"}"#);
    assert!(change["error"].as_str().unwrap().contains("read-only"), "{change}");
}

#[tokio::test]
async fn only_a_stack_with_a_proxy_holds_replies() {
    let mut devstack = Devstack::run(&[]);
    devstack.hear();
    let held = devstack.ask(r#"{"do":"hold-replies"}"#);
    assert!(held["error"].as_str().unwrap().contains("--proxied"), "{held}");
    let mut devstack = Devstack::run(&["--proxied"]);
    devstack.hear();
    assert_eq!(devstack.ask(r#"{"do":"hold-replies"}"#), json!({}));
    assert_eq!(devstack.ask(r#"{"do":"release"}"#), json!({}));
    assert_eq!(devstack.ask(r#"{"do":"rotate-key"}"#), json!({}));
}
