//! What one would write without the engine, on the same PostgreSQL: a database of its own, and in it a table like the
//! ledger's. pgbench has another one, since nobody knows afterwards what it has paid: there, only the sum is checked.
//!
//! - [`transaction`] and [`procedure`]: a transfer by itself, each over one of so many connections, all of which are busy
//!   all the time. However many clients wait for them, there is never more under way, so there are no clients here.
//! - [`pgbench`]: the same procedure, called by PostgreSQL's own tool. Whoever calls it much slower measures itself.
//! - [`batching`]: a service that writes what has come in one statement.
//!
//! Both lock purses in the order of their ids, so that no two transfers wait for each other.

mod batching;
mod pgbench;
mod procedure;
mod transaction;

use std::str::FromStr as _;

use anyhow::{Context as _, Result, ensure};
use holdfast_devstack::Postgres;
use serde::Serialize;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Load;
use super::book::Book;
use super::checkpoint;
use super::costs::Processes;
use super::draw::Pairs;
use super::payer::AMOUNT;
use super::pots::BALANCE;
use super::report::Figures;
use super::window::{Tally, Window};
use pgbench::Pgbench;

/// The sizes of pools of which the best is taken.
pub(super) const POOLS: [usize; 4] = [8, 16, 32, 64];

/// The database that they have for themselves.
const DATABASE: &str = "baseline";

/// That of pgbench.
const PGBENCH_DATABASE: &str = "pgbench";

/// The table, with the settings of the ledger's, and the functions.
const TABLE: &str = include_str!("baseline/create_pot.sql");

/// A way to make one transfer by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rival {
    /// One transaction a transfer.
    Transaction,
    /// One call of a stored procedure a transfer.
    Procedure,
    /// The same call, by pgbench.
    Pgbench,
}

impl Rival {
    /// Those of which the best pool is found. pgbench takes the procedure's, since the two are held against each other.
    pub(super) const POOLED: [Self; 2] = [Self::Transaction, Self::Procedure];

    /// All of them, in the order of the first round.
    pub(super) const ALL: [Self; 3] = [Self::Transaction, Self::Procedure, Self::Pgbench];

    /// Whose best pool it takes.
    pub(super) fn pooled_as(self) -> Self {
        match self {
            Self::Transaction => Self::Transaction,
            Self::Procedure | Self::Pgbench => Self::Procedure,
        }
    }

    /// In a few words.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Transaction => "a transaction each",
            Self::Procedure => "a procedure each",
            Self::Pgbench => "pgbench's own",
        }
    }
}

/// The others, ready to be measured.
pub(super) struct Baselines {
    database: PgConnectOptions,
    pgbench_database: PgConnectOptions,
    purses: usize,
    book: Book,
    processes: Processes,
    superuser_url: String,
    pgbench: Pgbench,
}

impl Baselines {
    /// Makes the databases, and fills them.
    pub(super) async fn prepare(postgres: &Postgres, purses: usize, processes: Processes) -> Result<Self> {
        let database = fill(postgres, DATABASE, purses).await?;
        let pgbench_database = fill(postgres, PGBENCH_DATABASE, purses).await?;
        let pgbench = Pgbench::find(postgres, PGBENCH_DATABASE, purses)?;
        let (book, superuser_url) = (Book::new(purses), postgres.url(DATABASE));
        Ok(Self { database, pgbench_database, purses, book, processes, superuser_url, pgbench })
    }

    /// Keeps a pool of this size busy, one transfer a connection at a time.
    pub(super) async fn measure(&self, rival: Rival, pool: usize, load: &Load) -> Result<Figures> {
        checkpoint::make(&self.superuser_url).await?;
        if rival == Rival::Pgbench {
            return self.pgbench.measure(pool, load).await;
        }
        let mut connections = Vec::with_capacity(pool);
        for _ in 0..pool {
            connections.push(PgConnection::connect_with(&self.database).await?);
        }
        let window = Window::next(load.span);
        let mut paying = JoinSet::new();
        for (number, connection) in connections.into_iter().enumerate() {
            let pairs = Pairs::new(load.shape, self.purses, load.seed_of(number))?;
            paying.spawn(keep_busy(rival, connection, window, pairs, self.book.clone()));
        }
        let cores = self.processes.watch(window).await;
        let mut total = Tally::default();
        while let Some(paid) = paying.join_next().await {
            // Only now, since a backend that has ended tells no more what it cost.
            let (tally, connection) = paid??;
            total.add(&tally)?;
            connection.close().await?;
        }
        Ok(Figures::of(&total, &window, cores))
    }

    /// Lets as many clients as the world has send transfers to a service that writes them together.
    pub(super) async fn measure_batching(&self, load: &Load) -> Result<Figures> {
        checkpoint::make(&self.superuser_url).await?;
        let connection = PgConnection::connect_with(&self.database).await?;
        batching::measure(connection, (self.purses, &self.book), load, self.processes).await
    }

    /// Whether every purse holds what was answered; of pgbench's, whether every coin is still there.
    pub(super) async fn check(&self) -> Result<()> {
        let mut connection = PgConnection::connect_with(&self.database).await?;
        let stored: Vec<i64> =
            sqlx::query_scalar("SELECT balance FROM pot ORDER BY id").fetch_all(&mut connection).await?;
        connection.close().await?;
        self.book.check(&stored).context("hold the baselines' purses against what was answered")?;
        let mut connection = PgConnection::connect_with(&self.pgbench_database).await?;
        let sum: i64 =
            sqlx::query_scalar("SELECT sum(balance)::bigint FROM pot").fetch_one(&mut connection).await?;
        connection.close().await?;
        let wanted = i64::try_from(self.purses)? * i64::from(BALANCE);
        ensure!(sum == wanted, "the sum of pgbench's purses was {wanted}, and is {sum}");
        Ok(())
    }
}

/// Makes a database, with so many purses.
async fn fill(postgres: &Postgres, name: &str, purses: usize) -> Result<PgConnectOptions> {
    postgres.create_database(name, None).await?;
    let database = PgConnectOptions::from_str(&postgres.owner_url(name))?;
    let mut connection = PgConnection::connect_with(&database).await?;
    connection.execute(TABLE).await.context("make the table of the baselines")?;
    sqlx::query("INSERT INTO pot (id, balance) SELECT id, $2 FROM generate_series(1, $1) AS id")
        .bind(i64::try_from(purses)?)
        .bind(i64::from(BALANCE))
        .execute(&mut connection)
        .await?;
    connection.execute("VACUUM (ANALYZE) pot").await?;
    connection.close().await?;
    Ok(database)
}

/// One transfer after the other. Hands back the connection, still open.
async fn keep_busy(
    rival: Rival,
    mut connection: PgConnection,
    window: Window,
    mut pairs: Pairs,
    book: Book,
) -> Result<(Tally, PgConnection)> {
    let mut tally = Tally::default();
    loop {
        let asked = Instant::now();
        if window.is_over(asked) {
            return Ok((tally, connection));
        }
        let pair = pairs.next();
        let (from, to) = (id_of(pair.0)?, id_of(pair.1)?);
        match rival {
            Rival::Transaction => transaction::pay(&mut connection, from, to).await?,
            Rival::Procedure | Rival::Pgbench => procedure::pay(&mut connection, from, to).await?,
        }
        book.paid(pair, AMOUNT);
        tally.sent += 1;
        tally.answered(&window, asked, Instant::now(), true);
    }
}

/// The purse at a place has the id one above it: that of its rank.
fn id_of(place: usize) -> Result<i64> {
    Ok(i64::try_from(place)? + 1)
}
