//! `simulate`: the core under every fault, seed by seed. `cargo xtask simulate` builds it and hands its options on.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to whoever called it")]

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Parser;
use holdfast_simulator::campaign::{Campaign, Report};
use holdfast_simulator::run::hush_panics;
use holdfast_simulator::shrink::shrink;
use holdfast_simulator::{Options, Plan, Stage};

/// How many lines of a failing run's trace are shown.
const LINES_SHOWN: usize = 60;

/// The whole core under every fault, in one thread a run. Exits 1 where a promise was broken.
#[derive(Parser)]
#[command(name = "simulate")]
struct Cli {
    /// How many seeds to run.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Runs this seed alone, and shows its trace.
    #[arg(long, conflicts_with_all = ["seeds", "from", "schedule"])]
    seed: Option<u64>,
    /// Runs the plan in this file alone (JSON, as a failure prints it), and shows its trace.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seeds", "from"])]
    schedule: Option<PathBuf>,
    /// How many threads run seeds; as many as there are cores where it is not said.
    #[arg(long)]
    threads: Option<usize>,
    /// Begins no run any more after so many seconds, however many seeds are left.
    #[arg(long, value_name = "SECONDS")]
    within: Option<u64>,
    /// Fails where a point and what a client does, of those that can meet, met less often than that.
    #[arg(long, value_name = "TIMES")]
    reach: Option<u64>,
    /// Believes clients alone: does not compare each message with what is committed as it leaves.
    #[arg(long)]
    clients_only: bool,
    /// Turns a deliberate defect on (S1 to S5, S9 to S11, S13:replies, S13:refusals, S13:welcome, S14): then a failure
    /// is what is hoped for. Only where this was built with the feature `sabotage`.
    #[arg(long, value_name = "NAME")]
    sabotage: Option<String>,
    /// Shows every line of the trace, not the last alone.
    #[arg(long)]
    whole_trace: bool,
}

fn main() -> ExitCode {
    hush_panics();
    match run(&Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<bool> {
    let stage = Stage::new();
    if let Some(name) = &cli.sabotage {
        turn_on(name)?;
    }
    let options = Options { with_lines: false, with_witness: !cli.clients_only };
    if let Some(path) = &cli.schedule {
        let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
        let plan = serde_json::from_str(&text).with_context(|| format!("{} is no plan", path.display()))?;
        return Ok(one(&stage, &plan, options, cli.whole_trace));
    }
    if let Some(seed) = cli.seed {
        return Ok(one(&stage, &Plan::of_seed(seed), options, cli.whole_trace));
    }
    Ok(many(cli, &stage, options))
}

#[cfg(feature = "sabotage")]
fn turn_on(name: &str) -> Result<()> {
    holdfast_front::sabotage::set(Some(name.parse()?));
    Ok(())
}

#[cfg(not(feature = "sabotage"))]
fn turn_on(name: &str) -> Result<()> {
    anyhow::bail!(
        "this was not built to have defects, so {name} cannot be turned on: build it with --features sabotage"
    )
}

fn one(stage: &Stage, plan: &Plan, options: Options, whole_trace: bool) -> bool {
    let outcome = stage.run(plan, Options { with_lines: true, ..options });
    let lines = outcome.trace.lines();
    let first = if whole_trace { 0 } else { lines.len().saturating_sub(LINES_SHOWN) };
    for line in &lines[first..] {
        println!("{line}");
    }
    println!("{} events, trace {:016x}", outcome.trace.count(), outcome.trace.hash());
    match &outcome.failure {
        Some(failure) => println!("FAILED: {failure}"),
        None => println!("every promise was kept"),
    }
    outcome.failure.is_none()
}

fn many(cli: &Cli, stage: &Stage, options: Options) -> bool {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cli.threads.unwrap_or(cores);
    let campaign = Campaign { from: cli.from, seeds: cli.seeds, threads, options };
    let start = Instant::now();
    let is_terminal = std::io::stdout().is_terminal();
    let mut told = 0;
    let within = cli.within.map(Duration::from_secs);
    let goes_on = || within.is_none_or(|within| start.elapsed() < within);
    let report = campaign.run(stage, &goes_on, |count| {
        let step = if is_terminal { 500 } else { cli.seeds.div_ceil(10).max(1) };
        if count >= told + step {
            told = count;
            print!(
                "{}{count} of {} seeds{}",
                if is_terminal { "\r" } else { "" },
                cli.seeds,
                if is_terminal { "" } else { "\n" }
            );
            // Progress that cannot be shown is none.
            let _ = std::io::stdout().flush();
        }
    });
    if is_terminal {
        println!();
    }
    tell(&report, start.elapsed().as_secs_f64());
    let Some((seed, failure)) = &report.failure else { return has_run_and_met(cli, &report) };
    println!("\nFAILED: seed {seed}: {failure}");
    println!("options: {options:?}; the same again: cargo xtask simulate --seed {seed}");
    let short = shrink(&Plan::of_seed(*seed), |plan| stage.run(plan, options).failure.is_some());
    println!("\ncut down to what still fails (keep it in a file for --schedule):");
    println!("{}", serde_json::to_string(&short).unwrap_or_default());
    println!();
    one(stage, &short, options, cli.whole_trace);
    false
}

/// All runs held. Whether they have met what they should; where there was no time for all of them, nobody can tell.
fn has_run_and_met(cli: &Cli, report: &Report) -> bool {
    if report.runs < cli.seeds {
        println!(
            "{} of {} seeds ran in the time that was given, too few to say what they should have met; \
             `cargo xtask simulate` runs them all",
            report.runs, cli.seeds
        );
        return true;
    }
    let unmet = report.reach.below(cli.reach.unwrap_or(0));
    for (point, doing) in &unmet {
        println!("a client that was {} met a fault {} too seldom", doing.words(), point.words());
    }
    unmet.is_empty()
}

fn tell(report: &Report, seconds: f64) {
    let figures = &report.figures;
    println!("{}", report.reach);
    println!(
        "{} runs: {} faults, {} processes killed, {} ownerships, {} reloads; {} ticks, {} actions accepted, {} copies compared",
        report.runs,
        figures.faults,
        figures.crashes,
        figures.ownerships,
        figures.reloads,
        figures.ticks,
        figures.accepted,
        figures.compared,
    );
    let runs = u32::try_from(report.runs.max(1)).map_or(f64::INFINITY, f64::from);
    println!("{seconds:.1} s, {:.2} ms a run", seconds * 1_000.0 / runs);
}
