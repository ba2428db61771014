//! Flushes that a test makes by hand, as the writer of a world would.

use std::sync::Arc;

use holdfast::persistence::loaded::LoadedWorld;
use holdfast::persistence::rows::{Batch, EntityRow, TickRows};
use holdfast::persistence::store::StoreRequest;
use holdfast_protocol::{EntityId, Tick};

/// The batch of the world's owner that follows tick `from` and makes `to` durable.
#[must_use]
pub fn batch_of(world: &LoadedWorld, from: Tick, to: Tick, rows: TickRows) -> Batch {
    let LoadedWorld { world, epoch, tag, .. } = *world;
    Batch { world, epoch, tag, from, to, rows }
}

/// The same as what a store is asked.
#[must_use]
pub fn flush_of(world: &LoadedWorld, from: Tick, to: Tick, rows: TickRows) -> StoreRequest {
    StoreRequest::Flush(Arc::new(batch_of(world, from, to, rows)))
}

/// A flush of one new entity, whose number is twice the tick's, in a game of so many tables.
#[must_use]
pub fn flush_of_one(world: &LoadedWorld, from: Tick, to: Tick, table_count: usize) -> StoreRequest {
    let mut rows = TickRows::new(table_count);
    rows.entities.insert(EntityId(2 * to.0), Some(EntityRow { tick: to, kind: 1, home: None, entered: to }));
    flush_of(world, from, to, rows)
}
