//! The command `swarm`: reads its line, runs what it says, prints for people, writes for programs, and exits 0 only
//! when what it checked held.

mod live;
mod load_line;
mod torture_line;
mod transfer_line;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use holdfast_swarm::check::{self, CheckReport};
use holdfast_swarm::deaf::{self, DeafOptions};
use holdfast_swarm::frames::{self, FramesOptions};
use holdfast_swarm::load;
use holdfast_swarm::sabotage::{self, SabotageOptions};
use holdfast_swarm::stage::{build_sabotaged, build_server};
use holdfast_swarm::storm::{self, Comeback, StormOptions};
use holdfast_swarm::world::World;
use serde_json::Value;
use tokio::runtime::Builder;

use load_line::LoadLine;
use torture_line::TortureLine;
use transfer_line::TransferLine;

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
    /// A history that a torture saved, checked once more.
    Check(CheckLine),
    /// Everybody loses the connection in the same moment and comes back: within 10 s, with at most 5 % of the ticks late
    /// where the server lives on.
    Storm(StormLine),
    /// Half of a crowd stops reading: what that costs the server (256 KiB each) and the others (10 % of their p95), and
    /// that whoever reads again gets to the present by one delta.
    Deaf(DeafLine),
    /// Frames that must have no effect: duplicated, reordered, replayed, of the wrong session or epoch, changed. Each gets
    /// the one right answer.
    Frames(FramesLine),
    /// Transfers between any two purses of the ledger, as fast as clients get answers; and what the same PostgreSQL does
    /// with transactions, stored procedures and a service that batches.
    Transfer(TransferLine),
    /// Servers with deliberate defects, until the checker has noticed each, and one without.
    Sabotage(SabotageLine),
    /// The bots of a load, which starts this.
    #[command(name = load::GENERATOR, hide = true)]
    Generator,
}

#[derive(clap::Args)]
struct CheckLine {
    /// The history.
    file: PathBuf,
    /// Write its appends and reads here, in the form that Elle reads (`elle.list-append`).
    #[arg(long)]
    edn: Option<PathBuf>,
}

#[derive(clap::Args)]
struct StormLine {
    /// The world.
    #[arg(long, value_enum, default_value = "ledger")]
    world: World,
    /// How many are cut off.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    sessions: u32,
    /// Those who were cut off are gone for good, and as many fresh clients come in their place.
    #[arg(long, conflicts_with = "restart")]
    cold: bool,
    /// The connections are lost since the server is killed; it is started again.
    #[arg(long)]
    restart: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(clap::Args)]
struct DeafLine {
    /// How many there are in all; half of them stop reading.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(8..=10_000))]
    sessions: u32,
    #[command(flatten)]
    common: Common,
}

#[derive(clap::Args)]
struct FramesLine {
    /// How many frames that must have no effect are sent in all; words that a tick was applied, which nothing answers, do
    /// not count.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// How many clients send them; as many ordinary bots play among them.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    rude: u32,
    #[command(flatten)]
    common: Common,
}

#[derive(clap::Args)]
struct SabotageLine {
    /// Which defects, by their names (S1,S13:replies); all of them where nothing is said.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    #[command(flatten)]
    common: Common,
}

