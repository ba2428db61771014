//! A generator: a process of its own that plays its share of the bots, on one thread, and hands its figures over.

mod crew;
pub(super) mod job;

use std::io::{self, BufRead as _, Write as _};
use std::thread;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::setpriority_process;
use tokio::sync::mpsc;

use super::figures::Figures;
use crew::Crew;
use job::{GO, Job, Said};

/// How much sooner than others the kernel lets it run, as `nice` counts.
const PRIORITY: i32 = -2;

/// Does the job that stands in the first line of standard input, and hands over the figures, or why there are none.
///
/// # Errors
/// Where nobody waits for them any more.
pub async fn run() -> Result<()> {
    go_first();
    match work().await {
        Ok(figures) => say(&Said::Done(Box::new(figures))),
        Err(error) => say(&Said::Failed(format!("{error:#}"))),
    }
}

/// A bot that comes late measures nothing. So where this process may, it goes before the server and its database: what that
/// costs them is theirs to bear, and makes their figures worse, not better. Where it may not, its lateness is judged all the
/// same.
fn go_first() {
    let _ = setpriority_process(None, PRIORITY);
}

async fn work() -> Result<Figures> {
    let mut lines = lines_of_stdin();
    let job: Job = serde_json::from_str(&lines.recv().await.context("there is no job")?)?;
    let mut crew = Crew::new(job);
    tokio::select! {
        connected = crew.connect() => connected?,
        _ = lines.recv() => bail!("the load was called off"),
    }
    say(&Said::Ready)?;
    ensure!(lines.recv().await.as_deref() == Some(GO), "the load was called off");
    tokio::select! {
        figures = crew.play() => figures,
        _ = lines.recv() => bail!("the load was called off"),
    }
}

fn say(said: &Said) -> Result<()> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    io::stdout().write_all(&line).context("tell the command")
}

/// A thread of its own waits for them, since it can only be ended with the process.
fn lines_of_stdin() -> mpsc::Receiver<String> {
    let (told, lines) = mpsc::channel(1);
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if told.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}
