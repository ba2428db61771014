//! Each deliberate defect is noticed within a thousand seeds, and without one nothing is.
#![cfg(feature = "sabotage")]

use holdfast_front::sabotage::{Sabotage, set};
use holdfast_simulator::campaign::Campaign;
use holdfast_simulator::run::hush_panics;
use holdfast_simulator::{Options, Stage};

/// All but S7, which is PostgreSQL's own.
const SIMULATED: &[Sabotage] = &[
    Sabotage::S1,
    Sabotage::S2,
    Sabotage::S3,
    Sabotage::S4,
    Sabotage::S5,
    Sabotage::S9,
    Sabotage::S10,
    Sabotage::S11,
    Sabotage::S13Replies,
    Sabotage::S13Refusals,
    Sabotage::S13Welcome,
    Sabotage::S14,
];

// One test, since one defect at most is on in a process.
#[test]
fn each_sabotage_is_caught_within_a_thousand_seeds() {
    hush_panics();
    let stage = Stage::new();
    let control = Campaign { from: 0, seeds: 200, threads: 2, options: Options::default() };
    let failure = control.run(&stage, &|| true, |_| {}).failure;
    assert!(failure.is_none(), "without any defect: {failure:?}");
    let mut uncaught = Vec::new();
    for &sabotage in SIMULATED {
        set(Some(sabotage));
        let campaign = Campaign { seeds: 1_000, ..control };
        let report = campaign.run(&stage, &|| true, |_| {});
        let Some((seed, failure)) = report.failure else {
            uncaught.push(sabotage.name());
            continue;
        };
        println!("{sabotage}: seed {seed}, the {}th run: {failure}", report.runs);
    }
    set(None);
    assert!(uncaught.is_empty(), "nobody noticed {uncaught:?}");
}
