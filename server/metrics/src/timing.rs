//! One histogram: what is recorded since the start, and the same by intervals.
//!
//! Values are kept to three digits from the scale's lowest to its highest, in a fixed amount of memory; a greater one
//! counts as the highest and is counted as *saturated* besides, so that nobody takes the end of the scale for a measurement.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2DeflateSerializer};
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use serde::Serialize;

/// How exact all histograms are, in decimal digits.
pub const DIGITS: u8 = 3;

/// How many intervals are remembered: fifteen minutes of five seconds.
pub const INTERVALS_MAX: usize = 180;

/// What a histogram measures, and between which bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Scale {
    /// The unit of its values: `us`, `rows` or `bytes`.
    pub unit: &'static str,
    /// The least value that is told apart from nothing.
    pub lowest: u64,
    /// The greatest; beyond it values are saturated.
    pub highest: u64,
    /// How exact it is, in decimal digits.
    pub digits: u8,
    /// How many of its unit make one of what Prometheus is told (seconds, rows, bytes).
    #[serde(skip)]
    per_base: u64,
    /// Upper bounds of the buckets that Prometheus is told, in the histogram's own unit.
    #[serde(skip)]
    bounds: &'static [u64],
}

impl Scale {
    /// Times, from a microsecond to a minute.
    pub const TIME: Self = Self {
        unit: "us",
        lowest: 1,
        highest: 60_000_000,
        digits: DIGITS,
        per_base: 1_000_000,
        bounds: &[
            100, 250, 500, 1_000, 2_500, 5_000, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 80_000,
            100_000, 150_000, 200_000, 300_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
            30_000_000,
        ],
    };

    /// Rows of one flush.
    pub const ROWS: Self = Self {
        unit: "rows",
        lowest: 1,
        highest: 1_000_000,
        digits: DIGITS,
        per_base: 1,
        bounds: &[0, 1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000],
    };

    /// Sizes, up to 64 MiB.
    pub const BYTES: Self = Self {
        unit: "bytes",
        lowest: 1,
        highest: 64 * 1024 * 1024,
        digits: DIGITS,
        per_base: 1,
        bounds: &[256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216],
    };

    /// An empty histogram of this scale.
    #[must_use]
    pub fn histogram(&self) -> Histogram<u64> {
        Histogram::new_with_bounds(self.lowest, self.highest, self.digits)
            .expect("the scales are constants, and these are good")
    }
}

/// A span of time and what was recorded in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interval {
    /// When it began, in milliseconds since 1970.
    pub from_ms: u64,
    /// When it ended.
    pub to_ms: u64,
    /// The histogram: V2, deflated, in base64.
    pub v2: String,
    /// A thousandth of the greatest value in it: of times, milliseconds.
    #[serde(skip)]
    pub max: u64,
}

/// What was recorded since the start.
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    /// All values.
    pub histogram: Histogram<u64>,
    /// Their sum, which the histogram knows to three digits only.
    pub sum: u64,
    /// How many lay beyond the scale.
    pub saturated: u64,
}

/// A histogram that several threads write. What is cloned from it is the same one, as with Prometheus' own counters.
#[derive(Clone)]
pub struct Timing {
    scale: Scale,
    state: Arc<Mutex<State>>,
}

struct State {
    /// What was recorded since the interval began. Recording touches nothing else.
    current: Histogram<u64>,
    /// What was recorded before.
    past: Histogram<u64>,
    sum: u64,
    saturated: u64,
    recent: VecDeque<Arc<Interval>>,
}

impl Timing {
    /// Nothing yet.
    #[must_use]
    pub fn new(scale: Scale) -> Self {
        let state = State {
            current: scale.histogram(),
            past: scale.histogram(),
            sum: 0,
            saturated: 0,
            recent: VecDeque::new(),
        };
        Self { scale, state: Arc::new(Mutex::new(state)) }
    }

    /// What it measures.
    #[must_use]
    pub fn scale(&self) -> &Scale {
        &self.scale
    }

