//! Whether the world can be played, for whoever sends players here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Shared by those who know and the route that tells.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicU8>);

/// The states of a server, as seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadinessState {
    /// The world is not loaded yet.
    Starting,
    /// It can be played.
    Ready,
    /// It cannot: the store is away for long, or the server is going to stop.
    NotReady,
}

impl Readiness {
    /// What holds now. Begins as [`ReadinessState::Starting`].
    #[must_use]
    pub fn get(&self) -> ReadinessState {
        match self.0.load(Ordering::Relaxed) {
            0 => ReadinessState::Starting,
            1 => ReadinessState::Ready,
            _ => ReadinessState::NotReady,
        }
    }

    /// What holds from now on.
    pub fn set(&self, state: ReadinessState) {
        let number = match state {
            ReadinessState::Starting => 0,
            ReadinessState::Ready => 1,
            ReadinessState::NotReady => 2,
        };
        self.0.store(number, Ordering::Relaxed);
    }
}

impl ReadinessState {
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
            Self::NotReady => "not_ready",
        }
    }
}
