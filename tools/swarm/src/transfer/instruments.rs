//! What the server's own measurements say of its ticks and flushes.

use anyhow::Result;
use serde::Serialize;

use crate::staff::Measured;
use crate::times::float;

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
    /// From what the server measured.
    pub(super) fn of(measured: &Measured) -> Result<Self> {
        let seconds = measured.span.as_secs_f64();
        let (flush, ticks) = (measured.of("flush")?, measured.of("tick")?);
        Ok(Self {
            per_s: float(ticks.len()) / seconds,
            cpu_ms: measured.of("tick_cpu")?.mean() / 1_000.0,
            flushes_per_s: float(flush.len()) / seconds,
            flush_rows: measured.of("flush_rows")?.value_at_quantile(0.5),
            flush_ms: float(flush.value_at_quantile(0.5)) / 1_000.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use holdfast_metrics::Scale;
    use holdfast_metrics::timing::to_v2;
    use serde_json::json;
    use tokio::time::Instant;

    use super::*;
    use crate::staff::Histograms;

    fn told(names: &[&str], values: &[u64], at: Instant) -> Histograms {
        let mut histogram = Scale::TIME.histogram();
        values.iter().for_each(|value| histogram.record(*value).unwrap());
        let all = names.iter().map(|name| json!({ "name": name, "unit": "us", "total": to_v2(&histogram) }));
        Histograms::parse(&json!({ "histograms": all.collect::<Vec<_>>() }).to_string(), at).unwrap()
    }

    #[test]
    fn what_was_measured_before_does_not_count() {
        let names = ["tick", "tick_cpu", "flush", "flush_rows"];
        let began = Instant::now();
        let before = told(&names, &[900], began);
        let after = told(&names, &[900, 5, 5, 5, 5], began + Duration::from_secs(2));
        let ticks = Ticks::of(&after.since(&before).unwrap()).unwrap();
        assert_eq!((ticks.per_s, ticks.flush_rows), (2.0, 5));
        let none = told(&[], &[], began);
        assert!(Ticks::of(&none.clone().since(&none).unwrap()).is_err());
    }
}
