//! What passes between a server and its PostgreSQL is late, or lost, where it is said to be.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod commit_cuts;
mod holds;
mod passage;

use holdfast_devstack::{Postgres, PostgresOptions, Proxy};
use sqlx::{Connection as _, Executor as _, PgConnection};

const SCHEMA: &str = "
    CREATE TABLE flushed (number bigint);
    GRANT ALL ON flushed TO PUBLIC;
    CREATE FUNCTION flush_tick(number bigint) RETURNS bigint LANGUAGE sql
        AS 'INSERT INTO flushed VALUES (number) RETURNING number';";

struct Setup {
    through: PgConnection,
    beside: PgConnection,
    proxy: Proxy,
    postgres: Postgres,
}

async fn setup() -> Setup {
    let postgres = Postgres::start(PostgresOptions::default()).await.unwrap();
    let folder = postgres.folder().subfolder("proxy").unwrap();
    let proxy = Proxy::start(&folder, postgres.socket()).await.unwrap();
    let mut beside = PgConnection::connect(&postgres.url("postgres")).await.unwrap();
    beside.execute(SCHEMA).await.unwrap();
    let through = connect(&proxy).await;
    Setup { through, beside, proxy, postgres }
}

async fn connect(proxy: &Proxy) -> PgConnection {
    PgConnection::connect(&proxy.url("postgres")).await.unwrap()
}

async fn flush(connection: &mut PgConnection, number: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT flush_tick($1)").bind(number).fetch_one(connection).await
}

async fn flushed(connection: &mut PgConnection) -> Vec<i64> {
    sqlx::query_scalar("SELECT number FROM flushed ORDER BY number").fetch_all(connection).await.unwrap()
}
