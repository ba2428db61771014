//! The command `issuer`: the development sign-in by itself, until Ctrl-C.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use holdfast_issuer::{Client, IssuerConfig, IssuerServer};

/// Sign-in for DEVELOPMENT: an OpenID provider that asks nobody for a password. Whoever reaches it can be anybody, an
/// operator too, so it listens on the loopback alone. Never put it in front of a world that matters.
#[derive(Parser)]
#[command(version)]
struct Line {
    /// Where to listen: an address of the loopback.
    #[arg(long, default_value = "127.0.0.1:9400")]
    listen: SocketAddr,
    /// The issuer's name, which is its address as others see it, without a slash at its end [default: http:// and
    /// where it listens].
    #[arg(long)]
    issuer: Option<String>,
    /// Something on this machine forwards to it: the name may be an https address of any host.
    #[arg(long, requires = "issuer")]
    behind_proxy: bool,
    /// The client that people sign in to.
    #[arg(long, default_value = "holdfast-web")]
    client_id: String,
    /// Where people are sent back to, letter by letter; may be given several times.
    #[arg(long, required = true)]
    redirect_uri: Vec<String>,
    /// Where people are sent to when they have signed out; may be given several times.
    #[arg(long)]
    post_logout_redirect_uri: Vec<String>,
    /// For whom access tokens are.
    #[arg(long, default_value = "holdfast")]
    audience: String,
    /// How long access tokens are good, in seconds.
    #[arg(long, default_value_t = 300)]
    access_life_s: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Line::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&describe(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(line: Line) -> Result<(), Box<dyn std::error::Error>> {
    let server = IssuerServer::start(IssuerConfig {
        listen: line.listen,
        issuer: line.issuer,
        behind_proxy: line.behind_proxy,
        client: Client {
            id: line.client_id,
            redirect_uris: line.redirect_uri,
            post_logout_redirect_uris: line.post_logout_redirect_uri,
        },
        audience: line.audience,
        access_life_s: line.access_life_s,
        ..IssuerConfig::default()
    })
    .await?;
    say(&format!("Sign-in for development, without passwords: {}", server.url()));
    tokio::signal::ctrl_c().await?;
    Ok(())
}

fn describe(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// A line for people. Where nobody reads it any more the issuer goes on.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
