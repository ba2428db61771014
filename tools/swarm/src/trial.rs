//! What bots did, held against what is stored when they are done: the checker's part of an experiment.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use holdfast_checker::{Beginning, Evidence, Findings, Recorder};
use holdfast_devstack::Stack;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::crowd::Bot;
use crate::world::World;
use crate::{final_state, journal};

/// How long bots may take for a fresh action, and for their last answers.
const LAST_ANSWERS_WAIT: Duration = Duration::from_secs(30);

/// An experiment whose promises are checked in the end.
pub(crate) struct Trial {
    world: World,
    database_url: String,
    began: SystemTime,
    pub(crate) recorder: Recorder,
    beginning: Beginning,
}

impl Trial {
    /// Begins before any bot acts. In the village what lies there must be there already.
    pub(crate) async fn begin(world: World, stack: &Stack) -> Result<Self> {
        let (start, began) = (Instant::now(), SystemTime::now());
        let database_url = stack.database_url();
        let beginning = final_state::beginning(world, &database_url).await?;
        let recorder = Recorder::with_clock(move || start.elapsed());
        Ok(Self { world, database_url, began, recorder, beginning })
    }

    /// Checks everything. Whoever plays has had its last answers.
    pub(crate) async fn check(&self) -> Result<Findings> {
        let end = final_state::read(self.world, &self.database_url).await?;
        let commits = journal::read(&self.database_url, self.began).await?.commits;
        let history = self.recorder.history();
        let evidence = Evidence { commits: Some(&commits), ..Evidence::new(&history, &self.beginning, &end) };
        Ok(evidence.check())
    }
}

/// Nothing disturbs since the history was told so: waits until everybody has completed a fresh action, or has had time
/// enough.
pub(crate) async fn everybody_plays_on(recorder: &Recorder) {
    let deadline = Instant::now() + LAST_ANSWERS_WAIT;
    while recorder.history().waiting_count() > 0 && Instant::now() < deadline {
        sleep(Duration::from_millis(20)).await;
    }
}

/// Waits for the last answers of bots that have stopped, and says how many of these have waited in vain.
pub(crate) async fn last_answers(bots: &[Bot]) -> usize {
    let deadline = Instant::now() + LAST_ANSWERS_WAIT;
    let mut stuck = 0;
    for bot in bots {
        if !bot.client.wait_settled(deadline.saturating_duration_since(Instant::now())).await {
            stuck += 1;
        }
    }
    stuck
}

/// One sentence for each promise that was not kept, and one where there was nothing to keep. In the ledger every invariant
/// has something to look at, unless it needs what a trial cannot offer.
pub(crate) fn failures(world: World, findings: &Findings) -> Vec<String> {
    let mut failures = findings.failures(world == World::Ledger);
    if findings.accepted == 0 {
        failures.push("Nothing was accepted.".to_owned());
    }
    failures
}

/// The findings, for programs.
pub(crate) fn to_json(findings: &Findings) -> Value {
    json!({
        "accepted": findings.accepted, "rejected": findings.rejected, "unanswered": findings.open,
        "lost": findings.lost, "duplicated": findings.duplicated, "reordered": findings.reordered,
        "broken": findings.broken(),
    })
}

/// The findings, in a line for people.
pub(crate) fn in_words(findings: &Findings) -> String {
    let broken = findings.broken();
    let verdict =
        if broken.is_empty() { "all hold".to_owned() } else { format!("BROKEN: {}", broken.join(", ")) };
    format!(
        "{} accepted, {} rejected, {} without an end; {} lost, {} twice, {} reordered; invariants: {verdict}",
        findings.accepted,
        findings.rejected,
        findings.open,
        findings.lost,
        findings.duplicated,
        findings.reordered
    )
}
