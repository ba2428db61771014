use super::*;
use crate::torture::Fault;
use holdfast_checker::{Beginning, FinalState, check};

fn finished(world: World, faults: Vec<Fault>) -> TortureReport {
    let mut report = TortureReport::new(&TortureOptions { faults, ..TortureOptions::new(world, 1, 1) });
    let history = History::default();
    let findings = check(&history, &Beginning::default(), &FinalState::default());
    report.finish(&history, findings, Duration::from_secs(1));
    report
}

fn recovery(ready_ms: u64, playing_ms: u64) -> Recovery {
    Recovery { ready: Some(Duration::from_millis(ready_ms)), playing: Duration::from_millis(playing_ms) }
}

#[test]
fn a_run_that_looked_at_nothing_fails() {
    let report = TortureReport::new(&TortureOptions::new(World::Ledger, 1, 1));
    assert_eq!(report.failures(), ["The run was not finished."]);
    let report = finished(World::Ledger, vec![Fault::Window]);
    assert_eq!(report.failures().len(), 15, "{:#?}", report.failures());
    assert!(!report.holds());
}

#[test]
fn a_bot_that_was_left_behind_fails_the_run() {
    let mut report = finished(World::Village, vec![Fault::Window]);
    assert!(report.holds());
    report.stuck_bots = 1;
    assert_eq!(report.failures(), ["1 bots are without an answer."]);
}

#[test]
fn actions_that_are_never_answered_fail_the_run_when_they_are_more_than_one_in_a_thousand() {
    let mut report = finished(World::Village, vec![Fault::Window]);
    for (open, holds) in [(1, true), (2, false)] {
        let findings = report.findings.as_mut().expect("it is finished");
        (findings.accepted, findings.rejected, findings.open) = (900, 1_000 - 900 - open, open);
        assert_eq!(report.holds(), holds, "{:?}", report.failures());
    }
}

#[test]
fn an_owner_that_is_heard_of_after_it_lost_the_world_fails_the_run() {
    let mut report = finished(World::Village, vec![Fault::StopOwner]);
    assert!(report.holds(), "it did not strike");
    report.struck(Strike::StopOwner, recovery(1, 2), 0);
    for (ownerships, failure) in [
        (Ownerships { late_writes: 2, listened: 1, ..Ownerships::default() }, "2 writes of an owner"),
        (Ownerships { late_frames: 1, listened: 1, ..Ownerships::default() }, "1 frames of an owner"),
        (Ownerships::default(), "Nobody listened"),
    ] {
        report.ownerships = ownerships;
        let failures = report.failures();
        assert!(failures.len() == 1 && failures[0].starts_with(failure), "{failures:?}");
    }
    report.ownerships = Ownerships { listened: 1, ..Ownerships::default() };
    assert!(report.holds());
}

#[test]
fn times_are_judged_over_all_kills_of_servers_and_nothing_else() {
    let mut report = finished(World::Village, vec![Fault::KillServer, Fault::PostgresSleep]);
    assert_eq!(report.late_recoveries().len(), 2, "nothing was killed");
    report.struck(Strike::PostgresSleep, recovery(9_000, 9_000), 0);
    for _ in 0..19 {
        report.struck(Strike::KillServer, recovery(1_000, 2_000), 0);
    }
    report.struck(Strike::KillServer, recovery(9_000, 9_000), 0);
    assert_eq!(report.late_recoveries(), Vec::<String>::new(), "one in twenty may be late");
    report.struck(Strike::KillServer, recovery(9_000, 4_000), 0);
    let late = report.late_recoveries();
    assert!(late.len() == 1 && late[0].contains("a server was ready within 9.00s"), "{late:?}");
    assert_eq!((report.struck_count(), report.count_of(Strike::KillServer)), (22, 21));
}

#[test]
fn the_table_and_the_json_name_each_kind_of_strike_that_came() {
    let mut report = finished(World::Ledger, vec![Fault::KillServer, Fault::CutSockets]);
    report.struck(Strike::KillServer, recovery(900, 1_800), 0);
    let table = report.to_string();
    assert!(table.contains("kill-server") && !table.contains("cut-sockets"), "{table}");
    assert!(table.ends_with("BROKEN.\n"), "nothing was looked at: {table}");
    let json = report.to_json();
    assert_eq!(json["faults"]["kill-server"]["count"], 1);
    assert_eq!(json["faults"]["kill-server"]["ready_ms"]["p95"], 900);
    assert_eq!(json["holds"], false);
}
