//! The rows that make a tick durable, and the batch in which they are flushed.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_front::Account;
use holdfast_protocol::{EntityId, Epoch, EpochTag, Seq, SessionEpoch, Tick, WorldId};

use super::chat::ChatLine;
use super::durable::Row;
use super::images::Befores;
use super::journal::Input;

/// Everything durable that one tick, or several in a row, changed: the last value of each row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TickRows {
    /// Entities that appeared or whose own row changed (a value), or that are destroyed (none): their rows in all
    /// component tables go with them.
    pub entities: BTreeMap<EntityId, Option<EntityRow>>,
    /// Per component table, in the order of the game's registry: rows that changed (a value) or components that were
    /// taken off a living entity (none).
    pub components: Vec<BTreeMap<EntityId, Option<ComponentRow>>>,
    /// Per character: what makes its actions happen exactly once.
    pub characters: BTreeMap<EntityId, CharacterRow>,
    /// Entity ids below this are the world's to hand out once this is durable.
    pub ids_reserved: Option<u64>,
    /// What was asked and changed something, in order.
    pub inputs: Vec<Input>,
    /// The entities whose histories tell of these inputs.
    pub indexed: BTreeSet<EntityId>,
    /// What the rows were before.
    pub befores: Befores,
    /// What was said, in order.
    pub chat: Vec<ChatLine>,
}

/// An entity's own row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityRow {
    /// The tick of the change.
    pub tick: Tick,
    /// What it is, in the game's numbering.
    pub kind: u16,
    /// The character whose load brings it; none for what belongs to the world.
    pub home: Option<EntityId>,
    /// The tick at which it entered the chunk that it is in.
    pub entered: Tick,
}

/// A component's row, and when it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentRow {
    /// The tick of the change.
    pub tick: Tick,
    /// The component's columns.
    pub row: Row,
}

/// What makes a character's actions happen exactly once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CharacterRow {
    /// The tick of the change.
    pub tick: Tick,
    /// The last action decided.
    pub last_seq: Seq,
    /// The latest attachment.
    pub session_epoch: SessionEpoch,
    /// The verdict ring, as it is kept at rest.
    pub ring: Vec<u8>,
}

impl TickRows {
    /// Rows for a game of so many component tables.
    #[must_use]
    pub fn new(table_count: usize) -> Self {
        let components = vec![BTreeMap::new(); table_count];
        Self { components, befores: Befores::new(table_count), ..Self::default() }
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
            && self.characters.is_empty()
            && self.ids_reserved.is_none()
            && self.inputs.is_empty()
            && self.chat.is_empty()
            && self.components.iter().all(BTreeMap::is_empty)
    }

    /// How many rows there are to write or delete.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.entities.len() + self.characters.len() + self.components.iter().map(BTreeMap::len).sum::<usize>()
    }

    /// Adds what a later tick changed: the later value of each row wins, and what died takes its rows along.
    pub fn merge(&mut self, later: Self) {
        if self.components.len() < later.components.len() {
            self.components.resize_with(later.components.len(), BTreeMap::new);
        }
        for (mine, theirs) in self.components.iter_mut().zip(later.components) {
            mine.extend(theirs);
        }
        for (id, row) in later.entities {
            if row.is_none() {
                for table in &mut self.components {
                    table.remove(&id);
                }
            }
            self.entities.insert(id, row);
        }
        self.characters.extend(later.characters);
        self.ids_reserved = self.ids_reserved.max(later.ids_reserved);
        self.inputs.extend(later.inputs);
        self.indexed.extend(later.indexed);
        self.befores.merge(later.befores);
        self.chat.extend(later.chat);
    }
}

/// One flush: immutable, so that sending it again sends the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The world.
    pub world: WorldId,
    /// The ownership that writes. The store refuses it where it is not the latest.
    pub epoch: Epoch,
    /// Its tag. The store refuses it where the latest ownership has another: a backup that was restored meanwhile has
    /// counted the same epochs again.
    pub tag: EpochTag,
    /// The tick that the last successful flush or beat of this ownership wrote.
    pub from: Tick,
    /// The tick that this one makes durable. A beat has no rows, and may have `to == from`.
    pub to: Tick,
    /// What changed in the ticks after `from`, up to `to`.
    pub rows: TickRows,
}

#[cfg(feature = "sabotage")]
impl Batch {
    /// The same in two: the effects of actions, and what makes them happen once.
    #[must_use]
    pub fn split(&self) -> (Self, Self) {
        let (mut effects, mut notes) = (self.clone(), self.clone());
        notes.from = self.to;
        notes.rows = TickRows::new(self.rows.components.len());
        notes.rows.characters = std::mem::take(&mut effects.rows.characters);
        (effects, notes)
    }
}

/// A character as its account made it; none of this ever changes.
#[derive(Clone, Debug, PartialEq)]
pub struct CharacterProfile {
    /// Its number.
    pub id: EntityId,
    /// Whose it is.
    pub account: Account,
    /// Its name.
    pub name: String,
    /// What it is, from the game's catalogue.
    pub archetype: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persistence::durable::Cell;

    fn row(tick: u64, value: i64) -> Option<ComponentRow> {
        Some(ComponentRow { tick: Tick(tick), row: Row(vec![Cell::BigInt(value)]) })
    }

    #[test]
    fn the_later_value_wins() {
        let mut rows = TickRows::new(1);
        rows.components[0].insert(EntityId(2), row(1, 10));
        let mut later = TickRows::new(1);
        later.components[0].insert(EntityId(2), row(2, 20));
        later.components[0].insert(EntityId(4), None);
        rows.merge(later);
        assert_eq!(rows.components[0][&EntityId(2)], row(2, 20));
        assert_eq!(rows.row_count(), 2);
    }

    #[test]
    fn the_dead_take_their_rows_along() {
        let mut rows = TickRows::new(1);
        rows.components[0].insert(EntityId(2), row(1, 10));
        let mut later = TickRows::new(1);
        later.entities.insert(EntityId(2), None);
        rows.merge(later);
        assert!(rows.components[0].is_empty());
        assert_eq!(rows.entities[&EntityId(2)], None);
    }
}
