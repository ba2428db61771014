//! Whether the world can be played here, for whoever sends players: lease, database and room, in one word.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// How long the store may be away before nobody is to be sent here any more.
pub const UNREADY_AFTER: Duration = Duration::from_secs(30);

/// Shared by those who know and the route that tells.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicU8>);

/// The states of a server, as seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ReadinessState {
    /// The world is not loaded yet.
    Starting,
    /// It can be played.
    Ready,
    /// Another server owns it; this one waits until it may take over.
    Standby,
    /// It begins anew in this process, after a failure.
    Reloading,
    /// The store has been away for long.
    StoreUnavailable,
    /// Every place is taken.
    Full,
    /// The server is going to stop.
    Stopping,
}

/// All of them, each at its own number.
const STATES: [ReadinessState; 7] = [
    ReadinessState::Starting,
    ReadinessState::Ready,
    ReadinessState::Standby,
    ReadinessState::Reloading,
    ReadinessState::StoreUnavailable,
    ReadinessState::Full,
    ReadinessState::Stopping,
];

impl Readiness {
    /// What holds now. Begins as [`ReadinessState::Starting`].
    #[must_use]
    pub fn get(&self) -> ReadinessState {
        let number = usize::from(self.0.load(Ordering::Relaxed));
        STATES.get(number).copied().unwrap_or(ReadinessState::Starting)
    }

    /// What holds from now on.
    pub fn set(&self, state: ReadinessState) {
        self.0.store(state as u8, Ordering::Relaxed);
    }
}

impl ReadinessState {
    /// The state of a server that owns its world: for how long ticks have waited for their commit, and whether there is
    /// room for one more. A store that is away for less than [`UNREADY_AFTER`] changes nothing: players wait that long.
    #[must_use]
    pub fn of_owner(stalled_for: Duration, has_room: bool) -> Self {
        if stalled_for > UNREADY_AFTER {
            Self::StoreUnavailable
        } else if has_room {
            Self::Ready
        } else {
            Self::Full
        }
    }

    /// Whether players may be sent here.
    #[must_use]
    pub fn is_ready(self) -> bool {
        self == Self::Ready
    }

    /// The state's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Standby => "standby",
            Self::Reloading => "reloading",
            Self::StoreUnavailable => "store_unavailable",
            Self::Full => "full",
            Self::Stopping => "stopping",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_told() {
        let readiness = Readiness::default();
        assert_eq!(readiness.get(), ReadinessState::Starting);
        for state in STATES {
            readiness.set(state);
            assert_eq!(readiness.get(), state);
            assert_eq!(state.is_ready(), state.name() == "ready");
        }
    }

    #[test]
    fn an_owner_is_ready_while_it_has_room_and_a_store() {
        let of = |seconds, has_room| ReadinessState::of_owner(Duration::from_secs(seconds), has_room);
        assert_eq!(of(0, true), ReadinessState::Ready);
        assert_eq!(of(30, true), ReadinessState::Ready);
        assert_eq!(of(31, true), ReadinessState::StoreUnavailable);
        assert_eq!(of(31, false), ReadinessState::StoreUnavailable);
        assert_eq!(of(0, false), ReadinessState::Full);
    }
}
