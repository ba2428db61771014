//! Actions: those under way, and of those that have ended what the end will be compared with.

use std::collections::BTreeMap;

use holdfast_protocol::{ActionName, EntityId, Seq};

use super::action::{ActionRecord, End, Meaning, Stamp};

/// What names an action: the character, its `seq`, its nonce.
type Key = (EntityId, u64, u32);

fn key(character: EntityId, name: ActionName) -> Key {
    (character, name.seq.0, name.nonce.0)
}

/// What transfers make of an account.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Change {
    /// What accepted transfers add and take.
    pub(crate) sure: i64,
    /// What transfers without an end may add.
    pub(crate) more: i64,
    /// What they may take.
    pub(crate) less: i64,
}

/// All actions of a history.
#[derive(Debug, Default)]
pub(super) struct Actions {
    open: BTreeMap<Key, ActionRecord>,
    /// Ends that were told before the action itself was written down: its own thread was not scheduled in time.
    early: BTreeMap<Key, (Stamp, End)>,
    /// Appends that have ended, in the order of their ends.
    appends: Vec<ActionRecord>,
    /// What accepted transfers have made of each account.
    changes: BTreeMap<EntityId, i64>,
    /// Transfers that were given up: they may have happened.
    unsure: Vec<ActionRecord>,
    pub(super) accepted_count: usize,
    pub(super) rejected_count: usize,
    given_up_count: usize,
}

impl Actions {
    /// An action was made. Returns it where its end is known already.
    pub(super) fn invoked(&mut self, record: ActionRecord) -> Option<ActionRecord> {
        let key = key(record.character, record.name);
        if let Some(ended) = self.early.remove(&key) {
            return Some(self.finish(record, ended));
        }
        self.open.insert(key, record);
        None
    }

    /// An action ended. Returns it where it is known.
    pub(super) fn ended(
        &mut self,
        character: EntityId,
        name: ActionName,
        ended: (Stamp, End),
    ) -> Option<ActionRecord> {
        match ended.1 {
            End::Accepted => self.accepted_count += 1,
            End::Rejected(_) => self.rejected_count += 1,
            End::GivenUp(_) => self.given_up_count += 1,
        }
        let key = key(character, name);
        if let Some(record) = self.open.remove(&key) {
            return Some(self.finish(record, ended));
        }
        self.early.insert(key, ended);
        None
    }

    fn finish(&mut self, record: ActionRecord, ended: (Stamp, End)) -> ActionRecord {
        let record = ActionRecord { ended: Some(ended), ..record };
        match (record.meaning, ended.1) {
            (Meaning::Append { .. }, _) => self.appends.push(record),
            (Meaning::Transfer { to, amount }, End::Accepted) => {
                *self.changes.entry(record.character).or_default() -= amount;
                *self.changes.entry(to).or_default() += amount;
            }
            (Meaning::Transfer { .. }, End::GivenUp(_)) => self.unsure.push(record),
            (Meaning::Transfer { .. } | Meaning::Read { .. } | Meaning::Other, _) => {}
        }
        record
    }

    /// Which tape the read under way asks for that has this `seq`.
    pub(super) fn tape_asked_for(&self, character: EntityId, seq: Seq) -> Option<EntityId> {
        let of = (character, seq.0, 0)..=(character, seq.0, u32::MAX);
        self.open.range(of).find_map(|(_, record)| match record.meaning {
            Meaning::Read { tape } => Some(tape),
            _ => None,
        })
    }

    /// How many have no end, or were given up.
    pub(super) fn open_count(&self) -> usize {
        self.open.len() + self.given_up_count
    }

    /// All appends: those that have ended and those that have not.
    pub(super) fn appends(&self) -> impl Iterator<Item = (&ActionRecord, EntityId, u64)> {
        self.appends.iter().chain(self.open.values()).filter_map(|record| match record.meaning {
            Meaning::Append { tape, entry } => Some((record, tape, entry)),
            _ => None,
        })
    }

    /// What transfers have made of each account, and may have made of it.
    pub(super) fn changes(&self) -> BTreeMap<EntityId, Change> {
        let sure =
            |(account, sure): (&EntityId, &i64)| (*account, Change { sure: *sure, ..Change::default() });
        let mut changes: BTreeMap<_, _> = self.changes.iter().map(sure).collect();
        for record in self.unsure.iter().chain(self.open.values()) {
            if let Meaning::Transfer { to, amount } = record.meaning
                && amount > 0
            {
                changes.entry(record.character).or_default().less += amount;
                changes.entry(to).or_default().more += amount;
            }
        }
        changes
    }
}
