//! The owner's trust in itself.
//!
//! An owner may believe that the world is still its own for 2.5 s after it sent a flush or beat that succeeded: half
//! of the lease, by its own clock. The writer extends that trust; every socket asks for it once more right before it
//! writes, so that a process which was stopped and wakes up late says nothing that might no longer be true.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::moment::Moment;

/// How long the owner trusts itself after it sent what then succeeded.
pub const TRUST: Duration = Duration::from_millis(2_500);

/// Shared by the writer, which extends it, and the sockets, which ask.
#[derive(Debug, Default)]
pub struct Trust {
    until_ns: AtomicU64,
}

impl Trust {
    /// A flush or beat that was sent at `sent` has succeeded.
    pub fn extend(&self, sent: Moment) {
        let until = u64::try_from((sent + TRUST).0.as_nanos()).unwrap_or(u64::MAX);
        self.until_ns.store(until, Ordering::Release);
    }

    /// The writer has lost its connection: nothing more may be said until it has written again.
    pub fn revoke(&self) {
        self.until_ns.store(0, Ordering::Release);
    }

    /// Whether the owner may speak for the world.
    #[must_use]
    pub fn holds(&self, now: Moment) -> bool {
        now.0.as_nanos() < u128::from(self.until_ns.load(Ordering::Acquire))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_runs_out_by_itself_and_can_be_revoked() {
        let at = |ms| Moment(Duration::from_millis(ms));
        let trust = Trust::default();
        assert!(!trust.holds(at(0)));
        trust.extend(at(1_000));
        assert!(trust.holds(at(3_499)));
        assert!(!trust.holds(at(3_500)));
        trust.extend(at(3_000));
        assert!(trust.holds(at(3_500)));
        trust.revoke();
        assert!(!trust.holds(at(3_500)));
    }
}
