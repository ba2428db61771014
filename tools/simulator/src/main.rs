//! `simulate`: the core under every fault, seed by seed. `cargo xtask simulate` builds it and hands its options on.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to whoever called it")]

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Parser;
use holdfast_simulator::campaign::{Campaign, Report};
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
    /// Believes clients alone: does not compare each message with what is committed as it leaves.
    #[arg(long)]
    clients_only: bool,
    /// Shows every line of the trace, not the last alone.
    #[arg(long)]
    whole_trace: bool,
}

fn main() -> ExitCode {
    // Ticks are made to panic on purpose, and every panic is told where it is caught.
    if std::env::var_os("SIM_LOUD").is_none() {
        std::panic::set_hook(Box::new(|_| {}));
    }
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
    let options = Options { with_lines: false, with_witness: !cli.clients_only };
    if let Some(path) = &cli.schedule {
        let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
        let plan = serde_json::from_str(&text).with_context(|| format!("{} is no plan", path.display()))?;
        return Ok(one(&plan, options, cli.whole_trace));
    }
    if let Some(seed) = cli.seed {
        return Ok(one(&Plan::of_seed(seed), options, cli.whole_trace));
    }
    Ok(many(cli, options))
}

fn one(plan: &Plan, options: Options, whole_trace: bool) -> bool {
    let outcome = Stage::new().run(plan, Options { with_lines: true, ..options });
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

fn many(cli: &Cli, options: Options) -> bool {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cli.threads.unwrap_or(cores);
    let campaign = Campaign { from: cli.from, seeds: cli.seeds, threads, options };
    let start = Instant::now();
    let is_terminal = std::io::stdout().is_terminal();
    let mut told = 0;
    let report = campaign.run(|count| {
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
    let Some((seed, failure)) = &report.failure else { return true };
    println!("\nFAILED: seed {seed}: {failure}");
    println!("options: {options:?}; the same again: cargo xtask simulate --seed {seed}");
    let stage = Stage::new();
    let short = shrink(&stage, &Plan::of_seed(*seed), options);
    println!("\ncut down to what still fails (keep it in a file for --schedule):");
    println!("{}", serde_json::to_string(&short).unwrap_or_default());
    println!();
    one(&short, options, cli.whole_trace);
    false
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
