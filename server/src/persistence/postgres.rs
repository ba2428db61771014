//! PostgreSQL as the writer's store: carries out what the writer asks, and says honestly what it knows.
//!
//! The store owns one connection outside any pool and lives in one task that is never cancelled. Whatever leaves a
//! doubt about the connection (an error on the way, a reply that does not come) drops the connection whole: it is never
//! read again, so that no late reply can be taken for another's.

pub mod boot;
mod candidate;
pub mod connection;
mod continuity;
mod culprit;
#[cfg(feature = "sabotage")]
mod failpoints;
mod fitness;
mod flush;
mod ownership;
mod reconnect;
pub(crate) mod trial;
mod types;
mod vigil;

use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "sabotage")]
use holdfast_front::failpoint::Failpoint::{BeforeFlush, ReplyBeforeGate};
#[cfg(feature = "sabotage")]
use holdfast_front::sabotage::{Sabotage::S9, is_on};
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::{error, warn};

pub use boot::{BootError, OwnershipSeed, WorldSettings, open_world};
pub use candidate::{Candidate, Obtained, Waiting};
pub use connection::{ConnectError, Durability, connect_options, read_pool};
pub(crate) use connection::{READ_TIMEOUT, Turn};

use self::connection::Backend;
use self::connection::identity::Identity;
use self::culprit::{Culprit, Place};
use self::flush::{CHARACTERS, CHAT, ENTITIES, FlushStatement};
use super::durable::TableDefinition;
use super::error::{IN_FAILED_TRANSACTION, Phase};
use super::rows::Batch;
use super::store::{StoreError, StoreErrorClass, StoreReply, StoreRequest};
use holdfast_protocol::{Epoch, EpochTag, Tick, WorldId};

/// How long a flush's reply may take, or a whole attempt to reconnect. PostgreSQL gives a statement up after five
/// seconds; a reply that takes twice as long is not coming.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an owner that ends waits for its lease to be given back.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a row that PostgreSQL refuses is searched for. The batch has failed by then, and the lease goes on to run.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(2);

/// The writer's connection to PostgreSQL.
#[derive(Debug)]
pub struct PostgresStore {
    options: PgConnectOptions,
    durability: Durability,
    /// Which PostgreSQL it is, as far as it tells.
    identity: Identity,
    tables: Arc<[TableDefinition]>,
    world: WorldId,
    epoch: Epoch,
    tag: EpochTag,
    /// The tick of the ownership's last flush or beat that is known to be committed.
    acknowledged: Tick,
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
    /// Carries out requests, one after the other, until nobody can ask any more; hands itself back then, for the next
    /// ownership. At most one request waits: the writer asks only when it has been answered. A request whose reply nobody
    /// waits for any more is given up, and its connection with it.
    pub async fn run(
        mut self,
        mut requests: mpsc::Receiver<StoreRequest>,
        replies: mpsc::Sender<StoreReply>,
    ) -> Self {
        while let Some(request) = requests.recv().await {
            let reply = tokio::select! {
                reply = self.carry_out(request) => reply,
                () = replies.closed() => break,
            };
            if replies.send(reply).await.is_err() {
                break;
            }
        }
        self
    }

    /// Gives the world's lease back, so that the next owner need not wait. What goes wrong is logged: the lease then runs
    /// out by itself.
    pub async fn release(mut self) {
        let Some(live) = &mut self.live else { return };
        let release = ownership::release(&mut live.connection, self.world, self.epoch, self.tag);
        match timeout(RELEASE_TIMEOUT, release).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                warn!(error = &error as &dyn std::error::Error, "could not give the lease back");
            }
            Err(_) => warn!("could not give the lease back in time"),
        }
    }

    /// Carries out one request. Where the future is dropped midway, the connection goes with it, and the next flush is
    /// answered as unknown.
    pub async fn carry_out(&mut self, request: StoreRequest) -> StoreReply {
        match request {
            // S9 breaks the promise that an action and the note that it is done are one.
            #[cfg(feature = "sabotage")]
            StoreRequest::Flush(batch) if is_on(S9) => match self.flush_in_two(&batch).await {
                Ok(()) => StoreReply::Flushed,
                Err(error) => StoreReply::FlushFailed(error),
            },
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

    #[cfg(feature = "sabotage")]
    async fn flush_in_two(&mut self, batch: &Batch) -> Result<(), StoreError> {
        let (effects, notes) = batch.split();
        self.flush(&effects).await?;
        self.flush(&notes).await
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
        let reply = query.execute(&mut live.connection);
        #[cfg(feature = "sabotage")]
        failpoints::hit_unless_beat(BeforeFlush, batch);
        #[cfg(feature = "sabotage")]
        let reply = failpoints::between_sent_and_read(reply, batch, &self.options);
        let outcome = timeout(REPLY_TIMEOUT, reply).await;
        let error = match outcome {
            // `execute` has read up to ReadyForQuery: the statement's own transaction is over and committed.
            Ok(Ok(_)) => {
                #[cfg(feature = "sabotage")]
                failpoints::hit_unless_beat(ReplyBeforeGate, batch);
                self.live = Some(live);
                self.acknowledged = batch.to;
                return Ok(());
            }
            Ok(Err(error)) => StoreError::from_sqlx(&error, Phase::Flush),
            Err(_) => StoreError::unanswered("the reply to a flush did not come"),
        };
        match error.class {
            StoreErrorClass::Unknown if error.sqlstate == IN_FAILED_TRANSACTION => {
                error!(%error, "the writer's connection was inside a transaction, which is a mistake of ours");
            }
            StoreErrorClass::Unknown => warn!(%error, "gave up the writer's connection"),
            StoreErrorClass::Permanent => return Err(self.with_place(live, batch, error).await),
            _ => self.live = Some(live),
        }
        Err(error)
    }

    /// The same error, with the place of the row that is refused, where it can be found.
    async fn with_place(&mut self, mut live: Live, batch: &Batch, mut error: StoreError) -> StoreError {
        let search = culprit::find(&mut live, &self.statement, batch, &error);
        let Ok(Ok(found)) = timeout(SEARCH_TIMEOUT, search).await else {
            warn!("gave up the writer's connection in search of the row that is refused");
            return error;
        };
        self.live = Some(live);
        if let Some(Culprit { place, entity }) = found {
            error.entity = Some(entity);
            error.table.get_or_insert_with(|| {
                let table = match place {
                    Place::Entities => ENTITIES,
                    Place::Component(index) => self.tables[index].table,
                    Place::Characters => CHARACTERS,
                    Place::Chat(_) => CHAT,
                };
                table.to_owned()
            });
        }
        error
    }
}
