//! Looks at the tables while the world is tortured: what is conserved must be so at every commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use holdfast_checker::{Beginning, Samples};
use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::final_state;
use crate::world::World;

/// How often the tables are looked at, and how soon a lost connection is tried again.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A task that looks.
pub(super) struct Sampling {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Samples>,
}

impl Sampling {
    /// Looks until it is stopped. While the database is away there is nothing to be seen.
    pub(super) fn start(world: World, database_url: String, beginning: Beginning) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let task = tokio::spawn(async move {
            let mut samples = Samples::default();
            while !stopped.load(Ordering::Relaxed) {
                if let Ok(mut connection) = PgConnection::connect(&database_url).await {
                    while !stopped.load(Ordering::Relaxed) {
                        let Ok(state) = final_state::look(world, &mut connection).await else { break };
                        samples.look(&beginning, &state);
                        sleep(LOOK_EVERY).await;
                    }
                }
                sleep(LOOK_EVERY).await;
            }
            samples
        });
        Self { stop, task }
    }

    /// What was seen.
    pub(super) async fn stop(self) -> Result<Samples> {
        self.stop.store(true, Ordering::Relaxed);
        Ok(self.task.await?)
    }
}
