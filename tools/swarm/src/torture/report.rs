//! What a torture found: [`table`] for people, [`json`] for programs.

mod json;
pub(super) mod row;
mod table;

use std::time::Duration;

use holdfast_checker::{Findings, History};
use holdfast_front::Limits;

use super::TortureOptions;
use super::listener::LISTENERS;
use super::memory::Memory;
use super::recovery::Recovery;
use super::strike::Strike;
use crate::trial;
use crate::world::World;
use row::{Row, Times};

/// Within what time a server is to be ready in 95 of 100 cases in which one was killed.
const READY_P95: Duration = Duration::from_secs(2);

/// Within what time every bot is to play again in 95 of those.
const PLAYING_P95: Duration = Duration::from_secs(5);

/// What became of the ownerships of a world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ownerships {
    /// How many there were.
    pub count: usize,
    /// How many writes of one are known that was over by then.
    pub late_writes: u64,
    /// How many frames of one arrived at any client well after the first frame of a later one.
    pub late_frames: u64,
    /// How many owners that had lost the world were listened to as they woke, by those who stay with a server whatever
    /// becomes of it. That one which nobody listened to said nothing proves nothing.
    pub listened: usize,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct TortureReport {
    /// The world.
    pub world: World,
    /// The seed that was used.
    pub seed: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// What was done to the world: each kind of strike, also one that did not come.
    pub rows: Vec<Row>,
    /// What became of the ownerships.
    pub ownerships: Ownerships,
    /// How often a server ended by itself, since another one owned its world.
    pub worlds_lost: usize,
    /// What the server's process held while PostgreSQL hung: where it grew most.
    pub memory: Option<Memory>,
    /// By how much it may have grown: what a server says that it lets pile up at most.
    pub growth_bytes_max: u64,
    /// How many bots still had actions without an answer when they had waited long enough. Every single action must be
    /// answered, however often it had to be sent.
    pub stuck_bots: usize,
    /// How many bots ended.
    pub ended_bots: u64,
    /// How often clients were told that the world stands still.
    pub paused_count: u64,
    /// How often a copy went wrong.
    pub divergence_count: u64,
    /// What the checker found; none until all is over.
    pub findings: Option<Findings>,
}

impl TortureReport {
    pub(super) fn new(options: &TortureOptions) -> Self {
        let waiting_bytes_max = Limits::default().waiting_bytes_max(options.bots + LISTENERS);
        Self {
            world: options.world,
            seed: options.seed,
            elapsed: Duration::ZERO,
            rows: options.strikes().into_iter().map(Row::new).collect(),
            ownerships: Ownerships::default(),
            worlds_lost: 0,
            memory: None,
            growth_bytes_max: u64::try_from(waiting_bytes_max).unwrap_or(u64::MAX),
            stuck_bots: 0,
            ended_bots: 0,
            paused_count: 0,
            divergence_count: 0,
            findings: None,
        }
    }

    pub(super) fn struck(&mut self, strike: Strike, recovery: Recovery, sockets: usize) {
        for row in self.rows.iter_mut().filter(|row| row.strike == strike) {
            row.recoveries.push(recovery);
            row.socket_count += sockets;
        }
    }

    pub(super) fn saw_memory(&mut self, memory: Memory) {
        let is_more = |most: Memory| memory.growth_bytes() > most.growth_bytes();
        if memory.was_seen() && self.memory.is_none_or(is_more) {
            self.memory = Some(memory);
        }
    }

    pub(super) fn finish(&mut self, history: &History, findings: Findings, elapsed: Duration) {
        self.elapsed = elapsed;
        self.ended_bots = history.ended_count;
        self.paused_count = history.paused_count;
        self.divergence_count = history.divergence_count;
        self.findings = Some(findings);
    }

    /// How many strikes there were.
    #[must_use]
    pub fn struck_count(&self) -> usize {
        self.rows.iter().map(Row::count).sum()
    }

    /// How often this struck.
    #[must_use]
    pub fn count_of(&self, strike: Strike) -> usize {
        self.rows.iter().filter(|row| row.strike == strike).map(Row::count).sum()
    }

