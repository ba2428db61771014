//! A world on a real PostgreSQL, and the owner of its tables beside it.

use std::time::Duration;

use holdfast::persistence::loaded::LoadedWorld;
use holdfast::persistence::postgres::PostgresStore;
use holdfast::persistence::rows::TickRows;
use holdfast::persistence::store::{StoreError, StoreErrorClass, StoreReply, StoreRequest, WorldMark};
use holdfast_protocol::Tick;
use holdfast_tests::TestDatabase;
use holdfast_tests::flush::{flush_of, flush_of_one};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::tables::{TABLES, migrated, open, options};

/// A world whose store is at hand.
pub(crate) struct Setup {
    pub(crate) store: PostgresStore,
    pub(crate) world: LoadedWorld,
    /// What is committed.
    pub(crate) tick: Tick,
    /// Does to the database what is to be done.
    pub(crate) owner: PgConnection,
    pub(crate) database: TestDatabase,
}

impl Setup {
    pub(crate) async fn new() -> Self {
        let database = migrated().await;
        Self::on(database, options).await
    }

    /// The store reaches the database as `reach` says.
    pub(crate) async fn on(
        database: TestDatabase,
        reach: impl FnOnce(&TestDatabase) -> PgConnectOptions,
    ) -> Self {
        let (store, world) = open(reach(&database), 5).await.unwrap();
        let owner = database.connect().await.unwrap();
        Self { store, tick: world.tick, world, owner, database }
    }

    /// The flush of one new entity in the next tick.
    pub(crate) fn next_flush(&self) -> StoreRequest {
        flush_of_one(&self.world, self.tick, self.tick.next(), TABLES.len())
    }

    /// The flush of these rows as the next tick.
    pub(crate) fn flush_of(&self, rows: TickRows) -> StoreRequest {
        flush_of(&self.world, self.tick, self.tick.next(), rows)
    }

    /// A flush that fails.
    pub(crate) async fn failing(&mut self, flush: StoreRequest) -> StoreError {
        match self.store.carry_out(flush).await {
            StoreReply::FlushFailed(error) => error,
            other => panic!("no error: {other:?}"),
        }
    }

    /// The same flush again, as the writer would after such an error; then everything is there that was to be written,
    /// once.
    pub(crate) async fn goes_on(&mut self, class: StoreErrorClass) {
        if class == StoreErrorClass::Unknown {
            let mark = reconnected(&mut self.store).await;
            assert_eq!((mark.epoch, mark.tag), (self.world.epoch, self.world.tag));
            assert_eq!(mark.tick, self.tick, "the flush is not there");
        }
        assert_eq!(self.store.carry_out(self.next_flush()).await, StoreReply::Flushed);
        self.tick = self.tick.next();
        let found: (i64, i64) =
            sqlx::query_as("SELECT count(*), max(entity) FROM holdfast.entities WHERE kind = 1")
                .fetch_one(&mut self.owner)
                .await
                .unwrap();
        let expected = self.tick.since(self.world.tick);
        assert_eq!(found, (expected.cast_signed(), 2 * self.tick.0.cast_signed()));
    }

    pub(crate) async fn run(&mut self, sql: &str) {
        self.owner.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    }

    /// Another session holds the world's row until it is dropped or rolls back.
    pub(crate) async fn hold_the_row(&self) -> PgConnection {
        let mut other = self.database.connect().await.unwrap();
        other.execute("BEGIN; SELECT FROM holdfast.worlds FOR UPDATE").await.unwrap();
        other
    }

    /// The failure of the next flush, to whose backend something is done while it waits for the world's row.
    pub(crate) async fn failing_where(&mut self, done_to_it: &str) -> StoreError {
        let other = self.hold_the_row().await;
        let flush = self.next_flush();
        let Self { store, owner, .. } = self;
        let (reply, ()) = tokio::join!(store.carry_out(flush), async {
            let question = format!(
                "SELECT {done_to_it} FROM pg_stat_activity WHERE datname = current_database()
                 AND application_name = 'holdfast writer' AND wait_event_type = 'Lock'"
            );
            while owner.execute(AssertSqlSafe(question.clone())).await.unwrap().rows_affected() == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let_go(other).await;
        match reply {
            StoreReply::FlushFailed(error) => error,
            other => panic!("no error: {other:?}"),
        }
    }
}

/// Asks for a new connection as the writer would: again and again, until the store can say.
pub(crate) async fn reconnected(store: &mut PostgresStore) -> WorldMark {
    loop {
        match store.carry_out(StoreRequest::Reconnect).await {
            StoreReply::Reconnected(mark) => return mark,
            StoreReply::ReconnectFailed(error) => {
                assert_eq!(error.class, StoreErrorClass::RetryLater, "{error}");
            }
            other => panic!("no answer to that: {other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Ends a session whatever it was doing.
pub(crate) async fn let_go(mut other: PgConnection) {
    other.execute("ROLLBACK").await.unwrap();
    other.close().await.unwrap();
}
