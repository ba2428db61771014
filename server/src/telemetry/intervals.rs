//! Closes the histograms' intervals, every five seconds, and writes them to the interval log where there is one.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use holdfast_front::Moment;
use holdfast_metrics::IntervalLog;
use tokio::time::MissedTickBehavior;

use super::meter::Meter;
use crate::clock;
use crate::shutdown::Stop;

/// How long an interval lasts.
pub const INTERVAL: Duration = Duration::from_secs(5);

/// Closes intervals for as long as the process lives, the last one when it is to stop. A log that cannot be written is told
/// of once in a row, and tried again: the server goes on.
pub async fn keep(meter: Arc<Meter>, mut log: Option<IntervalLog>, mut stop: Stop) {
    let mut every = tokio::time::interval(INTERVAL);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    every.tick().await;
    let (mut began, mut failed) = (now_ms(), false);
    loop {
        let stops = tokio::select! {
            _ = every.tick() => false,
            () = stop.requested() => true,
        };
        let ended = now_ms();
        let (meter, mut open) = (Arc::clone(&meter), log.take());
        // Neither the encoding nor a slow disk is to hold up what players wait for.
        let written = tokio::task::spawn_blocking(move || {
            let lines = meter.instruments().close_interval(began, ended);
            let written = open.as_mut().map_or(Ok(()), |log| log.write(&lines));
            (open, written)
        });
        let Ok((open, written)) = written.await else { return };
        (log, began) = (open, ended);
        match written {
            Ok(()) => failed = false,
            Err(error) if !failed => {
                failed = true;
                tracing::warn!(%error, "the interval log cannot be written; it is tried again");
            }
            Err(_) => {}
        }
        if stops {
            return;
        }
    }
}

/// Milliseconds since 1970, by a clock that never jumps: it was set by the one on the wall when it was first asked.
#[must_use]
pub fn now_ms() -> u64 {
    static BEGAN: OnceLock<(Duration, Moment)> = OnceLock::new();
    let (wall, began) = *BEGAN.get_or_init(|| (clock::since_1970(), clock::now()));
    u64::try_from((wall + clock::now().since(began)).as_millis()).unwrap_or(u64::MAX)
}
