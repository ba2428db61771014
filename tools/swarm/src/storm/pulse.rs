//! Whether the world kept its pace: from the ticks that clients were shown, and when.
//!
//! A world leaves no tick out and catches up one at most: what it loses it loses for good. So ticks that were late are
//! missing at the end of a span, and that is what is counted. The span reaches from the last tick before it to the first
//! tick after it: a world that stands still as it begins or ends has lost those ticks too. When a single tick *arrived*
//! also tells of the commit, of the way and of this process; it is reported beside, and bounded by nothing.

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
    /// How many ticks were due, from the last that was seen before the span to the first that was seen after it; where
    /// none was any more, until now.
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

    /// What the newest ownership made of the time between these two moments. Nothing is due of one that was not seen
    /// before the first of them.
    pub(super) fn between(&self, from: Instant, to: Instant) -> Ticks {
        let ticks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(((newest, _), _)) = ticks.last_key_value() else { return Ticks::default() };
        let seen: Vec<_> = ticks.range((*newest, Tick(0))..).map(|((_, tick), at)| (*tick, *at)).collect();
        let Some(first) = seen.iter().rposition(|(_, at)| *at <= from) else { return Ticks::default() };
        let last = seen.iter().rposition(|(_, at)| *at <= to).unwrap_or(first);
        match seen.get(last + 1) {
            Some((_, closed)) => judge(&seen[first..=last + 1], *closed),
            None => judge(&seen[first..], Instant::now()),
        }
    }
}

/// The ticks that were seen, in ascending order, and when; and when the span is over.
fn judge(span: &[(Tick, Instant)], ended: Instant) -> Ticks {
    let (Some((first, began)), Some((last, last_at))) = (span.first(), span.last()) else {
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
    let silence = ended.saturating_duration_since(*last_at);
    let gaps = span.windows(2).map(|pair| pair[1].1.saturating_duration_since(pair[0].1));
    let gap = gaps.chain([silence]).max();
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

    /// The same, over as soon as the last of them is seen.
    fn judged(ticks: &[(u64, u64)]) -> Ticks {
        let span = arrivals(ticks);
        judge(&span, span.last().map_or_else(Instant::now, |(_, at)| *at))
    }

    /// What is made of the time from `from` to `to` (in milliseconds) of a world that was seen like this. The last
    /// moment is so long ago that `until now` is after it.
    fn between(ticks: &[(u64, u64)], from: u64, to: u64) -> Ticks {
        let start = Instant::now().checked_sub(Duration::from_secs(10)).unwrap();
        let at = |ms| start + Duration::from_millis(ms);
        let pulse = Pulse::default();
        for (tick, ms) in ticks {
            pulse.0.lock().unwrap().insert((Epoch(1), Tick(*tick)), at(*ms));
        }
        pulse.between(at(from), at(to))
    }

    #[test]
    fn a_world_that_stands_still_as_the_span_begins_has_lost_those_ticks() {
        let mut ticks = vec![(10, 0)];
        ticks.extend((0..=40).map(|tick| (11 + tick, 5_000 + tick * 50)));
        let frozen = between(&ticks, 20, 6_000);
        assert_eq!((frozen.due, frozen.missing, frozen.longest_gap_ms), (121, 99, 5_000));
    }

    #[test]
    fn a_world_that_stands_still_as_the_span_ends_has_lost_those_ticks() {
        let mut ticks: Vec<_> = (0..=20).map(|tick| (10 + tick, tick * 50)).collect();
        let frozen = between(&ticks, 20, 3_000);
        assert!(frozen.missing >= 179 && frozen.longest_gap_ms >= 9_000, "it never went on: {frozen:?}");
        ticks.push((31, 4_000));
        let frozen = between(&ticks, 20, 3_000);
        assert_eq!((frozen.due, frozen.missing, frozen.longest_gap_ms), (80, 59, 3_000));
    }

    #[test]
    fn a_span_of_which_nobody_saw_the_beginning_has_no_ticks() {
        assert_eq!(between(&[(10, 500), (11, 550)], 20, 520), Ticks::default());
    }

    #[test]
    fn a_world_that_keeps_its_pace_misses_nothing() {
        let ticks: Vec<_> = (0..=100).map(|tick| (10 + tick, tick * 50)).collect();
        let kept = between(&ticks, 20, 1_020);
        assert_eq!((kept.due, kept.missing, kept.seen), (21, 0, 22));
        let ticks = judged(&[(10, 0), (11, 52), (14, 199), (20, 505)]);
        assert_eq!((ticks.due, ticks.missing, ticks.seen, ticks.arrived_late), (10, 0, 4, 0));
        assert_eq!(ticks.longest_gap_ms, 306);
    }

    #[test]
    fn what_a_world_lost_is_missing_at_the_end_and_what_it_made_up_for_is_not() {
        let stood_still = judged(&[(10, 0), (11, 50), (12, 600), (13, 650)]);
        assert_eq!((stood_still.due, stood_still.missing, stood_still.arrived_late), (13, 10, 2));
        let caught_up = judged(&[(10, 0), (11, 90), (12, 100), (13, 150)]);
        assert_eq!((caught_up.due, caught_up.missing, caught_up.arrived_late), (3, 0, 1));
        assert_eq!(judged(&[]), Ticks::default());
    }
}
