//! A short run of what `swarm transfer` does at length: nothing is said here of how fast anybody is.

use std::time::Duration;

use holdfast_swarm::transfer::{self, Shape, TransferOptions};

#[tokio::test(flavor = "multi_thread")]
async fn every_transfer_is_answered_and_every_coin_is_kept_by_whoever_makes_them() {
    let options = TransferOptions {
        clients: 4,
        pipeline: 8,
        span: Duration::from_millis(300),
        // Nearly everything meets on two purses.
        shapes: vec![Shape::Zipf(3.0)],
        purses: 200,
        tick_rates: vec![20, 60],
        repeats: 1,
        with_baselines: true,
        seed: 1,
    };
    // It fails by itself where the database holds something else than was answered.
    let report = transfer::run(&options, |line| println!("{line}")).await.expect("it can be measured");
    assert_eq!(report.failures(), Vec::<String>::new(), "{report}");
    let json = report.to_json();
    let ratios = json["ratios"].as_array().expect("there are ratios");
    assert!(ratios.iter().any(|ratio| ratio["over"] == "one_by_one"), "{json}");
    assert!(ratios.iter().any(|ratio| ratio["over"] == "batching" && ratio["pipeline"] == 1), "{json}");
}
