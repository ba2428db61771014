//! What can be asked of a running stack, and how it is done.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use holdfast_devstack::server::page_variables;
use holdfast_devstack::stack::DATABASE;
use holdfast_devstack::{FlushPlan, Hold, Proxy, Server, Stack, Window, migrate};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{absolute, rows};

/// How long the server may take to make a character.
const CHARACTER_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a server may take to stop as asked.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a reply is held where nobody releases it.
const HOLD: Duration = Duration::from_secs(600);

/// One line of input.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub(super) enum Command {
    /// A good access token.
    Token { subject: String },
    /// Makes a character.
    Character { subject: String, name: String, archetype: String },
    /// Kills the server where it stands.
    KillServer {
        #[serde(default)]
        server: usize,
    },
    /// Stops the server as an operator would, and waits until it has ended.
    StopServer {
        #[serde(default)]
        server: usize,
    },
    /// Starts the server again at its address, and waits until it is ready, or stands by.
    StartServer {
        #[serde(default)]
        server: usize,
    },
    /// Stops the server where it stands; its sockets stay open.
    FreezeServer {
        #[serde(default)]
        server: usize,
    },
    /// Lets it go on.
    ThawServer {
        #[serde(default)]
        server: usize,
    },
    /// Which server owns the world.
    Owner,
    /// Stops the first server and starts another binary with another page at its address.
    Deploy { game: String, page: Option<PathBuf> },
    /// Kills all of PostgreSQL's processes.
    KillPostgres,
    /// Starts PostgreSQL again, and waits until it has recovered.
    StartPostgres,
    /// From now on flushes are committed, and the server does not hear of it.
    HoldReplies,
    /// What is held goes on, and nothing is held any more.
    Release,
    /// The issuer signs with another key.
    RotateKey,
    /// What is true in the database.
    Sql { query: String },
}

/// Does what was asked for, and says what there is to say.
pub(super) async fn answer(command: Command, stack: &mut Stack) -> Result<Value> {
    match command {
        Command::Token { subject } => return Ok(json!({ "token": stack.issuer.token(&subject) })),
        Command::Character { subject, name, archetype } => {
            return character(stack, &subject, &json!({ "name": name, "archetype": archetype })).await;
        }
        Command::KillServer { server } => stack.server_mut(server)?.kill9(),
        Command::StopServer { server } => stop(stack.server_mut(server)?).await?,
        Command::StartServer { server } => stack.start_again(server).await?,
        Command::FreezeServer { server } => stack.server_mut(server)?.freeze(),
        Command::ThawServer { server } => stack.server_mut(server)?.thaw(),
        Command::Owner => return Ok(json!({ "server": stack.owner().await })),
        Command::Deploy { game, page } => deploy(stack, &game, page.as_ref()).await?,
        Command::KillPostgres => stack.postgres.kill_group(),
        Command::StartPostgres => stack.postgres.start_again().await?,
        Command::HoldReplies => {
            let plan = FlushPlan::Hold(Hold { window: Window::BeforeReply, duration: HOLD });
            proxies(stack)?.iter().for_each(|proxy| proxy.set_plan(plan));
        }
        Command::Release => proxies(stack)?.iter().for_each(Proxy::release),
        Command::RotateKey => stack.issuer.rotate_key()?,
        Command::Sql { query } => return Ok(json!({ "rows": rows::read(stack, &query).await? })),
    }
    Ok(json!({}))
}

/// The flushes of whichever server owns the world pass through one of them.
fn proxies(stack: &Stack) -> Result<&[Proxy]> {
    ensure!(!stack.proxies.is_empty(), "there is no proxy: start with --proxied");
    Ok(&stack.proxies)
}

async fn stop(server: &mut Server) -> Result<()> {
    if server.pid().is_none() {
        return Ok(());
    }
    server.signal_stop();
    let status = server.wait_for_exit(STOP_TIMEOUT).await?;
    ensure!(status.success(), "the server ended with {status}:\n{}", server.log_tail());
    Ok(())
}

async fn deploy(stack: &mut Stack, game: &str, page: Option<&PathBuf>) -> Result<()> {
    let page = page.map(|page| absolute(page)).transpose()?;
    let variables = page.map(|page| page_variables(&page)).unwrap_or_default();
    stop(&mut stack.server).await?;
    stack.server.replace(game, variables)?;
    migrate(game, &stack.postgres.owner_url(DATABASE), stack.postgres.folder().path()).await?;
    stack.server.restart().await
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
