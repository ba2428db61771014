//! The world that bots play in: a stack of our own, or one that runs already.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use holdfast_devstack::Stack;
use holdfast_devstack::stack::StackOptions;

use crate::http::Api;

/// Builds the server of `game` in the profile that this program was built in, so that what is measured is what is in
/// the tree. Does nothing where this program does not stand in a workspace's target folder.
///
/// # Errors
/// Where the build fails; its messages have been shown.
pub fn build_server(game: &str) -> Result<()> {
    build(game, &["--bins"])
}

/// The same for the ledger's server that can have defects; hands out its name.
///
/// # Errors
/// As [`build_server`].
pub fn build_sabotaged() -> Result<&'static str> {
    const BINARY: &str = "ledger-sabotaged";
    build("ledger", &["--features", "sabotage", "--bin", BINARY])?;
    Ok(BINARY)
}

fn build(game: &str, what: &[&str]) -> Result<()> {
    let Some((workspace, profile)) = own_build()? else { return Ok(()) };
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace).args(["build", "--package", game]).args(what);
    if profile != "debug" {
        cargo.args(["--profile", &profile]);
    }
    let status = cargo.status().context("run cargo to build the server")?;
    ensure!(status.success(), "the server of {game} could not be built");
    Ok(())
}

/// The workspace and the profile of this program: `<workspace>/target/<profile>/swarm`.
fn own_build() -> Result<Option<(PathBuf, String)>> {
    let program = env::current_exe()?;
    let Some(folder) = program.parent() else { return Ok(None) };
    let workspace = folder.parent().and_then(Path::parent).filter(|root| root.join("Cargo.lock").is_file());
    let profile = folder.file_name().and_then(|name| name.to_str());
    Ok(workspace.zip(profile).map(|(root, profile)| (root.to_owned(), profile.to_owned())))
}

/// Where bots play.
#[derive(Debug)]
pub enum Stage {
    /// In a stack of our own.
    Own(Box<Stack>),
    /// In a world that runs already; its bots' tokens are all one, handed in.
    Foreign {
        /// `http://host:port`.
        url: String,
        /// An access token; each account may have ten characters, so ten bots at most play with it.
        token: String,
    },
}

impl Stage {
    /// Starts a stack. All bots come from one address, which a server takes for an attack: ours is told not to.
    ///
    /// # Errors
    /// Where a part of it does not start.
    pub async fn start(mut options: StackOptions) -> Result<Self> {
        for bound in ["HOLDFAST_CONNECTS_PER_ADDRESS", "HOLDFAST_UNIDENTIFIED_PER_ADDRESS"] {
            options.environment.push((bound.to_owned(), "100000".to_owned()));
        }
        Ok(Self::Own(Box::new(Stack::start(options).await?)))
    }

    /// The world's HTTP side.
    ///
    /// # Errors
    /// As [`Api::new`].
    pub fn api(&self) -> Result<Api> {
        match self {
            Self::Own(stack) => Api::new(&stack.server.url()),
            Self::Foreign { url, .. } => Api::new(url),
        }
    }

    /// Where players find the world: `host:port`, or a whole address that begins with `ws://`.
    ///
    /// # Errors
    /// Where the address is no plain `http://host:port`.
    pub fn address(&self) -> Result<String> {
        match self {
            Self::Own(stack) => stack.player_url(0),
            Self::Foreign { .. } => self.api()?.address(),
        }
    }

    /// Where the server tells its staff what it measured (`http://host:port`); none where it tells nobody.
    #[must_use]
    pub fn staff_url(&self) -> Option<String> {
        match self {
            Self::Own(stack) => Some(stack.server.staff_url()),
            Self::Foreign { .. } => None,
        }
    }

    /// An access token for the bot with this number.
    #[must_use]
    pub fn token(&self, bot: usize) -> String {
        match self {
            Self::Own(stack) => stack.issuer.token(&format!("bot-{bot}")),
            Self::Foreign { token, .. } => token.clone(),
        }
    }

    /// The server's process, where it is ours.
    #[must_use]
    pub fn server_pid(&self) -> Option<u32> {
        match self {
            Self::Own(stack) => stack.server.pid(),
            Self::Foreign { .. } => None,
        }
    }

    /// PostgreSQL's first process, where it is ours.
    #[must_use]
    pub fn postgres_pid(&self) -> Option<u32> {
        match self {
            Self::Own(stack) => stack.postgres.pid(),
            Self::Foreign { .. } => None,
        }
    }
}