/// What every experiment takes.
#[derive(clap::Args)]
struct Common {
    /// What makes two runs alike, as far as real processes allow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the figures here, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    let command = Line::parse().command;
    // A generator has one thread: its bots do not go from one to another, and who wants a second processor starts a second.
    let mut runtime = match command {
        Command::Generator => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    let held = match runtime.enable_all().build() {
        Ok(runtime) => runtime.block_on(run(command)),
        Err(error) => Err(error.into()),
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

async fn run(command: Command) -> Result<bool> {
    match command {
        Command::Load(line) => line.run().await,
        Command::Torture(line) => line.run().await,
        Command::Check(line) => run_check(&line),
        Command::Storm(line) => run_storm(line).await,
        Command::Deaf(line) => run_deaf(line).await,
        Command::Frames(line) => run_frames(line).await,
        Command::Transfer(line) => line.run().await,
        Command::Sabotage(line) => run_sabotage(line).await,
        Command::Generator => load::generate().await.map(|()| true),
    }
}

fn run_check(line: &CheckLine) -> Result<bool> {
    let report = CheckReport::of(&line.file)?;
    say(&report.to_string());
    if let Some(edn) = &line.edn {
        let count = check::export(&line.file, edn)?;
        say(&format!("  {count} operations begin or end in {}", edn.display()));
    }
    report.failures().iter().for_each(|failure| say(failure));
    Ok(report.holds())
}

async fn run_storm(line: StormLine) -> Result<bool> {
    build_server(line.world.game())?;
    let comeback = match (line.cold, line.restart) {
        (true, _) => Comeback::Cold,
        (_, true) => Comeback::Restarted,
        _ => Comeback::Resumed,
    };
    let sessions = usize::try_from(line.sessions)?;
    let options = StormOptions { world: line.world, sessions, comeback, seed: line.common.seed };
    let report = storm::run(&options, say).await?;
    conclude(&report.to_string(), &report.to_json(), &report.failures(), line.common.json)
}

async fn run_deaf(line: DeafLine) -> Result<bool> {
    build_server(World::Village.game())?;
    let options = DeafOptions { sessions: usize::try_from(line.sessions)?, seed: line.common.seed };
    let report = deaf::run(&options, say).await?;
    conclude(&report.to_string(), &report.to_json(), &report.failures(), line.common.json)
}

async fn run_frames(line: FramesLine) -> Result<bool> {
    build_server(World::Ledger.game())?;
    let options = FramesOptions::new(line.count, usize::try_from(line.rude)?, line.common.seed);
    let report = frames::run(&options, say).await?;
    conclude(&report.to_string(), &report.to_json(), &report.failures(), line.common.json)
}

async fn run_sabotage(line: SabotageLine) -> Result<bool> {
    let binary = build_sabotaged()?.to_owned();
    let options = SabotageOptions { binary, only: line.only, seed: line.common.seed };
    let report = sabotage::run(&options, say).await?;
    conclude(&report.to_string(), &report.to_json(), &report.failures(), line.common.json)
}

/// Prints and writes down what came out. True where nothing failed.
fn conclude(report: &str, value: &Value, failures: &[String], json: Option<PathBuf>) -> Result<bool> {
    say(report);
    write_json(json, value)?;
    failures.iter().for_each(|failure| say(failure));
    Ok(failures.is_empty())
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// What stands behind `cargo swarm` in a page, in its blocks and between backticks.
    fn lines_of(page: &str) -> Vec<String> {
        let lines = page.split("cargo swarm ").skip(1);
        lines.filter_map(|rest| rest.split(['`', '\n']).next()).map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn every_line_that_is_documented_is_understood() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let pages = ["README.md", "RELIABILITY.md", "PERFORMANCE.md", "CHANGELOG.md"];
        let mut pages: Vec<_> = pages.map(|page| root.join(page)).into();
        let book = fs::read_dir(root.join("docs/src")).expect("there is a book");
        pages.extend(book.map(|entry| entry.expect("it can be read").path()));
        let mut count = 0;
        for page in pages.iter().filter(|page| page.extension().is_some_and(|extension| extension == "md")) {
            for line in lines_of(&fs::read_to_string(page).expect("it can be read")) {
                // A name alone tells of a command, and runs none.
                let words: Vec<_> = line.split_whitespace().collect();
                if words.len() > 1
                    && let Err(error) = Line::try_parse_from(["swarm"].into_iter().chain(words))
                {
                    panic!("{}: cargo swarm {line}: {error}", page.display());
                }
                count += 1;
            }
        }
        assert!(count > 8, "only {count} lines were found");
    }
}
