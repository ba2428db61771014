//! PostgreSQL as the writer's store: carries out what the writer asks, and says honestly what it knows.
//!
//! The store owns one connection outside any pool and lives in one task that is never cancelled. Whatever leaves a
//! doubt about the connection (an error on the way, a reply that does not come) drops the connection whole: it is never
//! read again, so that no late reply can be taken for another's.

pub mod boot;
pub mod connection;
mod continuity;
mod flush;
mod ownership;
mod reconnect;
mod types;

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::warn;

pub use boot::{BootError, OwnershipSeed, WorldSettings, open_world};
pub use connection::{ConnectError, Durability, connect_options, read_pool};
pub(crate) use connection::{READ_TIMEOUT, Turn};

use self::connection::Backend;
use self::connection::identity::Identity;
use self::continuity::Acknowledged;
use self::flush::FlushStatement;
use super::durable::TableDefinition;
use super::error::Phase;
use super::rows::Batch;
use super::store::{StoreError, StoreErrorClass, StoreReply, StoreRequest};
use holdfast_protocol::WorldId;

/// How long a flush's reply may take, or a whole attempt to reconnect. PostgreSQL gives a statement up after five
/// seconds; a reply that takes twice as long is not coming.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);

/// The writer's connection to PostgreSQL.
#[derive(Debug)]
pub struct PostgresStore {
    options: PgConnectOptions,
    durability: Durability,
    /// Which PostgreSQL it is, as far as it tells.
    identity: Identity,
    tables: Arc<[TableDefinition]>,
    world: WorldId,
    /// Whose ownership it is, and the tick of the last flush or beat that is known to be committed.
    acknowledged: Acknowledged,
    statement: FlushStatement,
    /// None while a flush is under way and after any doubt.
    live: Option<Live>,
    /// The backends of this store's connections, the latest last. All but the last belong to connections that were
    /// given up, and may still be at work or hold the advisory lock; each attempt to reconnect adds one, and forgets
    /// those that it has seen gone. Bounded: see [`reconnect`].
    backends: Vec<Backend>,
}

/// A connection that can be written to.
#[derive(Debug)]
struct Live {
    connection: PgConnection,
    types: types::FlushTypes,
}

impl PostgresStore {
    /// Carries out requests, one after the other, until nobody can ask any more. At most one request waits: the writer
    /// asks only when it has been answered.
    pub async fn run(
        mut self,
        mut requests: mpsc::Receiver<StoreRequest>,
        replies: mpsc::Sender<StoreReply>,
    ) {
        while let Some(request) = requests.recv().await {
            let reply = self.carry_out(request).await;
            if replies.send(reply).await.is_err() {
                break;
            }
        }
    }

    /// Carries out one request. Where the future is dropped midway, the connection goes with it, and the next flush is
    /// answered as unknown.
    pub async fn carry_out(&mut self, request: StoreRequest) -> StoreReply {
        match request {
            StoreRequest::Flush(batch) => match self.flush(&batch).await {
                Ok(()) => StoreReply::Flushed,
                Err(error) => StoreReply::FlushFailed(error),
            },
            StoreRequest::Reconnect => match timeout(REPLY_TIMEOUT, self.reconnect()).await {
                Ok(Ok(mark)) => StoreReply::Reconnected(mark),
                Ok(Err(error)) => StoreReply::ReconnectFailed(error),
                // The connection that was being made is gone with the attempt; its backend is noted.
                Err(_) => StoreReply::ReconnectFailed(StoreError::silent("a new connection fell silent")),
            },
        }
    }

    async fn flush(&mut self, batch: &Batch) -> Result<(), StoreError> {
        // Taken out, so that a connection is only ever put back after a reply that leaves no doubt.
        let Some(mut live) = self.live.take() else {
            return Err(StoreError::unanswered("there is no connection"));
        };
        let query = match self.statement.bind(&live.types, batch) {
            Ok(query) => query,
            Err(error) => {
                self.live = Some(live);
                return Err(error);
            }
        };
        let outcome = timeout(REPLY_TIMEOUT, query.execute(&mut live.connection)).await;
        let error = match outcome {
            // `execute` has read up to ReadyForQuery: the statement's own transaction is over and committed.
            Ok(Ok(_)) => {
                self.live = Some(live);
                self.acknowledged.tick = batch.to;
                return Ok(());
            }
            Ok(Err(error)) => StoreError::from_sqlx(&error, Phase::Flush),
            Err(_) => StoreError::unanswered("the reply to a flush did not come"),
        };
        if error.class == StoreErrorClass::Unknown {
            warn!(%error, "gave up the writer's connection");
        } else {
            self.live = Some(live);
        }
        Err(error)
    }
}
