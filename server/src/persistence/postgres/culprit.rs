//! Which row of a batch it is that PostgreSQL will not take.
//!
//! An error names a table and a constraint at best, never a row, and the detail that might tell one holds what players
//! said and own. So the flush is tried again with ever other beginnings of the batch, each inside a transaction that
//! is rolled back: the last row of the shortest beginning that fails in the same way is the one. Beginnings, and not
//! halves, since a row may be wrong only beside another one.
//!
//! The batch is dead already, so nothing depends on this search: whatever goes wrong in it, it finds nothing.

use holdfast_protocol::EntityId;
use sqlx::Connection as _;

use super::Live;
use super::flush::FlushStatement;
use crate::persistence::error::Phase;
use crate::persistence::rows::{Batch, TickRows};
use crate::persistence::store::StoreError;

/// The row, where it is found: whose it is, and where its table stands. It takes log₂(rows) + 2 statements at most,
/// 15 for
/// one of 5,000 rows. The connection is as it was, unless this is given up midway or says that it is lost.
///
/// # Errors
/// Where the connection is not to be trusted any more.
pub(super) async fn find(
    live: &mut Live,
    statement: &FlushStatement,
    batch: &Batch,
    error: &StoreError,
) -> Result<Option<Culprit>, sqlx::Error> {
    let order = in_order(&batch.rows);
    // The shortest beginning that fails has more rows than `passing`, and `failing` at most.
    let (mut passing, mut failing) = (0, order.len());
    let mut length = order.len();
    while passing < failing {
        match attempt(live, statement, batch, &order[..length], error).await? {
            Attempt::FailsAlike => failing = length,
            Attempt::Passes if length < order.len() => passing = length,
            // No row of it is at fault, or something else has come between.
            Attempt::Passes | Attempt::FailsOtherwise => return Ok(None),
        }
        if failing - passing == 1 {
            return Ok(Some(order[passing]));
        }
        length = passing + (failing - passing) / 2;
    }
    Ok(None)
}

/// A row of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Culprit {
    pub(super) place: Place,
    pub(super) entity: EntityId,
}

/// The table that a row is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Entities,
    /// By its place in the game's registry.
    Component(usize),
    Characters,
    /// What somebody said, by its place in the batch.
    Chat(usize),
}

/// What became of the flush of some rows.
enum Attempt {
    Passes,
    /// As the whole batch did.
    FailsAlike,
    FailsOtherwise,
}

/// Tries the flush of these rows alone.
async fn attempt(
    live: &mut Live,
    statement: &FlushStatement,
    batch: &Batch,
    rows: &[Culprit],
    error: &StoreError,
) -> Result<Attempt, sqlx::Error> {
    let part = Batch {
        world: batch.world,
        epoch: batch.epoch,
        tag: batch.tag,
        from: batch.from,
        to: batch.to,
        rows: part(&batch.rows, rows),
    };
    // What could be bound whole can be bound in part.
    let Ok(query) = statement.bind(&live.types, &part) else { return Ok(Attempt::FailsOtherwise) };
    let mut transaction = live.connection.begin().await?;
    // What would be found out only at the commit is found out as well.
    sqlx::query("SET CONSTRAINTS ALL IMMEDIATE").execute(&mut *transaction).await?;
    let outcome = query.execute(&mut *transaction).await;
    transaction.rollback().await?;
    Ok(match outcome {
        Ok(_) => Attempt::Passes,
        Err(found) => {
            let found = StoreError::from_sqlx(&found, Phase::Flush);
            let alike = (&found.sqlstate, &found.constraint) == (&error.sqlstate, &error.constraint);
            if alike { Attempt::FailsAlike } else { Attempt::FailsOtherwise }
        }
    })
}

/// All rows in the order in which the flush writes them.
fn in_order(rows: &TickRows) -> Vec<Culprit> {
    let written = |place, entity: &EntityId| Culprit { place, entity: *entity };
    let entities = rows.entities.iter().filter(|(_, row)| row.is_some());
    let components = rows.components.iter().enumerate().flat_map(|(index, table)| {
        let changed = table.iter().filter(|(_, row)| row.is_some());
        changed.map(move |(id, _)| written(Place::Component(index), id))
    });
    entities
        .map(|(id, _)| written(Place::Entities, id))
        .chain(components)
        .chain(rows.characters.keys().map(|id| written(Place::Characters, id)))
        .chain(rows.chat.iter().enumerate().map(|(index, line)| written(Place::Chat(index), &line.speaker)))
        .collect()
}

/// Only these rows.
fn part(rows: &TickRows, wanted: &[Culprit]) -> TickRows {
    let mut part = TickRows::new(rows.components.len());
    for Culprit { place, entity } in wanted {
        match place {
            Place::Entities => {
                part.entities.extend(rows.entities.get_key_value(entity).map(|(id, row)| (*id, row.clone())));
            }
            Place::Component(index) => {
                let row = rows.components[*index].get(entity).cloned();
                part.components[*index].extend(row.map(|row| (*entity, row)));
            }
            Place::Characters => {
                part.characters.extend(rows.characters.get(entity).map(|row| (*entity, row.clone())));
            }
            Place::Chat(index) => part.chat.push(rows.chat[*index].clone()),
        }
    }
    part
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::{Seq, SessionEpoch, Tick};

    use super::*;
    use crate::persistence::durable::Row;
    use crate::persistence::rows::{CharacterRow, ComponentRow, EntityRow};

    #[test]
    fn a_beginning_holds_what_the_flush_writes_first() {
        let mut rows = TickRows::new(2);
        let tick = Tick(1);
        let character = CharacterRow { tick, last_seq: Seq(1), session_epoch: SessionEpoch(1), ring: vec![] };
        rows.characters.insert(EntityId(1), character);
        rows.components[1].insert(EntityId(4), Some(ComponentRow { tick, row: Row(vec![]) }));
        rows.components[1].insert(EntityId(6), None);
        let entity = EntityRow { tick, kind: 1, home: None, entered: tick };
        rows.entities.insert(EntityId(4), Some(entity));
        rows.entities.insert(EntityId(8), None);
        let order = in_order(&rows);
        let places: Vec<_> = order.iter().map(|row| (row.place, row.entity.0)).collect();
        assert_eq!(
            places,
            [(Place::Entities, 4), (Place::Component(1), 4), (Place::Characters, 1)],
            "what is only removed is refused by nothing of its own"
        );
        let beginning = part(&rows, &order[..2]);
        assert_eq!(beginning.row_count(), 2);
        assert_eq!(beginning.components[1][&EntityId(4)], rows.components[1][&EntityId(4)]);
        assert_eq!(part(&rows, &order).characters, rows.characters);
    }
}
