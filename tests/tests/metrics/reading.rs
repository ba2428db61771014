//! Reads what a server measures, as operators do.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use holdfast_devstack::Server;
use holdfast_tests::door::PATIENCE;
use serde_json::Value;

/// What stood at `/metrics`.
#[derive(Debug)]
pub(crate) struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    /// Asks the server.
    pub(crate) async fn read(server: &Server) -> Self {
        let text =
            reqwest::get(format!("{}/metrics", server.staff_url())).await.unwrap().text().await.unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let series = lines.filter_map(|line| {
            let (series, value) = line.rsplit_once(' ')?;
            Some((series.to_owned(), value.parse().ok()?))
        });
        Self(series.collect())
    }

    /// A series' value; zero where it has never been moved.
    pub(crate) fn of(&self, series: &str) -> f64 {
        self.0.get(series).copied().unwrap_or_default()
    }
}

/// Asks until it is so.
pub(crate) async fn wait_until(server: &Server, is_so: impl Fn(&Metrics) -> bool) -> Metrics {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let metrics = Metrics::read(server).await;
        if is_so(&metrics) {
            return metrics;
        }
        assert!(Instant::now() < deadline, "it never came to be: {metrics:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Every histogram, with the intervals that ended after `since_ms`.
pub(crate) async fn histograms(server: &Server, since_ms: u64) -> Value {
    let address = format!("{}/api/histograms?since={since_ms}", server.staff_url());
    reqwest::get(address).await.unwrap().json().await.unwrap()
}
