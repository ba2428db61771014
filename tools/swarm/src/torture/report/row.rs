//! One kind of strike in the report: how often, and how long the world took to come back.

use std::time::Duration;

use super::super::recovery::Recovery;
use super::super::strike::Strike;

/// What is known of one kind of strike.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which.
    pub strike: Strike,
    /// How long the world took, once for each time.
    pub recoveries: Vec<Recovery>,
    /// How many connections of players suffered it, where that is what it is about.
    pub socket_count: usize,
}

impl Row {
    pub(in crate::torture) fn new(strike: Strike) -> Self {
        Self { strike, recoveries: Vec::new(), socket_count: 0 }
    }

    /// How often it struck.
    #[must_use]
    pub fn count(&self) -> usize {
        self.recoveries.len()
    }

    /// Until a server was ready; nothing where one is all the while.
    #[must_use]
    pub fn ready(&self) -> Times {
        Times::of(self.recoveries.iter().filter_map(|recovery| recovery.ready))
    }

    /// Until everything was answered that was under way.
    #[must_use]
    pub fn answered(&self) -> Times {
        Times::of(self.recoveries.iter().map(|recovery| recovery.answered))
    }

    /// Until every bot played again.
    #[must_use]
    pub fn playing(&self) -> Times {
        Times::of(self.recoveries.iter().map(|recovery| recovery.playing))
    }
}

/// Recovery times, in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times(Vec<Duration>);

impl Times {
    /// These.
    pub fn of(times: impl Iterator<Item = Duration>) -> Self {
        let mut times: Vec<_> = times.collect();
        times.sort_unstable();
        Self(times)
    }

    /// The time that so many of 100 took at most; none where nothing was measured.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Option<Duration> {
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0.get(rank.saturating_sub(1)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovery_times_are_those_that_were_measured() {
        assert_eq!(Times::default().percentile(50), None);
        let times = Times::of((1..=20).rev().map(Duration::from_secs));
        let seconds = [50, 95, 100].map(|percent| times.percentile(percent).map(|time| time.as_secs()));
        assert_eq!(seconds, [Some(10), Some(19), Some(20)]);
    }
}
