//! I5: whatever anybody saw of a tape is the beginning of what is on it in the end; I6: nobody sees one shrink.

use std::collections::BTreeMap;

use holdfast_protocol::EntityId;

use super::session::point;
use crate::finding::Finding;
use crate::history::view::{Adopted, Digest};
use crate::state::FinalState;

/// A list that was seen on a tape: how long it was, what it came to, and who saw it first. Each is kept once.
#[derive(Clone, Debug)]
struct Seen {
    by: EntityId,
    when: String,
    last: Option<u64>,
}

/// Every list that anybody saw.
#[derive(Clone, Debug)]
pub(crate) struct Sightings {
    lists: BTreeMap<(EntityId, usize, Digest), Seen>,
    lengths: BTreeMap<(EntityId, EntityId), usize>,
    count: usize,
    shrinks: Finding,
}

impl Default for Sightings {
    fn default() -> Self {
        let shrinks = Finding::new("I6 nobody sees a tape shrink");
        Self { lists: BTreeMap::new(), lengths: BTreeMap::new(), count: 0, shrinks }
    }
}

impl Sightings {
    pub(crate) fn adopt(&mut self, character: EntityId, adopted: &Adopted) {
        for (tape, entries) in &adopted.view.tapes {
            let before = self.lengths.insert((character, *tape), entries.len());
            self.shrinks.looked_at += 1;
            if before.is_some_and(|before| before > entries.len()) {
                self.shrinks.breach(|| format!("character {character} saw tape {tape} shrink"));
            }
            // What is as long as before is looked at too: it may have become another.
            self.saw(character, *tape, entries, || point(adopted.at));
        }
    }

    /// The reply to a read. It may be older than what the same client has seen since.
    pub(crate) fn read(&mut self, character: EntityId, tape: EntityId, entries: &[u64]) {
        self.saw(character, tape, entries, || "in a reply".to_owned());
    }

    fn saw(&mut self, by: EntityId, tape: EntityId, entries: &[u64], when: impl FnOnce() -> String) {
        self.count += 1;
        self.lists.entry((tape, entries.len(), Digest::of(entries))).or_insert_with(|| Seen {
            by,
            when: when(),
            last: entries.last().copied(),
        });
    }

    pub(crate) fn true_in_the_end(&self, end: &FinalState) -> Finding {
        let mut finding = Finding::new("I5 nothing was seen that is not true");
        finding.looked_at = self.count;
        let mut prefixes: BTreeMap<EntityId, Vec<Digest>> = BTreeMap::new();
        for ((tape, length, digest), seen) in &self.lists {
            let prefixes = prefixes.entry(*tape).or_insert_with(|| prefixes_of(end, *tape));
            if prefixes.get(*length) != Some(digest) {
                finding.breach(|| {
                    let Seen { by, when, last } = seen;
                    let last = last.map_or_else(String::new, |last| format!(", the last of them {last},"));
                    format!("character {by} saw ({when}) {length} entries on tape {tape}{last} that are not its beginning")
                });
            }
        }
        finding
    }

    pub(crate) fn never_shrink(&self) -> Finding {
        self.shrinks.clone()
    }
}

/// What each beginning of the tape comes to, the empty one first.
fn prefixes_of(end: &FinalState, tape: EntityId) -> Vec<Digest> {
    let entries = end.tapes.get(&tape).map_or(&[][..], Vec::as_slice);
    let mut prefixes = vec![Digest::default()];
    prefixes.extend(entries.iter().scan(Digest::default(), |digest, entry| {
        *digest = digest.with(*entry);
        Some(*digest)
    }));
    prefixes
}
