//! `devstack play` as people start it: a folder and a port of its own, a page that stands in for the real one, and what
//! it says.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use holdfast_devstack::process;
use holdfast_devstack::server::binary::binary;
use holdfast_devstack::server::free_port;
use holdfast_tests::sign_in_over;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use serde_json::{Value, json};

/// How long anything may take on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// What stays from one run to the next.
pub(crate) struct Stage {
    folder: PathBuf,
    pub(crate) port: u16,
    /// Where the world is kept.
    pub(crate) data: PathBuf,
}

impl Stage {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("play-test-{:08x}", rand::random::<u32>()));
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let page = folder.join("page");
        fs::create_dir(&page).unwrap();
        fs::write(page.join("index.html"), "<!doctype html><title>A page</title>").unwrap();
        let id = Command::new(binary("village").unwrap()).arg("build-id").output().unwrap();
        let id = String::from_utf8(id.stdout).unwrap();
        fs::write(page.join("page.json"), json!({ "build": id.trim() }).to_string()).unwrap();
        Self { data: folder.join("world"), folder, port: free_port().unwrap().port() }
    }

    /// Where people will sign in, as if they had signed in there before: worlds that are open at the same time would
    /// otherwise take the usual port from each other.
    pub(crate) fn had_sign_in_at(&self, port: u16) {
        fs::create_dir(&self.data).unwrap();
        fs::set_permissions(&self.data, fs::Permissions::from_mode(0o711)).unwrap();
        let note = json!({ "format": 1, "issuer_port": port });
        fs::write(self.data.join("play.json"), note.to_string()).unwrap();
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(binary("devstack").unwrap());
        command.args(["play", "--port", &self.port.to_string(), "--data-dir"]).arg(&self.data);
        command.arg("--page").arg(self.folder.join("page")).args(more).stdin(Stdio::null());
        command
    }

    /// Opens the world, which must succeed.
    pub(crate) fn open(&self, more: &[&str]) -> Play {
        self.open_at("http://", more)
    }

    /// The same for everybody on a network, which is this machine alone. Only the world's own authority is trusted.
    pub(crate) fn open_to_others(&self, port: u16) -> Play {
        let port = port.to_string();
        self.open_at("https://", &["--lan", "--lan-address", "127.0.0.1", "--lan-port", &port])
    }

    fn open_at(&self, scheme: &str, more: &[&str]) -> Play {
        let mut child = self.command(more).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let http = Client::new();
        let mut play = Play { child, output, http, url: String::new(), server: 0 };
        play.url = play.hear(scheme).unwrap_or_else(|| panic!("it does not open"));
        play.server = play.hear_pid();
        // A connection for each request: none has been broken by a kill before.
        let mut http = Client::builder().redirect(Policy::none()).no_proxy().pool_max_idle_per_host(0);
        if let Ok(authority) = fs::read(self.data.join("certificate/lan-ca.pem")) {
            http = http.tls_certs_only([Certificate::from_pem(&authority).unwrap()]);
        }
        play.http = http.build().unwrap();
        play
    }

    /// Kills the first of the database's processes.
    pub(crate) fn kill_postgres(&self) {
        let file = fs::read_to_string(self.data.join("postgres/postmaster.pid")).unwrap();
        process::send(file.lines().next().unwrap().parse().unwrap(), rustix::process::Signal::KILL);
    }

    /// Tries to open the world, which must fail, and hands back the sentence that says why.
    pub(crate) fn refused(&self, more: &[&str]) -> String {
        let output = self.command(more).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap().trim().to_owned()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A world that is open.
pub(crate) struct Play {
    child: Child,
    output: BufReader<ChildStdout>,
    pub(crate) http: Client,
    pub(crate) url: String,
    pub(crate) server: u32,
}

impl Play {
    /// The rest of the next line that has `word` in it, from there to the next space.
    pub(crate) fn hear(&mut self, word: &str) -> Option<String> {
        let mut line = String::new();
        while self.output.read_line(&mut line).unwrap() > 0 {
            if let Some(at) = line.find(word) {
                return line[at..].split_whitespace().next().map(str::to_owned);
            }
            line.clear();
        }
        None
    }

    /// The process that people are told to kill.
    fn hear_pid(&mut self) -> u32 {
        let mut line = String::new();
        while self.output.read_line(&mut line).unwrap() > 0 {
            if let Some((_, rest)) = line.split_once("kill -9 ") {
                return rest.split_whitespace().next().unwrap().parse().unwrap();
            }
            line.clear();
        }
        panic!("it names no process");
    }

    /// Kills the server as people are told to, and waits until they are told that it is back.
    pub(crate) fn kill_server(&mut self) {
        let killed = self.server;
        process::send(killed, rustix::process::Signal::KILL);
        self.server = self.hear_pid();
        assert_ne!(self.server, killed);
    }

    /// Every process that is below this one.
    pub(crate) fn family(&self) -> Vec<u32> {
        let children = process::children_of(self.child.id());
        let grandchildren = children.iter().flat_map(|pid| process::children_of(*pid));
        children.iter().copied().chain(grandchildren).collect()
    }

    /// Kills it where it stands, and waits until nothing of it is left.
    pub(crate) fn kill(mut self) {
        let family = self.family();
        assert!(family.len() > 3, "a server, and a PostgreSQL with its children");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        wait_until_gone(&family);
    }

    /// Ctrl-C, so many times; how it ended and what it said last.
    pub(crate) fn interrupt(mut self, times: u32) -> (ExitStatus, String) {
        let family = self.family();
        for time in 0..times {
            if time > 0 {
                self.hear("Closing").unwrap();
            }
            process::send(self.child.id(), rustix::process::Signal::INT);
        }
        let mut said = String::new();
        self.output.read_to_string(&mut said).unwrap();
        let status = self.child.wait().unwrap();
        wait_until_gone(&family);
        (status, said)
    }

    /// What a page is told before anybody has signed in.
    async fn world(&self) -> Value {
        self.http.get(format!("{}api/world", self.url)).send().await.unwrap().json().await.unwrap()
    }

    /// An access token for somebody who signs in at the page.
    async fn token(&self, subject: &str) -> String {
        let world: Value = self.world().await;
        let issuer = world["sign_in"]["issuer"].as_str().unwrap();
        let tokens = sign_in_over(&self.http, issuer, &self.url, subject).await.unwrap();
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    /// Where people sign in.
    pub(crate) async fn issuer(&self) -> String {
        let world: Value = self.world().await;
        world["sign_in"]["issuer"].as_str().unwrap().to_owned()
    }

    /// Signs in and makes a character.
    pub(crate) async fn create(&self, subject: &str, name: &str) {
        let asked = self
            .http
            .post(format!("{}api/characters", self.url))
            .bearer_auth(self.token(subject).await)
            .json(&json!({ "name": name, "archetype": "villager" }));
        let answer = asked.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// Signs in and reads the names of the characters.
    pub(crate) async fn characters(&self, subject: &str) -> Vec<String> {
        let asked =
            self.http.get(format!("{}api/characters", self.url)).bearer_auth(self.token(subject).await);
        let answer: Value = asked.send().await.unwrap().json().await.unwrap();
        let list = answer["characters"].as_array().unwrap_or_else(|| panic!("{answer}"));
        list.iter().map(|character| character["name"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Play {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait_until_gone(family: &[u32]) {
    let deadline = Instant::now() + PATIENCE;
    while family.iter().any(|pid| process::is_alive(*pid)) {
        assert!(Instant::now() < deadline, "something of it still runs");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A folder by its path, for what is asked of it in a sentence.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
