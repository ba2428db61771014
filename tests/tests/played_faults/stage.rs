//! A ledger that eight bots play, and somebody who does things to its database.

use std::time::Duration;

use holdfast_devstack::{PostgresOptions, Stack, StackOptions};
use holdfast_tests::door::OPEN_DOOR;
use holdfast_tests::{Door, LedgerBots};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// What waits for the world's writer, in `pg_stat_activity`.
pub(crate) const WRITER: &str = "FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'holdfast writer'";

pub(crate) struct Stage {
    pub(crate) stack: Stack,
    pub(crate) bots: LedgerBots,
    pid: Option<u32>,
}

impl Stage {
    pub(crate) async fn new(settings: &[(&str, &str)]) -> Self {
        let owned = |pair: &(&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
        let mut options = StackOptions::new("ledger");
        options.environment = OPEN_DOOR.iter().map(owned).collect();
        options.postgres =
            PostgresOptions { settings: settings.iter().map(owned).collect(), ..Default::default() };
        let stack = Stack::start(options).await.unwrap();
        let door = Door::of(&stack.server).await.unwrap();
        let bots = LedgerBots::start(&door, &stack.issuer).await.unwrap();
        bots.play_on_since(&bots.told()).await.unwrap();
        Self { pid: stack.server.pid(), stack, bots }
    }

    /// A session that may do everything.
    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.stack.database_url()).await.unwrap()
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.connect().await.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    }

    /// Waits until the writer's flush waits for a lock.
    pub(crate) async fn until_the_flush_waits(&self) {
        let question = format!("SELECT EXISTS (SELECT {WRITER} AND wait_event_type = 'Lock')");
        let mut connection = self.connect().await;
        while !sqlx::query_scalar::<_, bool>(AssertSqlSafe(question.clone()))
            .fetch_one(&mut connection)
            .await
            .unwrap()
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Everybody plays on, on the server that was there from the first.
    pub(crate) async fn plays_on(&mut self) {
        self.bots.play_on_since(&self.bots.told()).await.unwrap();
        let ended = self.stack.server.exit_status();
        assert_eq!((ended, self.stack.server.pid()), (None, self.pid), "{}", self.stack.server.log_tail());
    }

    pub(crate) async fn settle(self) {
        self.bots.settle(&self.stack.database_url()).await.unwrap();
    }
}

/// Makes a trigger on the world's row that raises a code in so many updates from now on.
pub(crate) fn raise(sqlstate: &str, count: u32) -> String {
    format!(
        "CREATE SEQUENCE IF NOT EXISTS holdfast.troubles;
         GRANT USAGE ON SEQUENCE holdfast.troubles TO PUBLIC;
         ALTER SEQUENCE holdfast.troubles RESTART;
         CREATE OR REPLACE FUNCTION holdfast.trouble() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF nextval('holdfast.troubles') <= {count} THEN
                 RAISE EXCEPTION 'raised by a test' USING ERRCODE = '{sqlstate}';
             END IF;
             RETURN NEW;
         END $$;
         CREATE OR REPLACE TRIGGER trouble BEFORE UPDATE ON holdfast.worlds
             FOR EACH ROW EXECUTE FUNCTION holdfast.trouble()"
    )
}