    /// How long the world took to be ready, over all strikes of which a server died.
    #[must_use]
    pub fn ready_after_kills(&self) -> Times {
        Times::of(self.recoveries_from_kills().filter_map(|recovery| recovery.ready))
    }

    /// How long it took until everything was answered that was under way, over the same.
    #[must_use]
    pub fn answered_after_kills(&self) -> Times {
        Times::of(self.recoveries_from_kills().map(|recovery| recovery.answered))
    }

    /// How long it took until every bot played, over the same.
    #[must_use]
    pub fn playing_after_kills(&self) -> Times {
        Times::of(self.recoveries_from_kills().map(|recovery| recovery.playing))
    }

    fn recoveries_from_kills(&self) -> impl Iterator<Item = &Recovery> {
        self.rows.iter().filter(|row| row.strike.kills_server()).flat_map(|row| &row.recoveries)
    }

    /// One sentence for each promise that was not kept.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        match &self.findings {
            None => failures.push("The run was not finished.".to_owned()),
            Some(findings) => {
                failures.extend(trial::failures(self.world, findings));
                let killed = self.recoveries_from_kills().count();
                if killed > 0 && findings.resumed_count() == 0 {
                    failures.push(format!("After {killed} deaths nobody was seen to come back in time."));
                }
            }
        }
        let ownerships = self.ownerships;
        let left_behind = self.left_behind_count();
        if ownerships.listened < left_behind {
            failures.push(format!(
                "Of {left_behind} owners that had lost the world only {} were listened to as they woke.",
                ownerships.listened
            ));
        }
        failures.extend(self.memory_failure());
        for (count, what) in [
            (u64::try_from(self.stuck_bots).unwrap_or(u64::MAX), "bots are without an answer"),
            (self.ended_bots, "bots ended"),
            (self.divergence_count, "copies went wrong"),
            (ownerships.late_writes, "writes of an owner that had lost the world"),
            (ownerships.late_frames, "frames of an owner that had lost the world"),
        ] {
            if count > 0 {
                failures.push(format!("{count} {what}."));
            }
        }
        failures
    }

    /// How many owners went on believing that they owned the world while another one took over.
    #[must_use]
    pub fn left_behind_count(&self) -> usize {
        self.rows.iter().filter(|row| row.strike.leaves_an_owner_behind()).map(Row::count).sum()
    }

    /// What is wrong with what the server's process held while PostgreSQL hung.
    fn memory_failure(&self) -> Option<String> {
        if self.count_of(Strike::PostgresSleep) == 0 {
            return None;
        }
        let Some(memory) = self.memory else {
            return Some("Nobody saw the server's memory while PostgreSQL hung.".to_owned());
        };
        let (growth, most) = (memory.growth_bytes(), self.growth_bytes_max);
        (growth > most).then(|| {
            format!(
                "The server's memory grew by {growth} bytes while PostgreSQL hung, and not by {most} at most."
            )
        })
    }

    /// One sentence for each time that was too long, where a server was killed.
    #[must_use]
    pub fn late_recoveries(&self) -> Vec<String> {
        let mut late = Vec::new();
        for (times, bound, what) in [
            (self.ready_after_kills(), READY_P95, "a server was ready"),
            (self.playing_after_kills(), PLAYING_P95, "every bot played"),
        ] {
            match times.percentile(95) {
                None => late.push(format!("No kill after which {what}.")),
                Some(time) if time > bound => {
                    late.push(format!(
                        "After a kill {what} within {time:.2?} (p95), not within {bound:.0?}."
                    ));
                }
                Some(_) => {}
            }
        }
        late
    }

    /// Whether every promise was kept.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.failures().is_empty()
    }
}

/// How many actions were answered, and how many were attempted.
fn answered(findings: &Findings) -> (usize, usize) {
    let answered = findings.accepted + findings.rejected;
    (answered, answered + findings.open)
}

#[cfg(test)]
mod tests;
