//! Server and database killed together inside a flush, again and again: whatever anybody was told is still true.
//!
//! A proxy holds each flush for half a second, before PostgreSQL gets it or before the server hears that it is
//! committed; inside that window both are killed with -9 and started again. Bots go on by themselves. Then the checker
//! compares their histories with the tables.

use holdfast_swarm::torture::{self, TortureOptions, TortureReport, Windows};
use holdfast_swarm::world::World;

/// The variables that turn a defect on, and that say where points at which the server dies are armed.
const SABOTAGE: [&[u8]; 2] = [b"HOLDFAST_SABOTAGE", b"HOLDFAST_FAILPOINT"];

async fn run(options: TortureOptions) -> TortureReport {
    torture::run(&options, |_| {}).await.expect("the world comes back from each fault")
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_where_server_and_store_die_inside_a_flush() {
    let report = run(TortureOptions::new(World::Ledger, 4, 1)).await;
    assert!(report.holds(), "{:#?}", report.failures());
    assert_eq!(report.struck_count(), 8, "four in each window");
    let findings = report.findings.as_ref().expect("the checker has looked");
    assert!(findings.accepted > 64, "only {} actions were accepted", findings.accepted);
}

/// The tests of the test above: a server that breaks one promise is caught by it.
async fn run_sabotaged(sabotage: &str, seed: u64) -> TortureReport {
    let options = TortureOptions {
        binary: "ledger-sabotaged".to_owned(),
        environment: vec![("HOLDFAST_SABOTAGE".to_owned(), sabotage.to_owned())],
        windows: Windows::BeforeForward,
        ..TortureOptions::new(World::Ledger, 3, seed)
    };
    run(options).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_acknowledges_before_the_commit_loses_what_it_acknowledged() {
    let report = run_sabotaged("S1", 2).await;
    assert!(!report.holds());
    let findings = report.findings.as_ref().expect("the checker has looked");
    assert!(findings.lost > 0, "{:#?}", report.failures());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_shows_before_the_commit_shows_what_is_not_true() {
    let report = run_sabotaged("S2", 3).await;
    let findings = report.findings.as_ref().expect("the checker has looked");
    let broken = findings.broken();
    assert!(broken.contains(&"I5"), "{:#?}", report.failures());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_wait_for_the_disk_loses_what_it_acknowledged() {
    let report = run_sabotaged("S7", 4).await;
    let findings = report.findings.as_ref().expect("the checker has looked");
    assert!(findings.lost > 0, "{:#?}", report.failures());
}

/// What is shipped cannot be told to break anything.
#[test]
fn no_binary_but_the_sabotaged_one_knows_of_sabotage() {
    let holds = |binary: &str| {
        let path = holdfast_devstack::server::binary::binary(binary).expect("verify builds it first");
        let bytes = std::fs::read(path).expect("it can be read");
        SABOTAGE.map(|name| bytes.windows(name.len()).any(|window| window == name))
    };
    assert_eq!(holds("ledger-sabotaged"), [true, true], "or this test could not fail");
    assert_eq!(holds("ledger"), [false, false]);
    assert_eq!(holds("village"), [false, false]);
}

#[test]
fn a_defect_that_does_not_exist_is_refused_and_one_that_does_is_said_aloud() {
    let run = |sabotage: &str| {
        let path =
            holdfast_devstack::server::binary::binary("ledger-sabotaged").expect("verify builds it first");
        let output =
            std::process::Command::new(path).arg("build-id").env("HOLDFAST_SABOTAGE", sabotage).output();
        let output = output.expect("it can be started");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run("S6");
    assert!(code == Some(1) && said.contains("S13:welcome"), "{code:?}: {said}");
    let (code, said) = run("S2");
    assert!(code == Some(0) && said.contains("WARNING") && said.contains("S2"), "{code:?}: {said}");
}
