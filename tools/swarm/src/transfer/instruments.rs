//! What the server measures itself, read at its staff's port at the beginning and at the end of the time that counts.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use holdfast_metrics::timing::from_v2;
use serde::{Deserialize, Serialize};
use serde_json::from_slice;
use tokio::time::Instant;

use super::window::float;

/// Every histogram of a server, since its start.
type Histograms = BTreeMap<String, Histogram<u64>>;

/// What was read, and when.
#[derive(Debug)]
pub(super) struct Reading {
    histograms: Histograms,
    at: Instant,
}

#[derive(Deserialize)]
struct Answer {
    histograms: Vec<View>,
}

#[derive(Deserialize)]
struct View {
    name: String,
    total: String,
}

/// Asks the server whose staff's port is at `staff_url`.
pub(super) async fn read(staff_url: &str) -> Result<Reading> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    // Of the future there are no intervals: the totals are all that is wanted.
    let url = format!("{staff_url}/api/histograms?since={}", u64::MAX);
    let body = http.get(url).send().await?.error_for_status()?.bytes().await?;
    let answer: Answer = from_slice(&body).context("read the server's histograms")?;
    let at = Instant::now();
    let histograms = answer.histograms.into_iter().map(|view| Ok((view.name, from_v2(&view.total)?)));
    Ok(Reading { histograms: histograms.collect::<Result<_>>()?, at })
}

/// The server's ticks and flushes while it counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Ticks {
    /// Ticks a second.
    pub per_s: f64,
    /// Processor time of a tick: the mean, in milliseconds.
    pub cpu_ms: f64,
    /// Flushes a second.
    pub flushes_per_s: f64,
    /// Rows of a flush: the median.
    pub flush_rows: u64,
    /// From a flush sent to its answer: the median, in milliseconds.
    pub flush_ms: f64,
}

impl Ticks {
    /// Between two readings. Rates are by the time that lies between them, which is not quite the time that counts.
    pub(super) fn between(before: &Reading, after: &Reading) -> Result<Self> {
        let seconds = after.at.duration_since(before.at).as_secs_f64();
        let since = |name: &str| {
            let mut histogram =
                after.histograms.get(name).with_context(|| format!("the server measures {name}"))?.clone();
            if let Some(before) = before.histograms.get(name) {
                histogram.subtract(before)?;
            }
            anyhow::Ok(histogram)
        };
        let (flush, ticks) = (since("flush")?, since("tick")?);
        Ok(Self {
            per_s: float(ticks.len()) / seconds,
            cpu_ms: since("tick_cpu")?.mean() / 1_000.0,
            flushes_per_s: float(flush.len()) / seconds,
            flush_rows: since("flush_rows")?.value_at_quantile(0.5),
            flush_ms: float(flush.value_at_quantile(0.5)) / 1_000.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_measured_before_does_not_count() {
        let histogram = |values: &[u64]| {
            let mut histogram = Histogram::new_with_bounds(1, 60_000_000, 3).unwrap();
            values.iter().for_each(|value| histogram.record(*value).unwrap());
            histogram
        };
        let names = ["tick", "tick_cpu", "flush", "flush_rows"];
        let all =
            |values: &[u64]| names.map(|name| (name.to_owned(), histogram(values))).into_iter().collect();
        let before = Reading { histograms: all(&[900]), at: Instant::now() };
        let at = before.at + Duration::from_secs(2);
        let after = Reading { histograms: all(&[900, 5, 5, 5, 5]), at };
        let ticks = Ticks::between(&before, &after).unwrap();
        assert_eq!((ticks.per_s, ticks.flush_rows), (2.0, 5));
        assert!(Ticks::between(&before, &Reading { histograms: Histograms::new(), at }).is_err());
    }
}
