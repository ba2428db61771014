//! What a server measured of itself, as its staff's address tells.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use holdfast_metrics::Scale;
use holdfast_metrics::timing::from_v2;
use reqwest::Client;
use serde::Deserialize;
use tokio::time::Instant;

use crate::times::{Percentiles, Times};

/// Every histogram of a server, by name, since its start; and when it told them.
#[derive(Clone, Debug)]
pub struct Histograms {
    at: Instant,
    all: BTreeMap<String, Named>,
}

/// What a server measured between two readings.
#[derive(Clone, Debug)]
pub struct Measured {
    /// How long that was: not quite the time that counts.
    pub span: Duration,
    all: BTreeMap<String, Named>,
}

/// A histogram, and in what its values are.
#[derive(Clone, Debug)]
struct Named {
    unit: String,
    histogram: Histogram<u64>,
}

#[derive(Deserialize)]
struct Answer {
    histograms: Vec<View>,
}

#[derive(Deserialize)]
struct View {
    name: String,
    unit: String,
    total: String,
}

impl Histograms {
    /// What the server whose staff is served at `staff_url` has measured so far; none where there is no such address.
    ///
    /// # Errors
    /// Where it does not say.
    pub async fn read(staff_url: Option<&str>) -> Result<Option<Self>> {
        let Some(url) = staff_url else { return Ok(None) };
        let http = Client::builder().timeout(Duration::from_secs(20)).no_proxy().build()?;
        // Of the future there are no intervals: the totals are all that is wanted.
        let url = format!("{}/api/histograms?since={}", url.trim_end_matches('/'), u64::MAX);
        let text = http.get(url).send().await?.error_for_status()?.text().await?;
        Self::parse(&text, Instant::now()).context("read a server's histograms").map(Some)
    }

    pub(crate) fn parse(text: &str, at: Instant) -> Result<Self> {
        let answer: Answer = serde_json::from_str(text)?;
        let all = answer.histograms.into_iter().map(|View { name, unit, total }| {
            let histogram = from_v2(&total)?;
            Ok((name, Named { unit, histogram }))
        });
        Ok(Self { at, all: all.collect::<Result<_>>()? })
    }

    /// What was measured since an earlier reading of the same server.
    ///
    /// # Errors
    /// Where the earlier one is not part of this: the server was started again.
    pub fn since(mut self, before: &Self) -> Result<Measured> {
        for (name, before) in &before.all {
            let now =
                self.all.get_mut(name).with_context(|| format!("the server tells no {name} any more"))?;
            now.histogram.subtract(&before.histogram).context("take away what was measured before")?;
        }
        Ok(Measured { span: self.at.duration_since(before.at), all: self.all })
    }
}

impl Measured {
    /// All that are times.
    #[must_use]
    pub fn times(self) -> BTreeMap<String, Percentiles> {
        let times = self.all.into_iter().filter(|(_, named)| named.unit == Scale::TIME.unit);
        times.map(|(name, named)| (name, Times::from(named.histogram).percentiles())).collect()
    }

    /// The one of this name.
    ///
    /// # Errors
    /// Where the server has none.
    pub fn of(&self, name: &str) -> Result<&Histogram<u64>> {
        let named = self.all.get(name).with_context(|| format!("the server measures {name}"))?;
        Ok(&named.histogram)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(times: &Times) -> String {
        let histogram = |name, unit| {
            json!({
                "name": name, "unit": unit, "lowest": 1, "highest": 60_000_000, "digits": 3,
                "count": times.count(), "saturated": 0, "total": times, "recent": [],
            })
        };
        let histograms = [histogram("tick", "us"), histogram("flush_rows", "rows")];
        json!({ "interval_ms": 5_000, "now_ms": 5, "histograms": histograms }).to_string()
    }

    #[test]
    fn what_was_measured_before_is_taken_away() {
        let mut times = Times::default();
        times.record(Duration::from_secs(2));
        let began = Instant::now();
        let before = Histograms::parse(&answer(&times), began).unwrap();
        times.record(Duration::from_millis(3));
        let after = Histograms::parse(&answer(&times), began + Duration::from_secs(2)).unwrap();
        assert!(before.clone().since(&after).is_err(), "what was not there cannot be taken away");
        let measured = after.since(&before).unwrap();
        assert_eq!((measured.span, measured.of("flush_rows").unwrap().len()), (Duration::from_secs(2), 1));
        assert!(measured.of("flush").is_err());
        let measured = measured.times();
        assert_eq!(measured.keys().collect::<Vec<_>>(), ["tick"], "rows are no times");
        assert_eq!(measured["tick"].count, 1);
        assert!(measured["tick"].max < 4.0);
    }

    #[tokio::test]
    async fn without_an_address_nothing_is_told() {
        assert!(Histograms::read(None).await.unwrap().is_none());
    }
}
