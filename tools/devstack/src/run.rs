//! `devstack run`: starts PostgreSQL, an issuer and a game's server, says in one line of JSON where they are, and then
//! answers each line of its standard input, one JSON object a line, with one of its own. Everything ends when the input
//! does, and also when this is killed.
//!
//! To add a command: a variant of [`command::Command`], its arm in [`command::answer`], and a line in [`ABOUT`].

mod command;
mod rows;

use std::io::{BufRead as _, Write as _, stdin, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use holdfast_devstack::issuer::Client;
use holdfast_devstack::server::{free_ports, loopback_origins, page_variables};
use holdfast_devstack::{Server, Stack, StackOptions};
use serde_json::{Value, json};

/// What `devstack run --help` says.
pub(crate) const ABOUT: &str = r#"Starts a stack and serves it until the standard input ends, for programs in other languages.

The first line of output is {"url", "ws", "issuer", "servers", "staff"}: "servers" are the addresses of all servers of the world,
of which the first owns it; "staff" is where operators read what that one measures. Where a command speaks of a server, "server":1 means the second one, and so on. Then each line of input is answered with a line of output, {} where
nothing else is said here, or {"error"} where it cannot be done:

  {"do":"token","subject":"ada"}      {"token"}: a good access token
  {"do":"character","subject":"ada","name":"Ada","archetype":"villager"}      {"id"}: makes a character
  {"do":"kill-server"}                with -9
  {"do":"stop-server"}                as an operator would, waiting until it has ended
  {"do":"start-server"}               waiting until it is ready, or stands by
  {"do":"owner"}                      {"server"}: which one owns the world; null where none does
  {"do":"freeze-server"}              it hangs, its sockets open
  {"do":"thaw-server"}
  {"do":"deploy","game":"village-next","page":"DIR"}      stops the server, migrates, and starts another at its address
  {"do":"kill-postgres"}              with -9, all of it
  {"do":"start-postgres"}
  {"do":"hold-replies"}               with --proxied: flushes are committed, and the server does not hear of it
  {"do":"release"}                    what was held goes on, and nothing is held any more
  {"do":"rotate-key"}                 the issuer signs with another key
  {"do":"sql","query":"SELECT ..."}   {"rows"}: what is true in the database; it cannot be changed like this"#;

/// What a stack is started with.
#[derive(Args)]
pub(crate) struct Options {
    /// The name of the game's binary, or its path.
    #[arg(long)]
    game: String,
    /// A built page that the server serves.
    #[arg(long)]
    page: Option<PathBuf>,
    /// Who vouches for players instead of the development issuer.
    #[arg(long)]
    issuer: Option<String>,
    /// With a proxy between each server and the database, which can hold flushes.
    #[arg(long)]
    proxied: bool,
    /// How many further servers of the world stand by.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=7))]
    standbys: u8,
}

/// Serves one stack until the input ends.
pub(crate) fn run(options: Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let foreign_issuer = options.issuer.clone();
    let mut stack = runtime.block_on(start(options))?;
    say(&json!({
        "url": stack.server.url(),
        "ws": stack.server.ws_url(),
        "servers": stack.servers().map(Server::url).collect::<Vec<_>>(),
        "staff": stack.server.staff_url(),
        "issuer": foreign_issuer.as_deref().unwrap_or(stack.issuer.url()),
    }))?;
    for line in stdin().lock().lines() {
        let answered = match serde_json::from_str(&line?) {
            Ok(command) => runtime.block_on(command::answer(command, &mut stack)),
            Err(error) => Err(error).context("that is no command"),
        };
        say(&answered.unwrap_or_else(|error| json!({ "error": format!("{error:#}") })))?;
    }
    Ok(())
}

async fn start(options: Options) -> Result<Stack> {
    let listen = free_ports(usize::from(options.standbys) + 1)?;
    // Whoever has a page of one server plays on at another one, so each lets the pages of all of them in.
    let origins: Vec<_> = listen.iter().flat_map(|listen| loopback_origins(listen.port())).collect();
    let mut environment = vec![
        ("HOLDFAST_ORIGINS".to_owned(), origins.join(",")),
        // All players of a test come from one address.
        ("HOLDFAST_CONNECTS_PER_ADDRESS".to_owned(), "1000".to_owned()),
        ("HOLDFAST_UNIDENTIFIED_PER_ADDRESS".to_owned(), "200".to_owned()),
    ];
    if let Some(page) = options.page {
        environment.extend(page_variables(&absolute(&page)?));
    }
    let mut stack = StackOptions::new(&options.game);
    stack.listen = listen;
    stack.standbys = usize::from(options.standbys);
    stack.foreign_issuer = options.issuer;
    stack.proxied = options.proxied;
    stack.environment = environment;
    let stack = Stack::start(stack).await?;
    let pages = origins.iter().map(|origin| format!("{origin}/")).collect();
    stack.issuer.set_client(Client::of_pages(pages))?;
    Ok(stack)
}

/// A server runs in a folder of its own, so the path of its page is made a whole one.
fn absolute(page: &Path) -> Result<PathBuf> {
    std::path::absolute(page).with_context(|| format!("find {}", page.display()))
}

/// One line of output, at once: whoever reads waits for it.
fn say(line: &Value) -> Result<()> {
    let mut output = stdout().lock();
    writeln!(output, "{line}")?;
    output.flush().context("say it to whoever started this")
}
