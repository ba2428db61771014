//! How far behind a client is: from the commit of the first change that it lacks to its word that it has applied it.
//!
//! The word is the echo of a frame's token. A client that does not read has older changes outstanding, and is measured by
//! the oldest of them; one that says nothing is not measured.

use std::collections::VecDeque;
use std::time::Duration;

use holdfast_protocol::Tick;

use super::limits::Limits;
use crate::moment::Moment;

/// How many frames without an echo are remembered; beyond, the oldest counts to the one after it.
const UNECHOED_MAX: usize = 64;

/// What is known of one client's lag.
#[derive(Debug, Default)]
pub(crate) struct Staleness {
    /// Since when a change is committed that no frame has carried yet.
    behind_since: Option<Moment>,
    /// Frames that carried changes and were not echoed: their tick, and since when the oldest of these was committed.
    unechoed: VecDeque<(Tick, Moment)>,
    /// The client has shown that it was too far behind.
    refresh_wanted: bool,
    refreshed: Option<Moment>,
}

impl Staleness {
    /// Whether a change is committed that no frame has carried yet.
    pub(crate) fn is_behind(&self) -> bool {
        self.behind_since.is_some()
    }

    /// A change is committed since `now` that the client lacks.
    pub(crate) fn fell_behind(&mut self, now: Moment) {
        self.behind_since.get_or_insert(now);
    }

    /// A frame of this tick is made, which carries everything so far. True where it was forced.
    pub(crate) fn framed(&mut self, now: Moment, tick: Tick) -> bool {
        if let Some(since) = self.behind_since.take() {
            self.unechoed.push_back((tick, since));
            if self.unechoed.len() > UNECHOED_MAX
                && let Some((_, oldest)) = self.unechoed.pop_front()
                && let Some((_, next)) = self.unechoed.front_mut()
            {
                *next = oldest;
            }
        }
        let is_forced = std::mem::take(&mut self.refresh_wanted);
        if is_forced {
            self.refreshed = Some(now);
        }
        is_forced
    }

    /// Whether the client is to be given the present at once.
    pub(crate) fn refresh_is_wanted(&self) -> bool {
        self.refresh_wanted
    }

    /// The client said at `heard` that it has applied everything up to this tick: how far behind it was until then; none
    /// where nothing was outstanding.
    pub(crate) fn applied(
        &mut self,
        now: Moment,
        heard: Moment,
        tick: Tick,
        limits: &Limits,
    ) -> Option<Duration> {
        let mut oldest = None;
        while let Some((_, since)) = self.unechoed.pop_front_if(|(sent, _)| *sent <= tick) {
            oldest.get_or_insert(since);
        }
        let staleness = heard.since(oldest?);
        let long_ago = |refreshed: Moment| now.since(refreshed) >= limits.refresh_interval;
        if staleness > limits.staleness_max && self.refreshed.is_none_or(long_ago) {
            self.refresh_wanted = true;
        }
        Some(staleness)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Moment {
        Moment(Duration::from_millis(ms))
    }

    #[test]
    fn a_client_is_as_stale_as_the_oldest_change_that_it_lacked() {
        let (mut staleness, limits) = (Staleness::default(), Limits::default());
        staleness.fell_behind(at(100));
        staleness.fell_behind(at(150));
        assert!(!staleness.framed(at(160), Tick(3)));
        assert_eq!(staleness.applied(at(171), at(170), Tick(2), &limits), None, "an older frame's echo");
        assert_eq!(staleness.applied(at(181), at(180), Tick(3), &limits), Some(Duration::from_millis(80)));
        assert_eq!(staleness.applied(at(191), at(190), Tick(3), &limits), None, "it has nothing outstanding");
    }

    #[test]
    fn who_is_more_than_a_tenth_of_a_second_behind_is_refreshed_once_in_two_seconds() {
        let (mut staleness, limits) = (Staleness::default(), Limits::default());
        let mut refreshes = 0;
        for tick in 1..=30 {
            let now = at(tick * 200);
            staleness.fell_behind(now);
            refreshes += u32::from(staleness.framed(now, Tick(tick)));
            staleness.applied(at(tick * 200 + 101), at(tick * 200 + 101), Tick(tick), &limits);
        }
        assert_eq!(refreshes, 3);
    }

    #[test]
    fn who_never_echoes_costs_a_bounded_memory() {
        let mut staleness = Staleness::default();
        for tick in 1..=1_000 {
            staleness.fell_behind(at(tick));
            staleness.framed(at(tick), Tick(tick));
        }
        assert_eq!(staleness.unechoed.len(), UNECHOED_MAX);
    }
}
