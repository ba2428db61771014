//! I12: once nothing disturbs the world any more, every client soon completes a fresh action.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_protocol::EntityId;

use crate::finding::Finding;
use crate::history::action::{ActionRecord, End};

/// How long that may take, for a client that is connected.
const LIVENESS_MAX: Duration = Duration::from_secs(10);

/// How much longer, for one that is not: clients let up to 16 s pass between two attempts to connect.
const APART_MAX: Duration = Duration::from_secs(16);

/// What a client has done since nothing disturbs.
#[derive(Clone, Copy, Debug, Default)]
struct Client {
    /// When it was first welcomed anew.
    welcomed: Option<Duration>,
    /// When it first completed what it began after that.
    completed: Option<Duration>,
}

/// Who plays, since when nothing disturbs, and what each has done since.
#[derive(Clone, Debug, Default)]
pub(crate) struct Liveness {
    clients: BTreeMap<EntityId, Client>,
    quiet_since: Option<Duration>,
}

impl Liveness {
    pub(crate) fn plays(&mut self, character: EntityId) {
        self.clients.entry(character).or_default();
    }

    pub(crate) fn welcomed(&mut self, character: EntityId, now: Option<Duration>) {
        let client = self.clients.entry(character).or_default();
        if self.quiet_since.is_some() {
            client.welcomed = client.welcomed.or(now);
        }
    }

    pub(crate) fn faults_are_over(&mut self, now: Option<Duration>) {
        self.quiet_since = now;
        self.clients.values_mut().for_each(|client| *client = Client::default());
    }

    pub(crate) fn ended(&mut self, action: &ActionRecord) {
        let (Some(quiet), Some(invoked)) = (self.quiet_since, action.invoked.at) else { return };
        let Some((ended, End::Accepted | End::Rejected(_))) = action.ended else { return };
        if invoked >= quiet {
            let client = self.clients.entry(action.character).or_default();
            client.completed = client.completed.or(ended.at);
        }
    }

    pub(crate) fn waiting_count(&self) -> usize {
        self.clients.values().filter(|client| client.completed.is_none()).count()
    }

    pub(crate) fn finding(&self) -> Finding {
        const INVARIANT: &str = "I12 after the faults everybody completes a fresh action";
        let Some(quiet) = self.quiet_since else {
            return Finding::not_looked_at(INVARIANT, "a time at which faults are over");
        };
        let mut finding = Finding::new(INVARIANT);
        for (character, client) in &self.clients {
            finding.looked_at += 1;
            let Some(completed) = client.completed else {
                finding.breach(|| format!("character {character} has completed nothing"));
                continue;
            };
            let apart = client.welcomed.unwrap_or(quiet).saturating_sub(quiet).min(APART_MAX);
            let took = completed.saturating_sub(quiet);
            if took > apart + LIVENESS_MAX {
                finding.breach(|| format!("character {character} took {took:?}, {apart:?} of it apart"));
            }
        }
        finding
    }
}