    /// Records a time, in whole microseconds.
    pub fn record(&self, time: Duration) {
        self.record_value(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// Records a value in the scale's own unit.
    pub fn record_value(&self, value: u64) {
        let mut state = self.state();
        state.current.saturating_record(value.min(self.scale.highest));
        state.sum = state.sum.saturating_add(value);
        state.saturated += u64::from(value > self.scale.highest);
    }

    /// Everything since the start.
    #[must_use]
    pub fn total(&self) -> Total {
        let state = self.state();
        let mut histogram = state.past.clone();
        merge(&mut histogram, &state.current);
        Total { histogram, sum: state.sum, saturated: state.saturated }
    }

    /// The interval that lasted from `from_ms` until `to_ms` is over. It is remembered, and handed out where anything was
    /// recorded in it.
    pub fn close_interval(&self, from_ms: u64, to_ms: u64) -> Option<Interval> {
        let closed = {
            let mut state = self.state();
            if state.current.is_empty() {
                return None;
            }
            let State { current, past, .. } = &mut *state;
            merge(past, current);
            std::mem::replace(current, self.scale.histogram())
        };
        // Whoever records meanwhile does not wait for this.
        let interval = Interval { from_ms, to_ms, v2: to_v2(&closed), max: closed.max() / 1_000 };
        let mut state = self.state();
        if state.recent.len() == INTERVALS_MAX {
            state.recent.pop_front();
        }
        state.recent.push_back(Arc::new(interval.clone()));
        Some(interval)
    }

    /// The remembered intervals that ended after `since_ms` and in which something was recorded, the oldest first.
    #[must_use]
    pub fn recent(&self, since_ms: u64) -> Vec<Arc<Interval>> {
        self.state().recent.iter().filter(|interval| interval.to_ms > since_ms).cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timing").field("unit", &self.scale.unit).finish_non_exhaustive()
    }
}

/// A histogram as text: V2, deflated, in base64.
#[must_use]
pub fn to_v2(histogram: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(histogram, &mut bytes)
        .expect("a histogram of these bounds is serialised into memory");
    STANDARD.encode(bytes)
}

/// Reads a histogram that [`to_v2`] or an interval log has written.
///
/// # Errors
/// Where the text is no such histogram.
pub fn from_v2(text: &str) -> Result<Histogram<u64>, NotAHistogram> {
    let bytes = STANDARD.decode(text).map_err(|_| NotAHistogram)?;
    Deserializer::new().deserialize(&mut bytes.as_slice()).map_err(|_| NotAHistogram)
}

/// A text that is no histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAHistogram;

impl fmt::Display for NotAHistogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no histogram (V2, deflated, in base64)")
    }
}

impl std::error::Error for NotAHistogram {}

fn merge(into: &mut Histogram<u64>, from: &Histogram<u64>) {
    into.add(from).expect("both are of the same scale");
}

impl Total {
    /// Tells Prometheus, as a classic histogram: how many values lie between each bound and the one below it, as exactly as
    /// the histogram knows them.
    pub(crate) fn encode(&self, scale: &Scale, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        let bounds = scale.bounds.iter().map(|bound| float(*bound) / float(scale.per_base));
        let mut buckets: Vec<(f64, u64)> = bounds.chain([f64::INFINITY]).map(|bound| (bound, 0)).collect();
        for value in self.histogram.iter_recorded() {
            let lowest = self.histogram.lowest_equivalent(value.value_iterated_to());
            buckets[scale.bounds.partition_point(|bound| *bound < lowest)].1 +=
                value.count_since_last_iteration();
        }
        let sum = float(self.sum) / float(scale.per_base);
        encoder.encode_histogram::<NoLabelSet>(sum, self.histogram.len(), &buckets, None)
    }
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus knows no other numbers")]
fn float(number: u64) -> f64 {
    number as f64
}

impl EncodeMetric for Timing {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        self.total().encode(&self.scale, &mut encoder)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    #[test]
    fn the_intervals_merged_are_all_that_was_recorded() {
        let timing = Timing::new(Scale::TIME);
        let mut all = Scale::TIME.histogram();
        let mut merged = Scale::TIME.histogram();
        for interval in 0..4_u64 {
            for number in 1..=100 {
                let time = ms(number * (interval + 1));
                timing.record(time);
                all.saturating_record(number * (interval + 1) * 1_000);
            }
            let closed = timing.close_interval(interval * 5_000, (interval + 1) * 5_000).unwrap();
            merged.add(from_v2(&closed.v2).unwrap()).unwrap();
        }
        assert_eq!(merged, all);
        assert_eq!(timing.total().histogram, all);
        assert_eq!(timing.recent(10_000).len(), 2, "those that ended later");
    }

    #[test]
    fn what_lies_beyond_the_scale_is_counted_as_such() {
        let timing = Timing::new(Scale::TIME);
        timing.record(Duration::from_secs(61));
        timing.record(Duration::ZERO);
        let total = timing.total();
        assert_eq!((total.saturated, total.histogram.len()), (1, 2));
        assert_eq!(total.histogram.max(), total.histogram.highest_equivalent(60_000_000));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_an_empty_interval_is_not_remembered() {
        let timing = Timing::new(Scale::TIME);
        assert_eq!(timing.close_interval(0, 5), None);
        for number in 0..=u64::try_from(INTERVALS_MAX).unwrap() {
            timing.record(ms(1));
            assert!(timing.close_interval(number, number + 1).is_some());
        }
        assert_eq!(timing.recent(0).len(), INTERVALS_MAX);
        assert_eq!(timing.recent(0)[0].from_ms, 1);
    }
}
