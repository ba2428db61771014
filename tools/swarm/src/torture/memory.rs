//! The most memory that a process held while something was done to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::usage;

/// How often it is looked: what is held for less is not what a bound is for.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Resident memory of a process, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// When it was first looked at.
    pub before_bytes: u64,
    /// The most that was seen since.
    pub peak_bytes: u64,
}

impl Memory {
    /// By how much it grew.
    #[must_use]
    pub fn growth_bytes(self) -> u64 {
        self.peak_bytes.saturating_sub(self.before_bytes)
    }

    /// Whether there was anything to look at: no process that lives holds nothing.
    #[must_use]
    pub fn was_seen(self) -> bool {
        self.before_bytes > 0
    }
}

/// A task that looks at a process until this is dropped.
#[derive(Debug)]
pub(crate) struct MemoryWatch {
    before_bytes: u64,
    peak_bytes: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl MemoryWatch {
    /// Looks at the process with this number from now on.
    pub(crate) fn start(pid: u32) -> Self {
        // A process that is not there holds nothing.
        let held = move || usage::read(pid).map_or(0, |reading| reading.rss_bytes);
        let before_bytes = held();
        let peak_bytes = Arc::new(AtomicU64::new(before_bytes));
        let peak = Arc::clone(&peak_bytes);
        let task = tokio::spawn(async move {
            loop {
                sleep(LOOK_EVERY).await;
                peak.fetch_max(held(), Ordering::Relaxed);
            }
        });
        Self { before_bytes, peak_bytes, task }
    }

    /// What was seen so far.
    pub(crate) fn read(&self) -> Memory {
        Memory { before_bytes: self.before_bytes, peak_bytes: self.peak_bytes.load(Ordering::Relaxed) }
    }
}

impl Drop for MemoryWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_that_lives_is_seen_and_one_that_does_not_is_not() {
        let own = MemoryWatch::start(std::process::id()).read();
        assert!(own.was_seen() && own.before_bytes > 1024 * 1024, "{own:?}");
        assert!(!MemoryWatch::start(u32::MAX).read().was_seen());
    }
}
