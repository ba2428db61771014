//! The program `devstack`, as whoever is not written in Rust uses it. The stand-in for a game's server is this very
//! program: started as `<program> serve`, it runs the test of that name and no other.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::env;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[tokio::test]
async fn serve() {
    let Ok(listen) = env::var("HOLDFAST_LISTEN") else { return };
    let pid = std::process::id();
    let routes = Router::new()
        .route("/api/health/ready", get(async || "ready"))
        .route("/pid", get(move || async move { pid.to_string() }));
    axum::serve(TcpListener::bind(listen).await.unwrap(), routes).await.unwrap();
}

/// `devstack run`: for each line of input there is one of output.
struct Devstack {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Devstack {
    fn run() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_devstack"))
            .arg("run")
            .arg("--game")
            .arg(env::current_exe().unwrap())
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

#[tokio::test]
async fn it_answers_line_by_line_and_ends_with_its_input() {
    let mut devstack = Devstack::run();
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

    assert_eq!(devstack.ask(r#"{"do":"kill-server"}"#), json!({}));
    assert_eq!(server_pid(url).await, None);
    assert_eq!(devstack.ask(r#"{"do":"start-server"}"#), json!({}));
    let second = server_pid(url).await.unwrap();
    assert_ne!(first, second);

    drop(devstack.input);
    assert!(devstack.child.wait().unwrap().success());
    assert_eq!(server_pid(url).await, None);
}
