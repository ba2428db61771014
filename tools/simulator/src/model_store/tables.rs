//! The tables of a world, and what a flush does to them.

use std::collections::{BTreeMap, BTreeSet};

use holdfast::persistence::chat::ChatLine;
use holdfast::persistence::durable::{Cell, TableDefinition};
use holdfast::persistence::journal::entry::Entry;
use holdfast::persistence::pg_encode::check_row;
use holdfast::persistence::rows::{Batch, CharacterRow, ComponentRow, EntityRow};
use holdfast::persistence::store::{StoreError, StoreErrorClass, WorldMark};
use holdfast_front::EpochEnd;
#[cfg(feature = "sabotage")]
use holdfast_front::sabotage::{Sabotage::S4, is_on};
use holdfast_protocol::{EntityId, Epoch, EpochTag, Tick};

/// The longest verdict ring, in bytes.
const RING_BYTES_MAX: usize = 800;

/// Everything that is stored of a world, in a form that can be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Tables {
    /// Epoch, tag and tick of the world's row.
    pub mark: WorldMark,
    /// Where its handed-out ids end.
    pub next_id: u64,
    /// Where earlier ownerships ended.
    pub history: Vec<EpochEnd>,
    /// The entities' own rows.
    pub entities: BTreeMap<EntityId, EntityRow>,
    /// The components' rows, one table each, in the order of the registry.
    pub components: Vec<BTreeMap<EntityId, ComponentRow>>,
    /// What makes characters' actions happen exactly once.
    pub characters: BTreeMap<EntityId, CharacterRow>,
    /// What the flushes were asked, in the order of the flushes.
    pub journal: Vec<Kept>,
    /// From an entity to the flushes whose inputs touched it.
    pub journal_entities: BTreeSet<(EntityId, Tick)>,
    /// What the flushes' rows were before and after, in the order of the flushes.
    pub row_images: Vec<Kept>,
    /// What was said, in order.
    pub chat: Vec<ChatLine>,
}

/// What a flush wrote down besides its rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kept {
    /// The ownership that wrote it.
    pub epoch: Epoch,
    /// The ticks after this one …
    pub from: Tick,
    /// … up to this one.
    pub to: Tick,
    /// The inputs or the images, as they are kept.
    pub bytes: Vec<u8>,
}

fn error(class: StoreErrorClass, sqlstate: &str, message: &str) -> StoreError {
    StoreError::new(class, sqlstate, message)
}

impl Tables {
    /// The tables of a world that nobody has owned.
    #[must_use]
    pub fn new(component_count: usize) -> Self {
        Self {
            mark: WorldMark { epoch: Epoch(0), tag: EpochTag(0), tick: Tick(0) },
            next_id: 2,
            history: Vec::new(),
            entities: BTreeMap::new(),
            components: vec![BTreeMap::new(); component_count],
            characters: BTreeMap::new(),
            journal: Vec::new(),
            journal_entities: BTreeSet::new(),
            row_images: Vec::new(),
            chat: Vec::new(),
        }
    }

    /// Writes a batch, whole or not at all. Errors come in the order in which PostgreSQL finds them: what cannot be
    /// sent, what cannot be read, the fence, and then each table's constraints.
    ///
    /// # Errors
    /// Those of `flush_tick`, in class and SQLSTATE.
    pub fn apply(&mut self, definitions: &[TableDefinition], batch: &Batch) -> Result<(), StoreError> {
        check_cells(definitions, batch)?;
        check_text(batch)?;
        // S4 breaks the promise that only the owner writes.
        #[cfg(feature = "sabotage")]
        let is_fenced = !is_on(S4);
        #[cfg(not(feature = "sabotage"))]
        let is_fenced = true;
        if is_fenced {
            self.check_fence(batch)?;
        }
        check_constraints(definitions, batch)?;
        self.write(batch);
        self.write_down(Entry::of(batch, definitions), batch);
        Ok(())
    }

    fn check_fence(&self, batch: &Batch) -> Result<(), StoreError> {
        if (batch.epoch, batch.tag) != (self.mark.epoch, self.mark.tag) {
            return Err(error(StoreErrorClass::Fenced, "GW001", "another epoch owns the world"));
        }
        if batch.from != self.mark.tick {
            return Err(error(StoreErrorClass::Fenced, "GW002", "the world is at another tick"));
        }
        Ok(())
    }

    fn write(&mut self, batch: &Batch) {
        let rows = &batch.rows;
        self.mark.tick = batch.to;
        self.next_id = rows.ids_reserved.unwrap_or(self.next_id);
        for (table, changes) in self.components.iter_mut().zip(&rows.components) {
            for (id, row) in changes {
                match row {
                    Some(row) => table.insert(*id, row.clone()),
                    None => table.remove(id),
                };
            }
        }
        self.characters.extend(rows.characters.iter().map(|(id, row)| (*id, row.clone())));
        for (id, row) in &rows.entities {
            if let Some(row) = row {
                self.entities.insert(*id, row.clone());
            } else {
                self.entities.remove(id);
                self.components.iter_mut().for_each(|table| drop(table.remove(id)));
            }
        }
    }

    fn write_down(&mut self, entry: Entry, batch: &Batch) {
        let Batch { epoch, from, to, .. } = *batch;
        let kept = |bytes| Kept { epoch, from, to, bytes };
        self.journal.extend(entry.inputs.map(kept));
        self.row_images.extend(entry.images.map(kept));
        self.journal_entities.extend(entry.indexed.into_iter().map(|id| (id, to)));
        self.chat.extend(batch.rows.chat.iter().cloned());
    }
}

fn check_cells(definitions: &[TableDefinition], batch: &Batch) -> Result<(), StoreError> {
    for (definition, changes) in definitions.iter().zip(&batch.rows.components) {
        for row in changes.values().flatten() {
            check_row(definition.columns, &row.row)
                .map_err(|unfit| error(StoreErrorClass::Permanent, "", &unfit.to_string()))?;
        }
    }
    Ok(())
}

fn check_text(batch: &Batch) -> Result<(), StoreError> {
    let said = batch.rows.chat.iter().any(|line| line.text.contains('\0') || line.channel.contains('\0'));
    let rows = batch.rows.components.iter().flat_map(BTreeMap::values).flatten();
    for cell in rows.flat_map(|row| &row.row.0) {
        if matches!(cell, Cell::Text(text) if text.contains('\0')) {
            return Err(error(StoreErrorClass::Permanent, "22021", "a text holds NUL"));
        }
    }
    if said {
        return Err(error(StoreErrorClass::Permanent, "22021", "what was said holds NUL"));
    }
    Ok(())
}

fn check_constraints(definitions: &[TableDefinition], batch: &Batch) -> Result<(), StoreError> {
    let rows = &batch.rows;
    if rows.ids_reserved.is_some_and(|next| next == 0 || next % 2 == 1) {
        return Err(error(
            StoreErrorClass::Permanent,
            "23514",
            "the reserved ids do not end at an even number",
        ));
    }
    for (definition, changes) in definitions.iter().zip(&rows.components) {
        for row in changes.values().flatten() {
            for (column, cell) in definition.columns.iter().zip(&row.row.0) {
                if !column.nullable && *cell == Cell::Null {
                    return Err(error(
                        StoreErrorClass::Permanent,
                        "23502",
                        "a column that takes no NULL is NULL",
                    ));
                }
            }
        }
    }
    if rows.characters.values().any(|row| row.ring.len() > RING_BYTES_MAX) {
        return Err(error(StoreErrorClass::Permanent, "23514", "a ring is too long"));
    }
    Ok(())
}
