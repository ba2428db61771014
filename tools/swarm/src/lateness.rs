//! Whether this process kept up: a generator that is late itself measures nothing but that.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use crate::times::Percentiles;

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A timer of ours that is later than this, in more than 5 of 100 cases, makes figures worthless that are to tell half a
/// tick.
pub(crate) const LATE_P95_MAX_MS: f64 = 25.0;

/// A task that measures how late timers wake, until this is dropped.
#[derive(Debug)]
pub(crate) struct Lateness {
    times: Arc<Mutex<Vec<Duration>>>,
    task: JoinHandle<()>,
}

impl Lateness {
    /// Looks from now on.
    pub(crate) fn start() -> Self {
        let times = Arc::<Mutex<Vec<Duration>>>::default();
        let kept = Arc::clone(&times);
        let task = tokio::spawn(async move {
            loop {
                let due = Instant::now() + LOOK_EVERY;
                sleep_until(due).await;
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(due.elapsed());
            }
        });
        Self { times, task }
    }

    /// What was measured since the start, or since this was asked last.
    pub(crate) fn take(&self) -> Percentiles {
        Percentiles::of(std::mem::take(&mut self.times.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Drop for Lateness {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One sentence where the generator was so late that its figures say nothing.
pub(crate) fn spoils(lateness: Percentiles) -> Option<String> {
    (lateness.p95 > LATE_P95_MAX_MS).then(|| {
        format!(
            "The generator's own timers were {:.0} ms late (p95), above {LATE_P95_MAX_MS:.0} ms: its figures say nothing.",
            lateness.p95
        )
    })
}
