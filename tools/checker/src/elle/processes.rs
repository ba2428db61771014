//! The processes of a history that Elle reads: each has one operation under way at a time.
//!
//! A client has several, so it is spread over as many processes as it needs. All numbers that leave the same rest when
//! divided by the number of clients are one client's, as they are one thread's in Jepsen.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_protocol::EntityId;

/// Who has which numbers, and which of them are free.
#[derive(Debug)]
pub(super) struct Processes {
    clients: BTreeMap<EntityId, Client>,
}

#[derive(Debug, Default)]
struct Client {
    /// Those that were used, and have nothing under way.
    free: BTreeSet<u64>,
    /// The next that was never used.
    next: u64,
}

impl Processes {
    /// For these clients, and one stranger.
    pub(super) fn of(characters: impl Iterator<Item = EntityId>) -> Self {
        let mut clients: BTreeMap<_, _> =
            characters.map(|character| (character, Client::default())).collect();
        for (number, client) in (0..).zip(clients.values_mut()) {
            client.next = number;
        }
        Self { clients }
    }

    /// A process of `character` that has nothing under way. It is the caller's until it says that it is free.
    pub(super) fn take(&mut self, character: EntityId) -> u64 {
        let step = self.stranger() + 1;
        let client = self.clients.entry(character).or_default();
        client.free.pop_first().unwrap_or_else(|| {
            let process = client.next;
            client.next += step;
            process
        })
    }

    /// What it had under way has ended, and it is known how.
    pub(super) fn is_free(&mut self, character: EntityId, process: u64) {
        self.clients.entry(character).or_default().free.insert(process);
    }

    /// The process of somebody who is none of the clients.
    pub(super) fn stranger(&self) -> u64 {
        self.clients.len() as u64
    }
}
