//! Times that were measured: a histogram, so that what several processes measured can be added without loss.

use std::time::Duration;

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use holdfast_metrics::Scale;
use holdfast_metrics::timing::{from_v2, to_v2};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Times, in microseconds, on the scale of the server's own.
#[derive(Clone, Debug)]
pub struct Times(Histogram<u64>);

impl Default for Times {
    fn default() -> Self {
        Self(Scale::TIME.histogram())
    }
}

impl From<Histogram<u64>> for Times {
    fn from(histogram: Histogram<u64>) -> Self {
        Self(histogram)
    }
}

impl Times {
    /// Counts a time.
    pub fn record(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1));
    }

    /// Counts what somebody else measured as well.
    ///
    /// # Errors
    /// Where the other's bounds do not fit into these.
    pub fn add(&mut self, other: &Self) -> Result<()> {
        self.0.add(&other.0).context("add what was measured elsewhere")
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// How they are distributed.
    #[must_use]
    pub fn percentiles(&self) -> Percentiles {
        let at = |quantile| milliseconds(self.0.value_at_quantile(quantile));
        Percentiles {
            count: self.0.len(),
            mean: self.0.mean() / 1_000.0,
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            max: milliseconds(self.0.max()),
        }
    }
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&to_v2(&self.0))
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_v2(&String::deserialize(deserializer)?).map(Self).map_err(de::Error::custom)
    }
}

/// How a time is distributed, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// How many were measured.
    pub count: u64,
    /// Their mean: those of the parts of a time add up to that of the whole, which percentiles do not.
    pub mean: f64,
    /// Half took no longer.
    pub p50: f64,
    /// 95 of 100 took no longer.
    pub p95: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
    /// None took longer.
    pub max: f64,
}

impl Percentiles {
    /// Those of these times; all zero where there are none.
    #[must_use]
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100);
            times.get(rank.saturating_sub(1)).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
        };
        let count = u64::try_from(times.len()).unwrap_or(u64::MAX);
        let sum: Duration = times.iter().sum();
        let number = u32::try_from(times.len().max(1)).unwrap_or(u32::MAX);
        let mean = sum.as_secs_f64() * 1_000.0 / f64::from(number);
        Self { count, mean, p50: at(50), p95: at(95), p99: at(99), max: at(100) }
    }
}

fn milliseconds(microseconds: u64) -> f64 {
    float(microseconds) / 1_000.0
}

/// A count, to be reckoned with.
#[expect(clippy::cast_precision_loss, reason = "figures for people: 52 bits are plenty")]
pub(crate) fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times = (1..=20).rev().map(Duration::from_millis).collect();
        let all = Percentiles { count: 20, mean: 10.5, p50: 10.0, p95: 19.0, p99: 20.0, max: 20.0 };
        assert_eq!(Percentiles::of(times), all);
        assert_eq!(Percentiles::of(Vec::new()), Percentiles::default());
    }
}
