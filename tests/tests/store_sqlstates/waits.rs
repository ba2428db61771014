//! Flushes that have to wait: for a lock, for each other, for too long.

use std::time::Duration;

use holdfast::persistence::rows::{EntityRow, TickRows};
use holdfast::persistence::store::StoreErrorClass::{RetryLater, RetryNow, Unknown};
use holdfast::persistence::store::StoreReply;
use holdfast_protocol::EntityId;
use sqlx::Executor as _;

use crate::setup::{Setup, let_go};
use crate::tables::TABLES;

#[tokio::test]
async fn a_lock_that_is_not_had_in_time_is_a_conflict() {
    let mut setup = Setup::new().await;
    let other = setup.hold_the_row().await;
    let flush = setup.next_flush();
    let error = setup.failing(flush).await;
    assert_eq!((error.class, error.sqlstate.as_str()), (RetryNow, "55P03"), "{error}");
    let_go(other).await;
    setup.goes_on(RetryNow).await;
}

/// The flush has the world's row and wants an entity's, the other session the other way round.
#[tokio::test]
async fn a_deadlock_is_a_conflict() {
    let mut setup = Setup::new().await;
    setup.goes_on(RetryNow).await;
    let mut other = setup.database.connect().await.unwrap();
    // The flush finds out first, and is the one that gives way.
    other
        .execute("SET deadlock_timeout = '30s'; BEGIN; SELECT FROM holdfast.entities FOR UPDATE")
        .await
        .unwrap();
    let mut rows = TickRows::new(TABLES.len());
    let row = EntityRow { tick: setup.tick.next(), kind: 2, home: None, entered: setup.tick };
    rows.entities.insert(EntityId(2 * setup.tick.0), Some(row));
    let flush = setup.flush_of(rows);
    let (reply, ()) = tokio::join!(setup.store.carry_out(flush), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        other.execute("SELECT FROM holdfast.worlds FOR UPDATE").await.unwrap();
    });
    let StoreReply::FlushFailed(error) = reply else { panic!("no error: {reply:?}") };
    assert_eq!((error.class, error.sqlstate.as_str()), (RetryNow, "40P01"), "{error}");
    let_go(other).await;
    setup.goes_on(RetryNow).await;
}

#[tokio::test]
async fn a_flush_that_is_cancelled_is_tried_again_later() {
    let mut setup = Setup::new().await;
    let error = setup.failing_where("pg_cancel_backend(pid)").await;
    assert_eq!((error.class, error.sqlstate.as_str()), (RetryLater, "57014"), "{error}");
    setup.goes_on(RetryLater).await;
}

/// Nobody cancels it: it takes longer than any flush may.
#[tokio::test]
async fn a_flush_that_takes_too_long_is_tried_again_later() {
    let mut setup = Setup::new().await;
    setup
        .run(
            "CREATE FUNCTION holdfast.dawdle() RETURNS trigger LANGUAGE plpgsql
             AS 'BEGIN PERFORM pg_sleep(20); RETURN NEW; END';
             CREATE TRIGGER dawdle BEFORE UPDATE ON holdfast.worlds
                FOR EACH ROW EXECUTE FUNCTION holdfast.dawdle()",
        )
        .await;
    let flush = setup.next_flush();
    let error = setup.failing(flush).await;
    assert_eq!((error.class, error.sqlstate.as_str()), (RetryLater, "57014"), "{error}");
    setup.run("DROP TRIGGER dawdle ON holdfast.worlds").await;
    setup.goes_on(RetryLater).await;
}

#[tokio::test]
async fn a_flush_whose_backend_is_ended_is_looked_up() {
    let mut setup = Setup::new().await;
    let error = setup.failing_where("pg_terminate_backend(pid)").await;
    assert_eq!((error.class, error.sqlstate.as_str()), (Unknown, "57P01"), "{error}");
    setup.goes_on(Unknown).await;
}
