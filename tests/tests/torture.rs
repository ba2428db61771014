//! Everything that a torture can do to a world, by lot, for a little more than a minute: nothing is lost, done twice or
//! seen too early, whatever meets whatever.
//!
//! `cargo swarm torture --faults mixed --minutes 30` is the same at length.

use std::time::Duration;

use holdfast_swarm::torture::{self, Fault, Length, Row, TortureOptions};
use holdfast_swarm::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_suffers_everything_keeps_every_promise() {
    let options = TortureOptions {
        faults: vec![Fault::Mixed],
        length: Length::Time(Duration::from_secs(60)),
        ..TortureOptions::new(World::Ledger, 0, 5)
    };
    let report = torture::run(&options, |progress| println!("{progress}")).await.unwrap();
    println!("{report}");
    assert!(report.holds(), "{:#?}", report.failures());
    let kinds = report.rows.iter().filter(|row| Row::count(row) > 0).count();
    assert!(kinds >= 4, "only {kinds} kinds of fault have struck");
    let findings = report.findings.as_ref().unwrap();
    assert!(findings.accepted >= 200 * report.struck_count(), "only {} were accepted", findings.accepted);
}
