//! What the writer asks of a store, and what it may hear.
//!
//! The writer is a state machine and does no I/O: it emits a [`StoreRequest`], some adapter carries it out (PostgreSQL
//! in a server, a model in tests), and hands the [`StoreReply`] back. At most one request is under way.

use std::fmt;
use std::sync::Arc;

use holdfast_protocol::{EntityId, Epoch, EpochTag, Tick};

use super::rows::Batch;

/// What the writer asks.
#[derive(Clone, Debug)]
pub enum StoreRequest {
    /// Write this batch, in one atomic statement.
    Flush(Arc<Batch>),
    /// The connection is lost or not to be trusted: make a new one, end the old backend, take the advisory lock, and
    /// read the world's row under its lock.
    Reconnect,
}

/// What the writer hears.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreReply {
    /// The batch is committed: the server was ready for the next query.
    Flushed,
    /// The batch is not committed, or nobody knows.
    FlushFailed(StoreError),
    /// There is a new connection that holds the advisory lock, and this is what the world's row says, read under its
    /// row lock after the old backend has ended.
    Reconnected(WorldMark),
    /// There is no new connection.
    ReconnectFailed(StoreError),
}

/// What the world's row says of its ownership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorldMark {
    /// The latest ownership.
    pub epoch: Epoch,
    /// Its tag.
    pub tag: EpochTag,
    /// The tick of the last flush or beat.
    pub tick: Tick,
}

/// What went wrong, as far as the writer must know, and where, as far as it can be told. Nothing in it is a player's:
/// it ends in a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct StoreError {
    /// What follows from it.
    pub class: StoreErrorClass,
    /// PostgreSQL's code; empty where the trouble was on the way.
    pub sqlstate: String,
    /// For the log. Holds no values.
    pub message: String,
    /// The table that it is about.
    pub table: Option<String>,
    /// The constraint that is not met.
    pub constraint: Option<String>,
    /// Whose row it is that cannot be written.
    pub entity: Option<EntityId>,
}

impl StoreError {
    /// An error that names no place. `sqlstate` is empty where the trouble was not PostgreSQL's.
    #[must_use]
    pub fn new(class: StoreErrorClass, sqlstate: &str, message: &str) -> Self {
        Self {
            class,
            sqlstate: sqlstate.to_owned(),
            message: message.to_owned(),
            table: None,
            constraint: None,
            entity: None,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({}): {}", self.class, self.sqlstate, self.message)?;
        let entity = self.entity.map(|entity| entity.to_string());
        let places = [("table", &self.table), ("entity", &entity), ("constraint", &self.constraint)];
        for (kind, place) in places {
            if let Some(place) = place {
                write!(f, "; {kind} {place}")?;
            }
        }
        Ok(())
    }
}

/// What follows from a store's error. Which error is of which class: `classify`, beside this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreErrorClass {
    /// Try the same batch again at once, a few times: a deadlock, a lock that could not be had.
    RetryNow,
    /// Try the same batch again, later and later: no disk space, still starting, refused.
    RetryLater,
    /// Nobody knows whether it was committed.
    Unknown,
    /// Somebody else owns the world: never write again.
    Fenced,
    /// This batch can never be written.
    Permanent,
    /// Nothing can be written, and only a person can mend it.
    Halt,
}
