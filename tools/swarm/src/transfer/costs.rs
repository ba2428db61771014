//! What the time that counts cost: the processors of the server, of PostgreSQL, and of this process.

use serde::Serialize;
use tokio::time::{Instant, sleep_until};

use super::window::Window;
use crate::stage::Stage;
use crate::usage::{self, Reading};

/// Whose processor time is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Processes {
    server: Option<u32>,
    postgres: Option<u32>,
}

/// How many processor cores were kept busy, on average.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Cores {
    /// By the world's server, which does not run while others are measured.
    pub server: f64,
    /// By PostgreSQL, all of its processes.
    pub postgres: f64,
    /// By this process: clients, and what is measured within it.
    pub generator: f64,
}

impl Processes {
    /// Those of a stage.
    pub(super) fn of(stage: &Stage) -> Self {
        Self { server: stage.server_pid(), postgres: stage.postgres_pid() }
    }

    /// Waits for the window to pass, and says what it cost.
    pub(super) async fn watch(self, window: Window) -> Cores {
        sleep_until(window.from).await;
        let (before, before_at) = (self.read(), Instant::now());
        sleep_until(window.until).await;
        let (after, apart) = (self.read(), before_at.elapsed());
        let cores = |place: usize| usage::between(before[place], after[place], apart).cpu_cores;
        Cores { server: cores(0), postgres: cores(1), generator: cores(2) }
    }

    fn read(self) -> [Reading; 3] {
        let family = |pid: Option<u32>| pid.and_then(usage::read_family).unwrap_or_default();
        [family(self.server), family(self.postgres), usage::read_self()]
    }
}
