//! Row images: what each row that a flush changed was before, and is after it.
//!
//! The world knows both. What was before is what the store was last given, or gave, so no row is read for it. A flush
//! writes all its images as one value: a version byte, then, postcard-encoded, a list of tables with their rows. They
//! name tables and columns, since they may be read by a build whose components are others.
//!
//! Left out are free text, which has rows of its own and stands nowhere else; the ticks of the rows, which follow from
//! the flush's; and what makes actions happen once (`character_actions`), which follows from the journal.

mod encode;

use std::borrow::Cow;
use std::collections::BTreeMap;

use holdfast_protocol::EntityId;
use serde::{Deserialize, Serialize};

use super::durable::Row;
use super::journal::format::FormatError;

pub(crate) use self::encode::images_of;

/// The version byte with which a flush's images begin.
const VERSION: u8 = 1;

/// What the rows that a batch changes were before its first tick: none where there was no row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Befores {
    /// Of the entities' own rows.
    pub entities: BTreeMap<EntityId, Option<EntityBefore>>,
    /// Of the components' rows, per table in the order of the registry.
    pub components: Vec<BTreeMap<EntityId, Option<Row>>>,
}

/// An entity's own row, as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntityBefore {
    /// What it is, in the game's numbering.
    pub kind: u16,
    /// The character whose load brings it; none for what belongs to the world.
    pub home: Option<EntityId>,
    /// The tick at which it entered the chunk that it is in.
    pub entered: holdfast_protocol::Tick,
}

impl Befores {
    /// Of no rows, in a game of so many component tables.
    #[must_use]
    pub fn new(table_count: usize) -> Self {
        Self { entities: BTreeMap::new(), components: vec![BTreeMap::new(); table_count] }
    }

    /// Adds what was before a later tick: where a row is known already, what was before the earlier one stays.
    pub fn merge(&mut self, later: Self) {
        if self.components.len() < later.components.len() {
            self.components.resize_with(later.components.len(), BTreeMap::new);
        }
        for (id, row) in later.entities {
            self.entities.entry(id).or_insert(row);
        }
        for (mine, theirs) in self.components.iter_mut().zip(later.components) {
            for (id, row) in theirs {
                mine.entry(id).or_insert(row);
            }
        }
    }
}

/// The images of one table's rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableImages<'a> {
    /// The table.
    pub table: Cow<'a, str>,
    /// Its columns, besides `world`, `entity` and `tick`.
    pub columns: Vec<Cow<'a, str>>,
    /// The rows, by entity in ascending order.
    pub rows: Vec<RowImage<'a>>,
}

/// A row before and after a flush.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowImage<'a> {
    /// Whose row it is.
    pub entity: EntityId,
    /// What it was; none where it was not there.
    pub before: Option<Vec<ImageCell<'a>>>,
    /// What it is; none where it is not there any more.
    pub after: Option<Vec<ImageCell<'a>>>,
}

/// One value of a row. In the store by their place in this list, so a new one goes to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImageCell<'a> {
    /// NULL
    Null,
    /// A `boolean`.
    Bool(bool),
    /// A `smallint`.
    SmallInt(i16),
    /// An `integer`.
    Int(i32),
    /// A `bigint`.
    BigInt(i64),
    /// A `text` that is no free text.
    Text(Cow<'a, str>),
    /// A `bytea`.
    Bytes(Cow<'a, [u8]>),
    /// A `bigint[]`.
    BigInts(Cow<'a, [i64]>),
    /// Free text: it stands here as little as in the journal.
    LeftOut,
}

/// The images that these bytes hold.
///
/// # Errors
/// Where they are of another version, or damaged.
pub fn images_from_bytes(bytes: &[u8]) -> Result<Vec<TableImages<'static>>, FormatError> {
    let Some((&VERSION, tables)) = bytes.split_first() else {
        return Err(FormatError::Version(bytes.first().copied()));
    };
    holdfast_protocol::decode(tables).map_err(|_| FormatError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persistence::durable::Cell;

    #[test]
    fn what_was_before_the_first_of_several_ticks_counts() {
        let row = |value| Some(Row(vec![Cell::Int(value)]));
        let befores = |entity: Option<EntityBefore>, first, second| Befores {
            entities: BTreeMap::from([(EntityId(2), entity)]),
            components: vec![BTreeMap::from([(EntityId(2), first), (EntityId(4), second)])],
        };
        let before = EntityBefore { kind: 1, home: None, entered: holdfast_protocol::Tick(1) };
        let mut first = befores(None, row(1), None);
        first.merge(befores(Some(before), row(2), row(3)));
        assert_eq!(first, befores(None, row(1), None), "also where there was nothing");
        let mut none = Befores::default();
        none.merge(first.clone());
        assert_eq!(none, first);
    }
}
