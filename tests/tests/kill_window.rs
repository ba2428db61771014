//! Server and database killed together inside a flush, again and again: whatever anybody was told is still true.
//!
//! A proxy holds each flush for half a second, before PostgreSQL gets it or before the server hears that it is
//! committed; inside that window both are killed with -9 and started again. Bots go on by themselves. Then the checker
//! compares their histories with the tables.

use holdfast_swarm::torture::{self, TortureOptions, TortureReport, Windows};
use holdfast_swarm::world::World;

async fn run(options: TortureOptions) -> TortureReport {
    torture::run(&options, |_| {}).await.expect("the world comes back from each fault")
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_where_server_and_store_die_inside_a_flush() {
    let report = run(TortureOptions::new(World::Ledger, 8, 1)).await;
    assert!(report.holds(), "{:#?}", report.failures());
    let findings = report.findings.as_ref().expect("the checker has looked");
    assert!(findings.accepted > 64, "only {} actions were accepted", findings.accepted);
}

/// The test of the test above: a server that tells before it is durable is caught by it.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_gate_the_same_kills_lose_what_was_acknowledged() {
    let options = TortureOptions {
        binary: "ledger-without-gate".to_owned(),
        windows: Windows::BeforeForward,
        ..TortureOptions::new(World::Ledger, 3, 2)
    };
    let report = run(options).await;
    assert!(!report.holds());
    let findings = report.findings.as_ref().expect("the checker has looked");
    assert!(findings.lost > 0, "{:#?}", report.failures());
}
