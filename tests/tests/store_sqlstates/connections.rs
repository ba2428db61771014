//! Connections that end, that cannot be had, and roles that may not any more.

use std::time::Duration;

use holdfast::persistence::store::StoreErrorClass::{Fenced, Halt, RetryLater, Unknown};
use holdfast::persistence::store::{StoreError, StoreReply, StoreRequest};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::setup::{Setup, reconnected};
use crate::tables::{migrated, options};

/// What the roles of servers are known by, at first.
const PASSWORD: &str = "one";

/// A role that may do what a server does, and is nobody's superuser. No two tests may have the same: roles are of all
/// databases.
async fn as_server(role: &str) -> Setup {
    let database = migrated().await;
    let name = role.to_owned();
    let mut owner = database.connect().await.unwrap();
    let grants = format!(
        "CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}';
         GRANT USAGE ON SCHEMA holdfast TO {role};
         GRANT SELECT ON ALL TABLES IN SCHEMA holdfast TO {role};
         GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA holdfast TO {role}"
    );
    owner.execute(AssertSqlSafe(grants)).await.unwrap();
    Setup::on(database, |database| options(database).username(&name).password(PASSWORD)).await
}

impl Setup {
    /// Ends the writer's backend, and waits until the store knows it.
    async fn lose_the_connection(&mut self) {
        self.run(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'holdfast writer'",
        )
        .await;
        let flush = self.next_flush();
        let error = self.failing(flush).await;
        assert_eq!(error.class, Unknown, "{error}");
    }

    async fn failing_to_reconnect(&mut self) -> StoreError {
        match self.store.carry_out(StoreRequest::Reconnect).await {
            StoreReply::ReconnectFailed(error) => error,
            other => panic!("no error: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_idle_connection_that_was_ended_is_found_out_by_the_next_flush() {
    let mut setup = Setup::new().await;
    setup
        .run(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET idle_session_timeout = 300',
             current_database()); END $$",
        )
        .await;
    setup.lose_the_connection().await;
    // The new connection has the setting, and says nothing for longer than it allows.
    reconnected(&mut setup.store).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let flush = setup.next_flush();
    // PostgreSQL has said 57P05 and gone; the driver writes before it reads, and finds nobody there.
    let error = setup.failing(flush).await;
    assert_eq!(error.class, Unknown, "{error}");
    setup.goes_on(Unknown).await;
}

#[tokio::test]
async fn a_database_without_a_free_place_is_asked_again_later() {
    let mut setup = as_server("crowded").await;
    setup.run("ALTER ROLE crowded CONNECTION LIMIT 0").await;
    setup.lose_the_connection().await;
    let error = setup.failing_to_reconnect().await;
    assert_eq!((error.class, error.sqlstate.as_str()), (RetryLater, "53300"), "{error}");
    setup.run("ALTER ROLE crowded CONNECTION LIMIT -1").await;
    setup.goes_on(Unknown).await;
}

#[tokio::test]
async fn a_role_that_may_not_come_in_any_more_is_fenced() {
    let mut setup = as_server("outcast").await;
    setup.run("ALTER ROLE outcast NOLOGIN").await;
    setup.goes_on(RetryLater).await;
    setup.lose_the_connection().await;
    let error = setup.failing_to_reconnect().await;
    assert_eq!((error.class, error.sqlstate.as_str()), (Fenced, "28000"), "{error}");
}

#[tokio::test]
async fn a_role_with_another_password_is_fenced() {
    let mut setup = as_server("renamed").await;
    let rules = setup.database.postgres().folder().path().join("data/pg_hba.conf");
    let before = std::fs::read_to_string(&rules).unwrap();
    std::fs::write(&rules, format!("local all renamed scram-sha-256\n{before}")).unwrap();
    setup.run("SELECT pg_reload_conf(); ALTER ROLE renamed PASSWORD 'another'").await;
    // The new rules come into force a little later.
    let old = options(&setup.database).username("renamed").password(PASSWORD);
    while PgConnection::connect_with(&old).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    setup.goes_on(RetryLater).await;
    setup.lose_the_connection().await;
    let error = setup.failing_to_reconnect().await;
    assert_eq!((error.class, error.sqlstate.as_str()), (Fenced, "28P01"), "{error}");
}

#[tokio::test]
async fn a_role_that_may_not_flush_any_more_is_fenced() {
    let mut setup = as_server("fallen").await;
    setup.goes_on(RetryLater).await;
    setup
        .run(
            "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA holdfast FROM fallen;
             REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA holdfast FROM PUBLIC",
        )
        .await;
    let flush = setup.next_flush();
    let error = setup.failing(flush).await;
    assert_eq!((error.class, error.sqlstate.as_str()), (Fenced, "42501"), "{error}");
}

/// As a failover makes it of the server that was the primary.
#[tokio::test]
async fn a_database_that_has_become_read_only_is_fenced() {
    let mut setup = Setup::new().await;
    setup
        .run(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on',
             current_database()); END $$",
        )
        .await;
    setup.goes_on(RetryLater).await;
    setup.lose_the_connection().await;
    let error = setup.failing_to_reconnect().await;
    assert!(matches!(error.class, Fenced | Halt), "{error}");
    assert!(error.message.contains("read-only"), "{error}");
}

#[tokio::test]
async fn what_was_dropped_under_a_running_server_halts_it() {
    let mut setup = Setup::new().await;
    setup.run("ALTER TABLE holdfast.entities RENAME COLUMN kind TO sort").await;
    let flush = setup.next_flush();
    let error = setup.failing(flush).await;
    assert_eq!((error.class, error.sqlstate.as_str()), (Halt, "42703"), "{error}");

    let mut setup = Setup::new().await;
    setup.run("ALTER TABLE holdfast.entities RENAME TO things").await;
    let flush = setup.next_flush();
    let error = setup.failing(flush).await;
    assert_eq!((error.class, error.sqlstate.as_str()), (Halt, "42P01"), "{error}");

    let mut setup = Setup::new().await;
    setup.run("ALTER FUNCTION holdfast.flush_tick RENAME TO flush_no_tick").await;
    setup.lose_the_connection().await;
    let error = setup.failing_to_reconnect().await;
    assert_eq!((error.class, error.sqlstate.as_str()), (Halt, "42883"), "{error}");

    let mut setup = Setup::new().await;
    setup.run("ALTER TYPE holdfast.entities_row RENAME TO entities_no_row").await;
    setup.lose_the_connection().await;
    let error = setup.failing_to_reconnect().await;
    assert_eq!(error.class, Halt, "{error}");
}

#[tokio::test]
async fn a_world_whose_row_is_gone_is_not_asked_for_for_ever() {
    let mut setup = Setup::new().await;
    setup.run("DELETE FROM holdfast.worlds").await;
    let flush = setup.next_flush();
    let error = setup.failing(flush).await;
    assert_eq!((error.class, error.sqlstate.as_str()), (Fenced, "GW001"), "{error}");
    setup.lose_the_connection().await;
    let error = setup.failing_to_reconnect().await;
    assert_eq!(error.class, Halt, "{error}");
}
