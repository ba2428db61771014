//! Many clients, and rude ones: short runs of what `swarm storm`, `swarm frames` and `swarm deaf` do at length. Nothing is
//! said here of how long anything took; the commands do that, on a machine that does nothing else.

use holdfast_swarm::deaf::{self, DeafOptions};
use holdfast_swarm::frames::{self, FramesOptions, Kind};
use holdfast_swarm::storm::{self, Comeback, StormOptions, StormReport};
use holdfast_swarm::world::World;

async fn storm(comeback: Comeback, sessions: usize) -> StormReport {
    let options = StormOptions { world: World::Ledger, sessions, comeback, seed: 1 };
    storm::run(&options, |_| {}).await.expect("the crowd gets in, and the server stays")
}

fn nothing_was_lost(report: &StormReport) {
    assert_eq!(report.back_count, report.sessions, "{report}");
    assert_eq!((report.ended_count, report.divergence_count), (0, 0), "{report}");
    assert_eq!(report.findings.failures(true), Vec::<String>::new(), "{report}");
    assert!(report.findings.accepted > 0 && report.stuck_bots == 0, "{report}");
    // Who is gone for good hears of no answer.
    assert!(report.findings.open == 0 || report.comeback == Comeback::Cold, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_comes_back_from_a_storm_with_a_delta() {
    let report = storm(Comeback::Resumed, 60).await;
    nothing_was_lost(&report);
    assert_eq!(report.resyncs.get("delta"), Some(&60), "{report}");
    assert!(report.ticks.is_some_and(|ticks| ticks.due >= 20), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_killed_gives_everybody_back_what_it_had() {
    let report = storm(Comeback::Restarted, 30).await;
    nothing_was_lost(&report);
    assert_eq!(report.resyncs.get("delta"), Some(&30), "{report}");
    assert_eq!(report.ticks, None, "the server was away");
}

#[tokio::test(flavor = "multi_thread")]
async fn fresh_clients_in_place_of_those_that_are_gone_get_a_snapshot() {
    let report = storm(Comeback::Cold, 30).await;
    nothing_was_lost(&report);
    assert_eq!(report.resyncs.get("snapshot_fresh"), Some(&30), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_must_have_no_effect_have_none_and_get_the_right_answer() {
    let report = frames::run(&FramesOptions::new(5_000, 4, 1), |_| {}).await.expect("the server stays");
    assert!(report.tally.tampered_count() >= 5_000, "{report}");
    assert_eq!((report.tally.wrong_count(), report.tally.lost), (0, 0), "{report}");
    for kind in [Kind::Gap, Kind::Reordered, Kind::OtherNonce, Kind::Expired, Kind::Foreign, Kind::Changed] {
        assert!(report.tally.of(kind).sent > 0, "{report}");
    }
    let wishes = report.tally.of(Kind::Resync);
    assert_eq!(wishes.answers.get("a snapshot"), Some(&wishes.sent), "{report}");
    assert_eq!(report.findings.failures(true), Vec::<String>::new(), "{report}");
    assert_eq!((report.findings.open, report.stuck_bots), (0, 0), "{report}");
    assert!(!report.server_ended && report.divergence_count == 0, "{report}");
}

/// The test of the test above.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_what_comes_too_early_is_caught_by_reordered_frames() {
    let options = FramesOptions {
        binary: "ledger-sabotaged".to_owned(),
        environment: vec![("HOLDFAST_SABOTAGE".to_owned(), "S14".to_owned())],
        ..FramesOptions::new(500, 2, 1)
    };
    let report = frames::run(&options, |_| {}).await.expect("the server stays");
    assert!(report.tally.of(Kind::Gap).wrong > 0, "{report}");
    assert!(!report.findings.hold(), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_reading_is_blocked_alone_and_gets_to_the_present_by_one_delta() {
    let report = deaf::run(&DeafOptions { sessions: 24, seed: 1 }, |_| {}).await.expect("the server stays");
    assert_eq!((report.short.len(), report.long.len()), (6, 6), "{report}");
    for heard in report.short.iter().chain(&report.long) {
        assert!(heard.is_current && heard.coalesced_frames == 1, "{heard:?}\n{report}");
        assert_eq!(heard.divergence_count, 0, "{heard:?}");
    }
    assert!(report.short.iter().all(|heard| !heard.was_cut), "{report}");
    assert!(report.long.iter().all(|heard| heard.was_cut), "{report}");
    assert!(report.during_ms.count > 0 && report.cutting_ms.count > 0, "{report}");
    assert_eq!((report.unanswered_count, report.reconnect_count), (0, 0), "{report}");
}
