//! Whether the world kept its pace: from the ticks that clients were shown, and when.
//!
//! A world leaves no tick out and catches up one at most: what it loses it loses for good. So ticks that were late are
//! missing at the end of a span, and that is what is counted. When a single tick *arrived* also tells of the commit, of
//! the way and of this process; it is reported beside, and bounded by nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use holdfast_client::{ClientEvent, Observer, WorldCopy};
use holdfast_protocol::{Epoch, Tick};

/// How long a tick lasts.
const TICK: Duration = Duration::from_millis(50);

/// When each tick was first shown to anybody.
#[derive(Clone, Debug, Default)]
pub(super) struct Pulse(Arc<Mutex<BTreeMap<(Epoch, Tick), Instant>>>);

/// What a world made of a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ticks {
    /// How many ticks were due, from the first that was seen in the span to the last.
    pub due: u64,
    /// How many of them did not happen: the world was late, and what is lost is not made up for.
    pub missing: u64,
    /// How many ticks were seen by somebody.
    pub seen: u64,
    /// How many of these arrived more than half a tick later than the earliest ones would have it.
    pub arrived_late: u64,
    /// The longest time between two ticks that were seen one after the other, in milliseconds.
    pub longest_gap_ms: u64,
}

impl Ticks {
    /// The share of the ticks that were due and did not happen in time.
    #[must_use]
    pub fn late_share(&self) -> f64 {
        let share = |part: u64, whole: u64| {
            let [part, whole] = [part, whole].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
            f64::from(part) / f64::from(whole.max(1))
        };
        share(self.missing, self.due)
    }
}

impl Pulse {
    /// An observer that notes down which tick its client is shown, and hands on what it sees.
    pub(super) fn over(
        &self,
        mut next: impl Observer,
    ) -> impl FnMut(&ClientEvent, &WorldCopy) + Send + 'static {
        let pulse = self.clone();
        move |event, copy| {
            if let ClientEvent::Updated(token) = event {
                let mut ticks = pulse.0.lock().unwrap_or_else(PoisonError::into_inner);
                ticks.entry((token.epoch, token.tick)).or_insert_with(Instant::now);
            }
            next.saw(event, copy);
        }
    }

    /// What the newest ownership made of the time between these two moments.
    pub(super) fn between(&self, from: Instant, to: Instant) -> Ticks {
        let ticks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(((newest, _), _)) = ticks.last_key_value() else { return Ticks::default() };
        let span: Vec<_> = ticks
            .range((*newest, Tick(0))..)
            .filter(|(_, at)| (from..=to).contains(*at))
            .map(|((_, tick), at)| (*tick, *at))
            .collect();
        judge(&span)
    }
}

/// The ticks that were seen, in ascending order, and when.
fn judge(span: &[(Tick, Instant)]) -> Ticks {
    let (Some((first, began)), Some((last, ended))) = (span.first(), span.last()) else {
        return Ticks::default();
    };
    let count = |time: Duration| u64::try_from(time.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX);
    let due = count(ended.saturating_duration_since(*began) + TICK / 2);
    // How long after the first tick each is due; the earliest arrival of all says when that was.
    let due_after = |tick: Tick| TICK * u32::try_from(tick.since(*first)).unwrap_or(u32::MAX);
    let late_by = |tick: Tick, at: Instant| {
        let after = at.saturating_duration_since(*began);
        after.as_secs_f64() - due_after(tick).as_secs_f64()
    };
    let earliest = span.iter().map(|(tick, at)| late_by(*tick, *at)).fold(f64::INFINITY, f64::min);
    let half = (TICK / 2).as_secs_f64();
    let late = span.iter().filter(|(tick, at)| late_by(*tick, *at) - earliest > half).count();
    let gap = span.windows(2).map(|pair| pair[1].1.saturating_duration_since(pair[0].1)).max();
    Ticks {
        due,
        missing: due.saturating_sub(last.since(*first)),
        seen: u64::try_from(span.len()).unwrap_or(u64::MAX),
        arrived_late: u64::try_from(late).unwrap_or(u64::MAX),
        longest_gap_ms: u64::try_from(gap.unwrap_or_default().as_millis()).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks that arrive so many milliseconds after the first.
    fn arrivals(ticks: &[(u64, u64)]) -> Vec<(Tick, Instant)> {
        let start = Instant::now();
        ticks.iter().map(|(tick, ms)| (Tick(*tick), start + Duration::from_millis(*ms))).collect()
    }

    #[test]
    fn a_world_that_keeps_its_pace_misses_nothing() {
        let ticks = judge(&arrivals(&[(10, 0), (11, 52), (14, 199), (20, 505)]));
        assert_eq!((ticks.due, ticks.missing, ticks.seen, ticks.arrived_late), (10, 0, 4, 0));
        assert_eq!(ticks.longest_gap_ms, 306);
    }

    #[test]
    fn what_a_world_lost_is_missing_at_the_end_and_what_it_made_up_for_is_not() {
        let stood_still = judge(&arrivals(&[(10, 0), (11, 50), (12, 600), (13, 650)]));
        assert_eq!((stood_still.due, stood_still.missing, stood_still.arrived_late), (13, 10, 2));
        let caught_up = judge(&arrivals(&[(10, 0), (11, 90), (12, 100), (13, 150)]));
        assert_eq!((caught_up.due, caught_up.missing, caught_up.arrived_late), (3, 0, 1));
        assert_eq!(judge(&[]), Ticks::default());
    }
}
