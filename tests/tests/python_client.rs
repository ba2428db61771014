//! A client that was written from PROTOCOL.md alone, in another language, plays in a village.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use std::process::Stdio;

use holdfast_devstack::issuer::Client;
use holdfast_devstack::{Issuer, Stack, StackOptions};
use holdfast_tests::TestServer;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

/// A walk takes a few seconds; this is for a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the page promises: that nobody needs more than this.
const LINES_MAX: usize = 150;

fn client() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python/client.py")
}

fn python(url: &str, name: &str) -> Command {
    let mut python = Command::new("python3");
    python.arg("-u").arg(client()).args(["--url", url, "--name", name]).kill_on_drop(true);
    python
}

/// The issuer sends people back to this server's page.
fn set_page(issuer: &Issuer, url: &str) {
    let client = Client { redirect_uris: vec![format!("{url}/")], ..Client::default() };
    issuer.set_client(client).unwrap();
}

/// What the client says while it plays. It must end well.
async fn play(url: &str, name: &str) -> Vec<String> {
    let mut python = python(url, name);
    let ended = timeout(PATIENCE, python.output()).await.expect("the client ends in time");
    let ended = ended.expect("python3 (3.9 or newer) can be started; on Debian: apt-get install python3");
    let said = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{}\n{said}\n{}", ended.status, String::from_utf8_lossy(&ended.stderr));
    said.lines().map(str::to_owned).collect()
}

/// The place in the bag at which a berry was found, after a verdict that said yes.
fn place_of_the_berry(said: &[String]) -> &str {
    let picked = |line: &String| line.starts_with("pick up berry ") && line.ends_with(": accepted");
    assert!(said.iter().any(picked), "{said:#?}");
    let place = said.last().unwrap().strip_prefix("in the bag, at place ").unwrap();
    place.strip_suffix(": a berry").unwrap()
}

#[tokio::test]
async fn a_stranger_signs_in_walks_and_picks_up_a_berry() {
    let world = TestServer::start("village").await.unwrap();
    let url = world.server.url();
    set_page(&world.issuer, &url);

    assert_eq!(place_of_the_berry(&play(&url, "Ada").await), "0", "the bag was empty");
    let again = play(&url, "Ada").await;
    assert_eq!(place_of_the_berry(&again), "1", "the first berry is still where it was");
    assert_eq!(place_of_the_berry(&play(&url, "Bob").await), "0", "somebody else has a bag of their own");
}

#[tokio::test]
async fn a_stranger_plays_on_at_the_standby() {
    let mut stack = Stack::start(StackOptions::new("village").standbys(1)).await.unwrap();
    let url = stack.server.url();
    set_page(&stack.issuer, &url);
    let mut python = python(&url, "Ada").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(python.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    let story = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            // With the first step it is in the world, and on its way.
            if said.is_empty() {
                stack.server.kill9();
            }
            said.push(line);
        }
        assert!(python.wait().await.unwrap().success(), "{said:#?}");
    };
    timeout(PATIENCE, story).await.expect("the client ends in time");
    assert_eq!(place_of_the_berry(&said), "0");
}

#[test]
fn the_stranger_needs_few_lines() {
    let text = std::fs::read_to_string(client()).unwrap();
    assert!(text.lines().count() <= LINES_MAX);
    assert!(text.lines().all(|line| line.chars().count() <= 120), "and they are no longer than lines are");
}
