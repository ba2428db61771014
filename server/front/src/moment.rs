//! A reading of the machine's clock, handed in from outside: nothing in this crate reads a clock itself.

use std::time::Duration;

/// Time since the machine started, counted also while it sleeps (`CLOCK_BOOTTIME`); in tests, whatever the test says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub Duration);

impl Moment {
    /// How long ago `earlier` was; zero where it is the later of the two.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl std::ops::Add<Duration> for Moment {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0 + duration)
    }
}
