//! What a batch writes down besides its rows: the same for every store.

use holdfast_protocol::EntityId;

use super::format::inputs_to_bytes;
use crate::persistence::durable::TableDefinition;
use crate::persistence::images::images_of;
use crate::persistence::rows::Batch;

/// A flush's lines in the journal, in its index, and among the row images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the ticks were asked, as it is kept; none where they were asked nothing.
    pub inputs: Option<Vec<u8>>,
    /// The entities whose histories tell of it, in ascending order.
    pub indexed: Vec<EntityId>,
    /// The images of the changed rows, as they are kept; none where no row changed.
    pub images: Option<Vec<u8>>,
}

impl Entry {
    /// What `batch` writes down.
    #[must_use]
    pub fn of(batch: &Batch, tables: &[TableDefinition]) -> Self {
        let rows = &batch.rows;
        Self {
            inputs: (!rows.inputs.is_empty()).then(|| inputs_to_bytes(&rows.inputs, batch.from)),
            indexed: rows.indexed.iter().copied().collect(),
            images: images_of(rows, tables),
        }
    }
}
