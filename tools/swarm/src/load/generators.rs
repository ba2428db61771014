//! The generators, as the command sees them: processes that it starts, tells to begin, and hears out.

use std::env;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::figures::Figures;
use super::generator::job::{GO, Job, Said};
use crate::times::Times;

/// The subcommand of this program that is a generator.
pub const GENERATOR: &str = "generator";

/// How often people are told how far all is.
const SHOW_EVERY: Duration = Duration::from_secs(5);

/// How long a generator may take for its figures once the load is over: the last answers are waited for.
const FIGURES_WAIT_MAX: Duration = Duration::from_secs(30);

/// Whether what a generator said changes what is waited for.
enum Heard {
    Ready,
    News,
}

/// All generators of a load. They end with this.
pub(super) struct Generators {
    children: Vec<Child>,
    /// Whoever is told nothing more ends.
    ears: Vec<ChildStdin>,
    said: mpsc::Receiver<(usize, Result<Said>)>,
    /// What each said last of how far it is.
    progress: Vec<(usize, Times)>,
    /// What those measured that are done.
    done: Vec<Figures>,
    shown: (Instant, u64),
}

impl Generators {
    /// Starts one for each job.
    pub(super) async fn start(jobs: Vec<Job>) -> Result<Self> {
        let (tell, said) = mpsc::channel(jobs.len().max(1));
        let (mut children, mut ears) = (Vec::new(), Vec::new());
        for (number, job) in jobs.iter().enumerate() {
            let mut child = Command::new(env::current_exe()?)
                .arg(GENERATOR)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .context("start a generator")?;
            let mut ear = child.stdin.take().context("a generator hears")?;
            let mouth = child.stdout.take().context("a generator speaks")?;
            tokio::spawn(hear(number, mouth, tell.clone()));
            let mut line = serde_json::to_vec(job)?;
            line.push(b'\n');
            ear.write_all(&line).await.context("hand a generator its job")?;
            children.push(child);
            ears.push(ear);
        }
        let progress = vec![(0, Times::default()); jobs.len()];
        Ok(Self { children, ears, said, progress, done: Vec::new(), shown: (Instant::now(), 0) })
    }

    /// Their processes.
    pub(super) fn pids(&self) -> Vec<u32> {
        self.children.iter().filter_map(Child::id).collect()
    }

    /// Waits until all bots of all are in the world.
    pub(super) async fn ready(&mut self, mut show: impl FnMut(&str)) -> Result<()> {
        let mut ready = 0;
        while ready < self.children.len() {
            if let Heard::Ready = self.next().await? {
                ready += 1;
            } else if self.is_due_again() {
                self.shown.0 = Instant::now();
                show(&format!("connecting: {} bots are in the world", self.playing()));
            }
        }
        show(&format!("all {} bots are in the world", self.playing()));
        Ok(())
    }

    /// The load begins.
    pub(super) async fn go(&mut self) -> Result<()> {
        for ear in &mut self.ears {
            ear.write_all(format!("{GO}\n").as_bytes()).await.context("tell a generator to begin")?;
        }
        Ok(())
    }

    /// Shows how far they are, until then.
    pub(super) async fn show_until(&mut self, end: Instant, mut show: impl FnMut(&str)) -> Result<()> {
        loop {
            let are_done = self.are_done();
            tokio::select! {
                said = self.next(), if !are_done => {
                    said?;
                }
                () = sleep_until(end) => return Ok(()),
            }
            if self.is_due_again() {
                show(&self.standing());
            }
        }
    }

    /// What all of them measured, added up.
    pub(super) async fn figures(&mut self) -> Result<Figures> {
        let deadline = Instant::now() + FIGURES_WAIT_MAX;
        while !self.are_done() {
            timeout_at(deadline, self.next()).await.context("a generator does not come to an end")??;
        }
        Figures::of(std::mem::take(&mut self.done))
    }

    fn are_done(&self) -> bool {
        self.done.len() == self.children.len()
    }

    /// What one of them says next.
    async fn next(&mut self) -> Result<Heard> {
        let (number, said) = self.said.recv().await.context("all generators have ended")?;
        match said? {
            Said::Progress { playing, latency } => {
                self.progress[number] = (playing, latency);
                Ok(Heard::News)
            }
            Said::Ready => Ok(Heard::Ready),
            Said::Done(figures) => {
                self.done.push(*figures);
                Ok(Heard::News)
            }
            Said::Failed(reason) => bail!("a generator failed: {reason}"),
        }
    }

    fn playing(&self) -> usize {
        self.progress.iter().map(|(playing, _)| playing).sum()
    }

    fn is_due_again(&self) -> bool {
        self.shown.0.elapsed() >= SHOW_EVERY
    }

    /// One line: who plays, how many answers came each second since the last line, and how soon so far.
    fn standing(&mut self) -> String {
        let mut latency = Times::default();
        for (_, times) in &self.progress {
            // They are of one kind; a sum that lacks one is only a line that says less.
            let _ = latency.add(times);
        }
        let (since, before) = std::mem::replace(&mut self.shown, (Instant::now(), latency.count()));
        let fresh = Duration::from_secs(latency.count().saturating_sub(before)).as_secs_f64();
        format!(
            "{} sessions, {:.0} answers/s, p95 {:.1} ms so far",
            self.playing(),
            fresh / since.elapsed().as_secs_f64().max(0.001),
            latency.percentiles().p95
        )
    }
}

async fn hear(number: usize, mouth: ChildStdout, tell: mpsc::Sender<(usize, Result<Said>)>) {
    let mut lines = BufReader::new(mouth).lines();
    loop {
        let (said, is_last) = match lines.next_line().await {
            Ok(Some(line)) => {
                let said = serde_json::from_str(&line).context("read what a generator says");
                let is_last = !matches!(said, Ok(Said::Progress { .. } | Said::Ready));
                (said, is_last)
            }
            Ok(None) => (Err(anyhow::anyhow!("a generator has ended before the load did")), true),
            Err(error) => (Err(error.into()), true),
        };
        if tell.send((number, said)).await.is_err() || is_last {
            return;
        }
    }
}
