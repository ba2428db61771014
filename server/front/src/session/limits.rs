//! The numbers by which sessions live: how much, how often, how long.

use std::time::Duration;

use holdfast_protocol::{CLIENT_FRAME_BYTES_MAX, UNANSWERED_MAX};

use crate::gate::GATE_BYTES_MAX;

/// How much the world may be asked between two ticks for each place in the server, besides actions. Joins and sessions
/// together are at most twice the capacity, lost sessions four times. So, for each place, there are at most two joins,
/// as many loads for them, two connections lost, and six characters sent away: four that slept already, and those two.
const WORLD_INPUTS_PER_PLACE: usize = 12;

/// Bounds and times of sessions. The defaults are the product's; tests may set others.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Actions of one session that the world has not answered; beyond, an action is refused `busy`.
    pub unanswered_max: usize,
    /// The same for all sessions together.
    pub queued_max: usize,
    /// Undelivered answers of one session, in bytes; beyond, the connection is closed `slow_reader`.
    pub answers_bytes_max: usize,
    /// How long one message may take to be written; beyond, the connection is closed `slow_reader`.
    pub write_timeout: Duration,
    /// The longest time between two frames.
    pub frame_interval_max: Duration,
    /// How many ticks lie between two frames that carry the chunks' hashes.
    pub hash_interval_ticks: u64,
    /// The shortest time between two snapshots that a client asks for.
    pub resync_interval: Duration,
    /// How far behind a client may say that it is; beyond, it is given the present at once.
    pub staleness_max: Duration,
    /// The shortest time between two times that this is done.
    pub refresh_interval: Duration,
    /// How long a tick may wait for its commit until clients are told that the world stands still; the same again
    /// after each [`Self::frame_interval_max`].
    pub pause_after: Duration,
    /// How long a tick may wait until joins are refused.
    pub refuse_joins_after: Duration,
    /// How long a tick may wait until all connections are closed.
    pub close_after: Duration,
    /// How long a connection may be silent. A socket looks for the same by its own clock, a little later.
    pub silent_after: Duration,
    /// After how long without an action a player is warned.
    pub idle_warning_after: Duration,
    /// After how long without an action a session ends.
    pub idle_after: Duration,
    /// How long a character stays in the world, asleep, after its connection was lost.
    pub asleep_for: Duration,
    /// How long a session can be resumed after its connection was lost.
    pub resumable_for: Duration,
}

impl Limits {
    /// The most that a front with so many places puts into the world's queue before a tick drains it, the answers to
    /// the loads that its joins make necessary included.
    #[must_use]
    pub fn world_inputs_max(&self, session_capacity: usize) -> usize {
        self.queued_max.saturating_add(session_capacity.saturating_mul(WORLD_INPUTS_PER_PLACE))
    }

    /// The most bytes that pile up while the store does not answer, for so many sessions, however long that takes: what
    /// the gate holds, actions that wait for a tick (each as long as a frame may be), and answers that are not delivered.
    #[must_use]
    pub fn waiting_bytes_max(&self, session_count: usize) -> usize {
        let actions = self.queued_max.min(session_count.saturating_mul(self.unanswered_max));
        GATE_BYTES_MAX
            .saturating_add(actions.saturating_mul(CLIENT_FRAME_BYTES_MAX))
            .saturating_add(session_count.saturating_mul(self.answers_bytes_max))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            unanswered_max: UNANSWERED_MAX,
            queued_max: 10_000,
            answers_bytes_max: 128 * 1024,
            write_timeout: Duration::from_secs(10),
            frame_interval_max: Duration::from_secs(1),
            hash_interval_ticks: 40,
            resync_interval: Duration::from_secs(2),
            staleness_max: Duration::from_millis(100),
            refresh_interval: Duration::from_secs(2),
            pause_after: Duration::from_millis(250),
            refuse_joins_after: Duration::from_secs(5),
            close_after: Duration::from_secs(120),
            silent_after: Duration::from_secs(30),
            idle_warning_after: Duration::from_secs(9 * 60),
            idle_after: Duration::from_secs(10 * 60),
            asleep_for: Duration::from_secs(60),
            resumable_for: Duration::from_secs(120),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_for_few_and_for_many() {
        const MIB: usize = 1024 * 1024;
        let limits = Limits::default();
        assert_eq!(limits.waiting_bytes_max(0), 64 * MIB);
        assert_eq!(limits.waiting_bytes_max(8), 64 * MIB + 8 * MIB + MIB);
        // From 157 sessions on, all actions together are as many as there may ever be.
        let actions = 10_000 * 16 * 1024;
        assert_eq!(limits.waiting_bytes_max(500), 64 * MIB + actions + 500 * 128 * 1024);
    }
}
