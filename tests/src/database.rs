//! A database of its own for each test, on a PostgreSQL that all tests of the process share.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use holdfast_devstack::{Postgres, migrate};
use sqlx::{Connection as _, PgConnection};
use tokio::sync::Mutex;

/// A database that nobody else knows. It is removed when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    postgres: &'static Postgres,
    name: String,
}

impl TestDatabase {
    /// An empty one.
    ///
    /// # Errors
    /// Where there is no PostgreSQL.
    pub async fn empty() -> Result<Self> {
        Self::create(None).await
    }

    /// One that is ready for a game's world. The game's `migrate` runs once in a process; each test gets a copy of
    /// what it made.
    ///
    /// # Errors
    /// Where there is no PostgreSQL, or the game's binary is missing or fails.
    pub async fn of(game: &str) -> Result<Self> {
        let template = template(game).await?;
        Self::create(Some(&template)).await
    }

    async fn create(template: Option<&str>) -> Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let postgres = Postgres::shared().await?;
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        postgres.create_database(&name, template).await?;
        Ok(Self { postgres, name })
    }

    /// The `DATABASE_URL` of a server.
    #[must_use]
    pub fn url(&self) -> String {
        self.postgres.writer_url(&self.name)
    }

    /// The `DATABASE_URL` of a game's `migrate`.
    #[must_use]
    pub fn owner_url(&self) -> String {
        self.postgres.owner_url(&self.name)
    }

    /// What PostgreSQL calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection to it as its superuser, who may read and do what no server may.
    ///
    /// # Errors
    /// Where PostgreSQL says no.
    pub async fn connect(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(&self.postgres.url(&self.name)).await?)
    }

    /// The PostgreSQL that it is on. Other tests are on it too, so it is not to be stopped.
    #[must_use]
    pub fn postgres(&self) -> &'static Postgres {
        self.postgres
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        self.postgres.drop_database_later(std::mem::take(&mut self.name));
    }
}

/// The name of a database that holds a game's migrated tables and nothing else. Whoever asks first makes it, and the
/// others wait.
async fn template(game: &str) -> Result<String> {
    static MADE: Mutex<BTreeSet<String>> = Mutex::const_new(BTreeSet::new());
    let mut made = MADE.lock().await;
    let name = format!("template_{game}");
    if !made.contains(&name) {
        let postgres = Postgres::shared().await?;
        // What an attempt that failed has left must not be taken for a template.
        postgres.drop_database(&name).await?;
        postgres.create_database(&name, None).await?;
        migrate(game, &postgres.owner_url(&name), postgres.folder().path()).await?;
        made.insert(name.clone());
    }
    Ok(name)
}
