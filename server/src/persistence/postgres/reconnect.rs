//! How an owner whose flush went unanswered finds out what became of it.
//!
//! A new connection; the old backends ended and seen to be gone, so that nothing of theirs can still arrive; the
//! advisory lock, which somebody else holds if somebody else owns the world; and then the world's row, under its lock.

use std::time::Duration;

use sqlx::PgConnection;
use tokio::time::sleep;
use tracing::{info, warn};

use super::connection::identity::Identity;
use super::connection::{Backend, ConnectError, connect};
use super::continuity::Acknowledged;
use super::types::FlushTypes;
use super::{Live, PostgresStore, ownership};
use crate::persistence::error::Phase;
use crate::persistence::store::{StoreError, StoreErrorClass, WorldMark};

/// How often an ended backend is looked for again.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How often it is looked for before the attempt is given up: three seconds in all.
const LOOK_COUNT_MAX: u32 = 150;

/// How many backends are remembered. It takes as many attempts in a row that connect and then fail before the older
/// backends are seen to be gone.
const BACKENDS_MAX: usize = 32;

impl PostgresStore {
    /// Makes a new connection and reads the world's mark under its row lock.
    pub(super) async fn reconnect(&mut self) -> Result<WorldMark, StoreError> {
        self.live = None;
        let mut connection = self.connect_anew().await.map_err(not_connected)?;
        end_older_backends(&mut self.backends, &mut connection).await?;
        let before = |error: sqlx::Error| StoreError::from_sqlx(&error, Phase::Before);
        if !ownership::try_lock_again(&mut connection, self.world).await.map_err(before)? {
            self.check_continuity(&mut connection).await?;
            return Err(StoreError::new(
                StoreErrorClass::Fenced,
                "",
                "another server holds the world's advisory lock",
            ));
        }
        let mark =
            ownership::lock_world(&mut connection, self.world, self.epoch, self.tag).await.map_err(before)?;
        let mark = self.acknowledged().check(&mut connection, self.world, mark).await?;
        self.note_identity(&mut connection).await.map_err(before)?;
        let types = FlushTypes::read(&mut connection, &self.tables).await.map_err(before)?;
        self.statement.prepare(&mut connection, &types).await.map_err(before)?;
        info!(tick = %mark.tick, "the writer has a new connection");
        self.live = Some(Live { connection, types });
        Ok(mark)
    }

    /// Makes sure that the database which answers has everything that this server was told is committed.
    pub(super) async fn check_continuity(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let mark = ownership::read_mark(connection, self.world)
            .await
            .map_err(|error| StoreError::from_sqlx(&error, Phase::Before))?;
        self.acknowledged().check(connection, self.world, mark).await?;
        Ok(())
    }

    fn acknowledged(&self) -> Acknowledged {
        Acknowledged { epoch: self.epoch, tag: self.tag, tick: self.acknowledged }
    }

    /// Says so where this is not the PostgreSQL of before. Nothing that was acknowledged is missing in it.
    async fn note_identity(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let identity = Identity::read(connection).await?;
        if identity.differs_from(&self.identity) {
            warn!(
                now = %identity, before = %self.identity,
                "another PostgreSQL answers than before; it has everything that was acknowledged"
            );
            identity.remember(connection, self.world).await?;
            self.identity = identity;
        }
        Ok(())
    }

    /// Makes a new connection. Its backend is noted before it can hold a lock: should what follows fail midway, the next
    /// attempt ends this backend too.
    pub(super) async fn connect_anew(&mut self) -> Result<PgConnection, ConnectError> {
        let (connection, backend) = connect(&self.options, &self.durability).await?;
        note(&mut self.backends, backend);
        Ok(connection)
    }
}

/// Ends the backends of all connections given up before this one, and forgets them.
pub(super) async fn end_older_backends(
    backends: &mut Vec<Backend>,
    connection: &mut PgConnection,
) -> Result<(), StoreError> {
    let older = backends.split_last().map_or(&[][..], |(_this, older)| older);
    for backend in older {
        let mut looked = 0;
        while !ownership::end_backend(connection, backend)
            .await
            .map_err(|error| StoreError::from_sqlx(&error, Phase::Before))?
        {
            looked += 1;
            if looked == LOOK_COUNT_MAX {
                return Err(StoreError::silent(&format!("backend {} does not end", backend.pid)));
            }
            sleep(LOOK_EVERY).await;
        }
    }
    backends.drain(..older.len());
    Ok(())
}

/// Remembers a backend. The first of all is the one that may still have a flush in its hands, and is kept until it is
/// seen to be gone. Where there are too many, the oldest of those after it is forgotten: it belongs to an attempt that
/// was given up before it could flush anything. Should it still hold the advisory lock, the world counts as somebody
/// else's, and this server ends, to wait for it from the beginning.
fn note(backends: &mut Vec<Backend>, backend: Backend) {
    if backends.len() >= BACKENDS_MAX {
        backends.remove(1);
    }
    backends.push(backend);
}

fn not_connected(error: ConnectError) -> StoreError {
    match error {
        ConnectError::Database(error) => StoreError::from_sqlx(&error, Phase::Before),
        ConnectError::Timeout => StoreError::silent(&error.to_string()),
        // The server that answers is not the one that the world was begun on, or was set otherwise.
        ConnectError::Refused(message) => StoreError::new(StoreErrorClass::Halt, "", &message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_attempts_fail_the_backend_with_the_flush_is_remembered() {
        let mut backends = Vec::new();
        for pid in 0..100 {
            note(&mut backends, Backend { pid, started: String::new() });
        }
        let pids: Vec<_> = backends.iter().map(|backend| backend.pid).collect();
        assert_eq!((pids.len(), pids[0], pids[1], pids[31]), (BACKENDS_MAX, 0, 69, 99));
    }
}
