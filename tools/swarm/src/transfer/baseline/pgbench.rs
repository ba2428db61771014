//! PostgreSQL's own tool calls the same procedure, over the same socket: the figure that a pool of ours must come close to.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use holdfast_devstack::Postgres;
use holdfast_devstack::postgres::cluster::PORT;
use holdfast_devstack::postgres::roles::OWNER;
use holdfast_devstack::spawner::{ChildSpec, DeathSignal};
use holdfast_machine::postgres as binaries;
use tokio::task::spawn_blocking;

use crate::transfer::payer::AMOUNT;
use crate::transfer::report::Figures;
use crate::transfer::{Load, Shape};

/// How often a second purse is drawn anew where it is the first one, before its neighbour is taken: pgbench has no loops.
const DRAWN_ANEW: usize = 6;

/// pgbench, and what it works on.
pub(super) struct Pgbench {
    program: PathBuf,
    folder: PathBuf,
    socket_folder: PathBuf,
    database: &'static str,
    purses: usize,
}

impl Pgbench {
    /// Looks for it beside the server's own program.
    pub(super) fn find(postgres: &Postgres, database: &'static str, purses: usize) -> Result<Self> {
        let program = binaries::find()?.join("pgbench");
        ensure!(program.is_file(), "{} is missing: it is a part of PostgreSQL's packages", program.display());
        let folder = postgres.folder().subfolder("pgbench")?;
        Ok(Self { program, folder, socket_folder: postgres.socket_folder().to_owned(), database, purses })
    }

    /// Keeps so many connections busy.
    pub(super) async fn measure(&self, pool: usize, load: &Load) -> Result<Figures> {
        let script = self.folder.join("transfer.sql");
        fs::write(&script, text(load.shape, self.purses)).context("write pgbench's script")?;
        let child = ChildSpec::new(&self.program, DeathSignal::Kill)
            .arg("--no-vacuum")
            .arg("--protocol=prepared")
            .arg(format!("--client={pool}"))
            .arg("--jobs=2")
            .arg(format!("--time={}", load.span.as_secs().max(1)))
            .arg(format!("--random-seed={}", load.seed))
            .arg(format!("--file={}", script.display()))
            .arg(format!("--host={}", self.socket_folder.display()))
            .arg(format!("--port={PORT}"))
            .arg(format!("--username={OWNER}"))
            .arg(self.database)
            .in_folder(&self.folder)
            .output(Stdio::piped())
            .errors(Stdio::piped())
            .spawn()
            .context("run pgbench")?;
        let output = spawn_blocking(move || child.wait_with_output()).await??;
        let (said, erred) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "pgbench failed: {}", erred.trim());
        let per_s = parse_tps(&said).with_context(|| format!("pgbench says no rate: {said}"))?;
        Ok(Figures { per_s, ..Figures::default() })
    }
}

/// The same draw as ours, as far as it can be said without a loop.
fn text(shape: Shape, purses: usize) -> String {
    let draw = match shape {
        Shape::Uniform => format!("random(1, {purses})"),
        Shape::Zipf(exponent) => format!("random_zipfian(1, {purses}, {exponent:?})"),
    };
    let mut lines = vec![format!("\\set from {draw}"), format!("\\set to {draw}")];
    for _ in 0..DRAWN_ANEW {
        lines.push(format!("\\set other {draw}"));
        lines.push("\\set to case when :to = :from then :other else :to end".to_owned());
    }
    lines.push(format!("\\set to case when :to = :from then mod(:from, {purses}) + 1 else :to end"));
    lines.push(format!("SELECT pay(:from, :to, {AMOUNT});\n"));
    lines.join("\n")
}

/// From `tps = 8123.4 (without initial connection time)`, the number.
fn parse_tps(said: &str) -> Option<f64> {
    let rest = said.lines().find_map(|line| line.strip_prefix("tps = "))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_from_what_it_says() {
        let said = "latency average = 1.9 ms\ntps = 8123.456 (without initial connection time)\n";
        assert_eq!(parse_tps(said), Some(8_123.456));
        assert_eq!(parse_tps("pgbench: error"), None);
    }

    #[test]
    fn its_script_draws_as_we_do() {
        let script = text(Shape::Zipf(2.0), 100);
        assert!(script.starts_with("\\set from random_zipfian(1, 100, 2.0)\n"), "{script}");
        assert!(text(Shape::Uniform, 100).contains("\\set to random(1, 100)\n"));
    }
}
