//! The model store, with the writer's one request held until the test says what becomes of it: it is carried out and
//! answered ([`FakeStore::mark_durable`]), refused before it was carried out ([`FakeStore::fail_before`]), or carried
//! out and then answered with an error ([`FakeStore::fail_after`]), as when a connection is lost with the reply on its
//! way.

use std::ops::{Deref, DerefMut};

use holdfast::persistence::durable::TableDefinition;
use holdfast::persistence::loaded::LoadedWorld;
use holdfast::persistence::store::{StoreError, StoreReply, StoreRequest};
use holdfast_protocol::EpochTag;
use holdfast_simulator::ModelStore;

/// A store of one world, in memory, that is slow on demand.
#[derive(Clone, Debug)]
pub struct FakeStore {
    model: ModelStore,
    request: Option<StoreRequest>,
}

impl FakeStore {
    /// An empty one, whose world nobody has owned.
    #[must_use]
    pub fn new(definitions: &[TableDefinition]) -> Self {
        Self { model: ModelStore::new(definitions), request: None }
    }

    /// Begins a new ownership and loads the world. Whatever was under way for the old one is forgotten: its backend
    /// has been ended.
    pub fn take_world(&mut self, tag: EpochTag) -> LoadedWorld {
        self.request = None;
        self.model.take_world(tag)
    }

    /// Takes in what the writer asks for; it waits until the test says what becomes of it.
    ///
    /// # Panics
    /// Where another request is under way: the writer has one at a time.
    pub fn request(&mut self, request: StoreRequest) {
        assert!(self.request.is_none(), "one request at a time");
        self.request = Some(request);
    }

    /// What waits.
    #[must_use]
    pub fn waiting(&self) -> Option<&StoreRequest> {
        self.request.as_ref()
    }

    /// Carries out what waits, and answers.
    pub fn mark_durable(&mut self) -> Option<StoreReply> {
        Some(match self.request.take()? {
            StoreRequest::Flush(batch) => match self.apply(&batch) {
                Ok(()) => StoreReply::Flushed,
                Err(error) => StoreReply::FlushFailed(error),
            },
            StoreRequest::Reconnect => StoreReply::Reconnected(self.mark()),
        })
    }

    /// Answers what waits with this error; it has no effect.
    pub fn fail_before(&mut self, error: StoreError) -> Option<StoreReply> {
        Some(match self.request.take()? {
            StoreRequest::Flush(_) => StoreReply::FlushFailed(error),
            StoreRequest::Reconnect => StoreReply::ReconnectFailed(error),
        })
    }

    /// Carries out what waits, and answers with this error all the same.
    pub fn fail_after(&mut self, error: StoreError) -> Option<StoreReply> {
        if let Some(StoreRequest::Flush(batch)) = self.request.clone() {
            // What the store would have said is lost on the way.
            let _ = self.apply(&batch);
        }
        self.fail_before(error)
    }
}

impl Deref for FakeStore {
    type Target = ModelStore;

    fn deref(&self) -> &ModelStore {
        &self.model
    }
}

impl DerefMut for FakeStore {
    fn deref_mut(&mut self) -> &mut ModelStore {
        &mut self.model
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use holdfast::persistence::rows::Batch;
    use holdfast::persistence::rows::TickRows;
    use holdfast::persistence::store::StoreErrorClass;
    use holdfast_protocol::{Epoch, Tick};
    use holdfast_simulator::model_store::WORLD;

    use super::*;

    fn lost() -> StoreError {
        StoreError::new(StoreErrorClass::Unknown, "", "lost")
    }

    fn beat(from: u64, to: u64) -> StoreRequest {
        let rows = TickRows::new(0);
        StoreRequest::Flush(Arc::new(Batch {
            world: WORLD,
            epoch: Epoch(1),
            tag: EpochTag(5),
            from: Tick(from),
            to: Tick(to),
            rows,
        }))
    }

    fn tick_found(store: &mut FakeStore) -> Tick {
        store.request(StoreRequest::Reconnect);
        match store.mark_durable() {
            Some(StoreReply::Reconnected(mark)) => mark.tick,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_error_may_come_before_or_after_the_effect() {
        let mut store = FakeStore::new(&[]);
        assert_eq!(store.take_world(EpochTag(5)).tick, Tick(1));
        store.request(beat(1, 2));
        assert_eq!(store.fail_before(lost()), Some(StoreReply::FlushFailed(lost())));
        assert_eq!(tick_found(&mut store), Tick(1));
        store.request(beat(1, 2));
        assert_eq!(store.fail_after(lost()), Some(StoreReply::FlushFailed(lost())));
        assert_eq!(tick_found(&mut store), Tick(2));
        assert_eq!(store.mark_durable(), None, "nothing waits");
    }

    #[test]
    fn nothing_is_stored_before_it_is_marked_durable() {
        let mut store = FakeStore::new(&[]);
        store.take_world(EpochTag(5));
        store.request(beat(1, 9));
        assert_eq!(store.tables().mark.tick, Tick(1));
        assert_eq!(store.mark_durable(), Some(StoreReply::Flushed));
        assert_eq!(store.tables().mark.tick, Tick(9));
    }
}
