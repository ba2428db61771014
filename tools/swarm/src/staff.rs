//! What a server measured of itself, as its staff's address tells.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::Client;
use serde::Deserialize;

use crate::load::{Percentiles, Times};

/// In what times are. What is in something else (rows, bytes) is no time, and left out.
const MICROSECONDS: &str = "us";

/// A server's times so far, by name.
#[derive(Clone, Debug, Default)]
pub struct Histograms(BTreeMap<String, Times>);

#[derive(Deserialize)]
struct Answer {
    histograms: Vec<Histogram>,
}

#[derive(Deserialize)]
struct Histogram {
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
        let answer = http.get(format!("{}/api/histograms", url.trim_end_matches('/'))).send().await?;
        let text = answer.error_for_status()?.text().await?;
        Self::parse(&text).context("read a server's histograms").map(Some)
    }

    fn parse(text: &str) -> Result<Self> {
        let answer: Answer = serde_json::from_str(text)?;
        let times = answer.histograms.into_iter().filter(|histogram| histogram.unit == MICROSECONDS);
        let times = times.map(|Histogram { name, total, .. }| Ok((name, Times::from_text(&total)?)));
        times.collect::<Result<_>>().map(Self)
    }

    /// What was measured since an earlier reading of the same server.
    ///
    /// # Errors
    /// Where the earlier one is not part of this: the server was started again.
    pub fn since(mut self, before: &Self) -> Result<BTreeMap<String, Percentiles>> {
        for (name, times) in &before.0 {
            let now = self.0.get_mut(name).with_context(|| format!("the server tells no {name} any more"))?;
            now.subtract(times)?;
        }
        Ok(self.0.into_iter().map(|(name, times)| (name, times.percentiles())).collect())
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
                "count": times.count(), "saturated": 0, "total": times.to_text().unwrap(), "recent": [],
            })
        };
        let histograms = [histogram("tick", "us"), histogram("flush_rows", "rows")];
        json!({ "interval_ms": 5_000, "now_ms": 5, "histograms": histograms }).to_string()
    }

    #[test]
    fn what_was_measured_before_is_taken_away() {
        let mut times = Times::default();
        times.record(Duration::from_secs(2));
        let before = Histograms::parse(&answer(&times)).unwrap();
        times.record(Duration::from_millis(3));
        let after = Histograms::parse(&answer(&times)).unwrap();
        let measured = after.since(&before).unwrap();
        assert_eq!(measured.keys().collect::<Vec<_>>(), ["tick"], "rows are no times");
        assert_eq!(measured["tick"].count, 1);
        assert!(measured["tick"].max < 4.0);
    }

    #[tokio::test]
    async fn without_an_address_nothing_is_told() {
        assert!(Histograms::read(None).await.unwrap().is_none());
    }
}
