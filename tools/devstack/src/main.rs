//! A development stack for programs in other languages: `devstack run --game village` starts PostgreSQL, an issuer and
//! the game's server, says in one line of JSON where they are, and then answers each line of its standard input, one
//! JSON object a line, with one of its own. Everything ends when the input does, and also when this is killed.
//!
//! To add a command: a variant of [`Command`], its arm in [`answer`], and a line in the program's help.

use std::io::{BufRead as _, Write as _, stdin, stdout};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{Parser, Subcommand};
use holdfast_devstack::play::{self, PlayOptions};
use holdfast_devstack::{Stack, StackOptions};
use serde::Deserialize;
use serde_json::{Value, json};

/// How long the server may take to make a character.
const CHARACTER_TIMEOUT: Duration = Duration::from_secs(20);

/// A development stack for programs in other languages.
#[derive(Parser)]
#[command(name = "devstack")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Starts a stack and serves it until the standard input ends.
    ///
    /// The first line of output is {"url", "ws", "issuer"}. Then each line of input is answered with a line of output:
    /// {"do":"token","subject":"ada"} with {"token"}; {"do":"character","subject":"ada","name":"Ada",
    /// "archetype":"villager"} with {"id"}; {"do":"kill-server"} (with -9) and {"do":"start-server"} (answered when it
    /// is ready) with {}. What cannot be done is answered with {"error"}.
    Run {
        /// The name of the game's binary, or its path.
        #[arg(long)]
        game: String,
    },
    /// Starts a world to play in, with sign-in and page, and keeps it: what `cargo play` runs after it has built
    /// everything.
    Play(PlayOptions),
}

/// What can be asked of a running stack.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
enum Command {
    /// A good access token.
    Token { subject: String },
    /// Makes a character.
    Character { subject: String, name: String, archetype: String },
    /// Kills the server where it stands.
    KillServer,
    /// Starts the server again at its address, and waits until it is ready.
    StartServer,
}

fn main() -> Result<ExitCode> {
    match Cli::parse().task {
        Task::Run { game } => run(&game).map(|()| ExitCode::SUCCESS),
        Task::Play(options) => Ok(play::run(&options)),
    }
}

fn run(game: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut stack = runtime.block_on(Stack::start(StackOptions::new(game)))?;
    let server = &stack.server;
    say(&json!({ "url": server.url(), "ws": server.ws_url(), "issuer": stack.issuer.url() }))?;
    for line in stdin().lock().lines() {
        let answered = match serde_json::from_str(&line?) {
            Ok(command) => runtime.block_on(answer(command, &mut stack)),
            Err(error) => Err(error).context("that is no command"),
        };
        say(&answered.unwrap_or_else(|error| json!({ "error": format!("{error:#}") })))?;
    }
    Ok(())
}

/// One line of output, at once: whoever reads waits for it.
fn say(line: &Value) -> Result<()> {
    let mut output = stdout().lock();
    writeln!(output, "{line}")?;
    output.flush().context("say it to whoever started this")
}

async fn answer(command: Command, stack: &mut Stack) -> Result<Value> {
    match command {
        Command::Token { subject } => return Ok(json!({ "token": stack.issuer.token(&subject) })),
        Command::Character { subject, name, archetype } => {
            return character(stack, &subject, &json!({ "name": name, "archetype": archetype })).await;
        }
        Command::KillServer => stack.server.kill9(),
        Command::StartServer => stack.server.restart().await?,
    }
    Ok(json!({}))
}

async fn character(stack: &Stack, subject: &str, request: &Value) -> Result<Value> {
    let client = reqwest::Client::builder().timeout(CHARACTER_TIMEOUT).no_proxy().build()?;
    let answer = client
        .post(format!("{}/api/characters", stack.server.url()))
        .bearer_auth(stack.issuer.token(subject))
        .json(request)
        .send()
        .await
        .context("ask the server for a character")?;
    let status = answer.status();
    let body: Value = answer.json().await.with_context(|| format!("the server answered with {status}"))?;
    match body.get("id") {
        Some(id) => Ok(json!({ "id": id })),
        None => bail!("the server answered with {status}: {body}"),
    }
}
