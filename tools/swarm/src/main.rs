//! The command `swarm`: reads its line, runs what it says, prints for people, writes for programs, and exits 0 only
//! when what it checked held.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use holdfast_swarm::load::{self, LoadOptions};
use holdfast_swarm::stage::build_server;
use holdfast_swarm::torture::{self, Fault, TortureOptions, Windows};
use holdfast_swarm::world::World;
use serde_json::Value;

/// Bots for a Holdfast world: load, faults, and the checker's verdict.
#[derive(Parser)]
#[command(version)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Bots that act on a schedule, and what their players would have felt.
    Load(LoadLine),
    /// Faults while bots play, then the checker's verdict.
    Torture(TortureLine),
}

#[derive(clap::Args)]
struct LoadLine {
    /// The world.
    #[arg(long, value_enum, default_value = "village")]
    world: World,
    /// How many bots.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    sessions: u32,
    /// How many actions each bot does a second.
    #[arg(long, default_value_t = 2.0, value_parser = rate)]
    rate: f64,
    /// For how long, in seconds.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// What makes two runs alike.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Fail where the figures are not what they must be.
    #[arg(long)]
    assert: bool,
    /// Write the figures here, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// A world that runs already (`http://host:port`); at most ten bots, as many as an account has characters.
    #[arg(long, requires = "token")]
    url: Option<String>,
    /// An access token for that world.
    #[arg(long, env = "HOLDFAST_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

#[derive(clap::Args)]
struct TortureLine {
    /// The world.
    #[arg(long, value_enum, default_value = "ledger")]
    world: World,
    /// What is done to it.
    #[arg(long, value_enum, default_value = "window")]
    faults: Fault,
    /// In which window flushes are held.
    #[arg(long, value_enum, default_value = "both")]
    windows: Windows,
    /// How often.
    #[arg(long, default_value_t = 8)]
    count: usize,
    /// Another server of the same world, built before: one with a defect, that is to be caught.
    #[arg(long)]
    binary: Option<String>,
    /// How many bots play.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    bots: u32,
    /// What makes two runs alike, as far as real processes allow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the verdict here, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= 1_000.0 => Ok(rate),
        _ => Err("a rate is above 0 and at most 1000".to_owned()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let held = match Line::parse().command {
        Command::Load(line) => run_load(line).await,
        Command::Torture(line) => run_torture(line).await,
    };
    match held {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run_load(line: LoadLine) -> Result<bool> {
    let report = load::run(LoadOptions {
        world: line.world,
        sessions: usize::try_from(line.sessions)?,
        rate: line.rate,
        duration: Duration::from_secs(line.seconds),
        seed: line.seed,
        foreign: line.url.zip(line.token),
    })
    .await?;
    say(&report.to_string());
    write_json(line.json, &serde_json::to_value(&report)?)?;
    let failures = if line.assert { load::failures(&report) } else { Vec::new() };
    failures.iter().for_each(|failure| say(failure));
    Ok(failures.is_empty())
}

async fn run_torture(line: TortureLine) -> Result<bool> {
    build_server(line.world.game())?;
    let mut options = TortureOptions::new(line.world, line.count, line.seed);
    options.fault = line.faults;
    options.windows = line.windows;
    if let Some(binary) = line.binary {
        options.binary = binary;
    }
    options.bots = usize::try_from(line.bots)?;
    let report = torture::run(&options, say).await?;
    say(&report.to_string());
    write_json(line.json, &report.to_json())?;
    report.failures().iter().for_each(|failure| say(failure));
    Ok(report.holds())
}

fn write_json(file: Option<PathBuf>, value: &Value) -> Result<()> {
    let Some(file) = file else { return Ok(()) };
    std::fs::write(&file, serde_json::to_vec_pretty(value)?)
        .with_context(|| format!("write {}", file.display()))
}

/// A line for people. Where nobody reads it any more the run goes on: its exit code still counts.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{}", line.trim_end());
}
