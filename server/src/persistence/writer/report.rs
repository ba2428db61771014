//! What operators read of the writer: what happened, to which ticks, and what comes next.
//!
//! Trouble that lasts is told when it begins and when it is over, not with each of the many attempts between.

use std::time::Duration;

use tracing::{error, info, warn};

use super::event::StopReason;
use crate::persistence::rows::Batch;
use crate::persistence::store::StoreError;

/// A flush has failed, for the first time in a row, and is going to be sent again.
pub(super) fn fails(batch: &Batch, error: &StoreError, wait: Duration) {
    warn!(
        %error, from = batch.from.0, to = batch.to.0, wait_ms = wait.as_millis(),
        "a flush failed and was not written; the same one is sent again until it is, and until then nothing new is shown"
    );
}

/// A flush has succeeded that had failed so many times.
pub(super) fn takes_again(batch: &Batch, failure_count: u32) {
    info!(
        from = batch.from.0,
        to = batch.to.0,
        failure_count,
        "the store takes flushes again; nothing was lost"
    );
}

/// The writer stops for good, with this batch unwritten. What the store said of it is told by whoever decides what comes
/// next: the guard that has the world loaded anew, or the process as it ends.
pub(super) fn stops(batch: &Batch, reason: &StopReason) {
    let (from, to) = (batch.from.0, batch.to.0);
    match reason {
        StopReason::Fenced(_) => error!(
            from,
            to,
            "this process does not own the world any more: it writes nothing more; what it had not written was \
             never shown"
        ),
        StopReason::Refused { actions, .. } => error!(
            from,
            to,
            action_count = actions.len(),
            "a batch can never be written and is discarded with everything after it; nothing of that was ever shown"
        ),
        StopReason::Halted(_) => error!(
            from,
            to,
            "the store takes nothing until a person has mended it: the process ends; what it had not written was never shown"
        ),
    }
}
