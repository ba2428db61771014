//! The command `swarm`: reads its line, runs what it says, prints for people, writes for programs, and exits 0 only
//! when what it checked held.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, Subcommand};
use holdfast_swarm::load::{self, LoadOptions};
use holdfast_swarm::sabotage::{self, SabotageOptions};
use holdfast_swarm::stage::{build_sabotaged, build_server};
use holdfast_swarm::torture::{self, Fault, TortureOptions, Windows};
use holdfast_swarm::world::World;
use serde_json::Value;

/// How many characters an account may have: all bots of a world that runs already are of one account.
const ACCOUNT_CHARACTERS_MAX: u32 = 10;

/// Bots for a Holdfast world: load, faults, and what the checker finds.
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
    /// Faults while bots play, then the checker's findings.
    Torture(TortureLine),
    /// Servers with deliberate defects, until the checker has noticed each, and one without.
    Sabotage(SabotageLine),
}

#[derive(clap::Args)]
struct LoadLine {
    /// The world.
    #[arg(long, value_enum, default_value = "village")]
    world: World,
    /// How many bots; each plays a character of its own.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    sessions: u32,
    /// How many actions each bot does a second.
    #[arg(long, default_value_t = 2.0, value_parser = rate)]
    rate: f64,
    /// For how long, in seconds; a day at most.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// What makes two runs alike.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Fail unless, in 95 of 100 cases, the verdict comes within 120 ms and the neighbour's delta within 150 ms of the
    /// action's intended time, at least 90 % of the answers accept, no action is without an answer, and no copy went
    /// wrong.
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
    /// In which window flushes are held, where the fault strikes in one.
    #[arg(long, value_enum, default_value = "both")]
    windows: Windows,
    /// How often.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: u32,
    /// How many further servers of the world stand by; at least one where the owner is killed or stopped.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=7))]
    standbys: u8,
    /// For how long the owner or PostgreSQL hangs, in seconds, where one does.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=110))]
    seconds: u64,
    /// Another server of the same world, built before: one with a defect, that is to be caught.
    #[arg(long)]
    binary: Option<String>,
    /// How many bots play.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    bots: u32,
    /// What makes two runs alike, as far as real processes allow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the findings here, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(clap::Args)]
struct SabotageLine {
    /// Which defects, by their names (S1,S13:replies); all of them where nothing is said.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// What makes two runs alike, as far as real processes allow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the findings here, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= 100.0 => Ok(rate),
        _ => Err("a rate is above 0 and at most 100".to_owned()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let held = match Line::parse().command {
        Command::Load(line) => run_load(line).await,
        Command::Torture(line) => run_torture(line).await,
        Command::Sabotage(line) => run_sabotage(line).await,
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
    ensure!(
        line.url.is_none() || line.sessions <= ACCOUNT_CHARACTERS_MAX,
        "a world that runs already takes at most {ACCOUNT_CHARACTERS_MAX} bots: say --sessions {ACCOUNT_CHARACTERS_MAX}"
    );
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
    let mut options = TortureOptions::new(line.world, usize::try_from(line.count)?, line.seed);
    options.fault = line.faults;
    options.windows = line.windows;
    options.standbys = usize::from(line.standbys).max(line.faults.standbys_needed());
    options.stopped_for = Duration::from_secs(line.seconds);
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

async fn run_sabotage(line: SabotageLine) -> Result<bool> {
    let options = SabotageOptions { binary: build_sabotaged()?.to_owned(), only: line.only, seed: line.seed };
    let report = sabotage::run(&options, say).await?;
    say(&report.to_string());
    write_json(line.json, &report.to_json())?;
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
