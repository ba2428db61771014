//! Times that were measured: a histogram, so that what several processes measured can be added without loss.

use std::time::Duration;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer as Reader, Serializer as _, V2Serializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// The longest time that is told apart, in microseconds: a minute. Longer ones count as one.
const LONGEST_US: u64 = 60_000_000;

/// Times, in microseconds, of which three digits are kept.
#[derive(Clone, Debug)]
pub struct Times(Histogram<u64>);

impl Default for Times {
    fn default() -> Self {
        Self(
            Histogram::new_with_bounds(1, LONGEST_US, 3)
                .expect("the bounds and digits are those of a histogram"),
        )
    }
}

impl Times {
    /// Counts a time.
    pub fn record(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_micros()).unwrap_or(LONGEST_US).max(1));
    }

    /// Counts what somebody else measured as well.
    ///
    /// # Errors
    /// Where the other's bounds do not fit into these.
    pub fn add(&mut self, other: &Self) -> Result<()> {
        self.0.add(&other.0).context("add what was measured elsewhere")
    }

    /// Takes away what had been counted by then.
    ///
    /// # Errors
    /// Where that is not part of these.
    pub fn subtract(&mut self, earlier: &Self) -> Result<()> {
        self.0.subtract(&earlier.0).context("take away what was measured before")
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

    /// What [`Self::to_text`] wrote, or a server: base64 of the histogram's format V2, deflated or not.
    ///
    /// # Errors
    /// Where it is not that.
    pub fn from_text(text: &str) -> Result<Self> {
        let bytes = STANDARD.decode(text)?;
        Ok(Self(Reader::new().deserialize(&mut bytes.as_slice())?))
    }

    /// As text.
    ///
    /// # Errors
    /// Where a count is beyond what the format holds.
    pub fn to_text(&self) -> Result<String> {
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&self.0, &mut bytes)?;
        Ok(STANDARD.encode(bytes))
    }
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text().map_err(ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_text(&String::deserialize(deserializer)?).map_err(de::Error::custom)
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

#[expect(clippy::cast_precision_loss, reason = "figures for people: 52 bits are plenty")]
fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1_000.0
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

    #[test]
    fn what_was_taken_away_again_was_never_there() {
        let (mut all, mut before) = (Times::default(), Times::default());
        before.record(Duration::from_secs(9));
        all.record(Duration::from_secs(9));
        all.record(Duration::from_millis(5));
        all.subtract(&before).unwrap();
        let left = all.percentiles();
        assert_eq!(left.count, 1);
        assert!((4.9..5.1).contains(&left.max), "{left:?}");
        assert!(before.subtract(&all).is_err(), "what was not there cannot be taken away");
    }
}
