//! I6: whoever comes back in time goes on where it was.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_protocol::{EntityId, ResyncKind};

use crate::finding::Finding;

/// For how long a session can be resumed from the loss of its connection.
const RESUMABLE_FOR: Duration = Duration::from_secs(120);

pub(super) const INVARIANT: &str = "I6 whoever comes back in time goes on where it was";

#[derive(Clone, Copy, Debug, Default)]
struct Client {
    heard: Option<Duration>,
    /// How often it has said Hello since it was last welcomed. Whose Welcome was lost twice has no token any more that
    /// would be good.
    greetings: u32,
    /// Whether the last of these showed a session and a copy to go on with.
    resumes: bool,
    welcomed: bool,
}

/// When each client was last heard of, and what it was given when it came back.
#[derive(Clone, Debug)]
pub(crate) struct Resumed {
    clients: BTreeMap<EntityId, Client>,
    resumable_for: Duration,
    finding: Finding,
}

impl Default for Resumed {
    fn default() -> Self {
        Self { clients: BTreeMap::new(), resumable_for: RESUMABLE_FOR, finding: Finding::new(INVARIANT) }
    }
}

impl Resumed {
    pub(crate) fn resumable_for(&mut self, time: Duration) {
        self.resumable_for = time;
    }

    /// It has left, and begins anew where it comes back.
    pub(crate) fn left(&mut self, character: EntityId) {
        self.clients.remove(&character);
    }

    pub(crate) fn greeted(&mut self, character: EntityId, resumes: bool) {
        let client = self.clients.entry(character).or_default();
        client.greetings += 1;
        client.resumes = resumes;
    }

    pub(crate) fn heard(&mut self, character: EntityId, now: Option<Duration>) {
        self.clients.entry(character).or_default().heard = now;
    }

    pub(crate) fn welcomed(&mut self, character: EntityId, resync: ResyncKind, now: Option<Duration>) {
        // The server may have found the connection lost somewhat before its client heard the last of it.
        let bound = self.resumable_for * 11 / 12;
        let client = self.clients.entry(character).or_default();
        let comes_back = client.welcomed && client.resumes && client.greetings == 1;
        let in_time = now.zip(client.heard).is_some_and(|(now, heard)| now.saturating_sub(heard) < bound);
        (client.welcomed, client.greetings) = (true, 0);
        if comes_back && in_time {
            self.finding.looked_at += 1;
            if resync != ResyncKind::Delta {
                self.finding.breach(|| format!("character {character} came back in time and got {resync:?}"));
            }
        }
    }

    pub(crate) fn finding(&self) -> Finding {
        if self.finding.looked_at == 0 {
            return Finding::not_looked_at(INVARIANT, "times and every Hello");
        }
        self.finding.clone()
    }
}
