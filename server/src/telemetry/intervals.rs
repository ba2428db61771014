//! Closes the histograms' intervals, every five seconds, and writes them to the interval log where there is one.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use holdfast_metrics::IntervalLog;
use tokio::time::MissedTickBehavior;

use super::meter::Meter;
use crate::clock;

/// How long an interval lasts.
pub const INTERVAL: Duration = Duration::from_secs(5);

/// Opens the interval log in this folder.
///
/// # Errors
/// Where the folder is missing and cannot be made.
pub fn open(folder: &Path) -> std::io::Result<IntervalLog> {
    IntervalLog::new(folder)
}

/// Closes intervals for as long as the process lives. A log that cannot be written is told of once in a row, and tried
/// again: the server goes on.
pub async fn keep(meter: Arc<Meter>, mut log: Option<IntervalLog>) {
    let mut every = tokio::time::interval(INTERVAL);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    every.tick().await;
    let (mut began, mut failed) = (now_ms(), false);
    loop {
        every.tick().await;
        // The clock on the wall may have been turned back.
        let ended = now_ms().max(began);
        let lines = meter.instruments().close_interval(began, ended);
        began = ended;
        let Some(open) = &mut log else { continue };
        match open.write(&lines) {
            Ok(()) => failed = false,
            Err(error) if !failed => {
                failed = true;
                tracing::warn!(%error, "the interval log cannot be written; it is tried again");
            }
            Err(_) => {}
        }
    }
}

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    u64::try_from(clock::since_1970().as_millis()).unwrap_or(u64::MAX)
}
