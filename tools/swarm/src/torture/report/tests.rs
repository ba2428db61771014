use super::*;
use crate::torture::Fault;
use holdfast_checker::{Beginning, FinalState, check};

fn finished(world: World, faults: Vec<Fault>) -> TortureReport {
    let mut report = TortureReport::new(&TortureOptions { faults, ..TortureOptions::new(world, 1, 1) });
    let history = History::default();
    let mut findings = check(&history, &Beginning::default(), &FinalState::default());
    findings.accepted = 1;
    report.finish(&history, findings, Duration::from_secs(1));
    report
}

fn recovery(ready_ms: u64, playing_ms: u64) -> Recovery {
    let [ready, playing] = [ready_ms, playing_ms].map(Duration::from_millis);
    Recovery { ready: Some(ready), answered: playing, playing }
}

#[test]
fn a_run_that_looked_at_nothing_fails() {
    let report = TortureReport::new(&TortureOptions::new(World::Ledger, 1, 1));
    assert_eq!(report.failures(), ["The run was not finished."]);
    let report = finished(World::Ledger, vec![Fault::Window]);
    assert_eq!(report.failures().len(), 15, "{:#?}", report.failures());
    assert!(!report.holds());
    let mut village = finished(World::Village, vec![Fault::Window]);
    assert!(village.to_string().contains("not looked at in this run, and so not proved: I1"), "{village}");
    village.findings.as_mut().expect("it is finished").accepted = 0;
    assert_eq!(village.failures(), ["Nothing was accepted."]);
}

#[test]
fn a_run_in_which_servers_died_and_nobody_came_back_fails() {
    let mut report = finished(World::Village, vec![Fault::KillServer]);
    report.struck(Strike::KillServer, recovery(1, 2), 0);
    assert_eq!(report.failures(), ["After 1 deaths nobody was seen to come back in time."]);
    let invariants = &mut report.findings.as_mut().expect("it is finished").invariants;
    let resumed = invariants.iter_mut().find(|finding| finding.invariant.contains("goes on where it was"));
    resumed.expect("it is one of them").looked_at = 1;
    assert!(report.holds(), "{:?}", report.failures());
}

#[test]
fn a_server_that_grows_beyond_its_bound_or_is_not_looked_at_fails_the_run() {
    const MIB: u64 = 1024 * 1024;
    let mut report = finished(World::Village, vec![Fault::PostgresSleep]);
    assert!(report.holds(), "PostgreSQL did not hang");
    report.struck(Strike::PostgresSleep, recovery(1, 2), 0);
    report.saw_memory(Memory::default());
    assert_eq!(report.failures(), ["Nobody saw the server's memory while PostgreSQL hung."]);
    let most = MIB + report.growth_bytes_max;
    assert!((64 * MIB..128 * MIB).contains(&most), "{most}");
    report.saw_memory(Memory { before_bytes: MIB, peak_bytes: most });
    assert!(report.holds(), "{:?}", report.failures());
    report.saw_memory(Memory { before_bytes: MIB, peak_bytes: most + 1 });
    let failures = report.failures();
    assert!(failures.len() == 1 && failures[0].contains("memory grew"), "{failures:?}");
}

#[test]
fn a_bot_that_was_left_behind_fails_the_run() {
    let mut report = finished(World::Village, vec![Fault::Window]);
    assert!(report.holds());
    report.stuck_bots = 1;
    assert_eq!(report.failures(), ["1 bots are without an answer."]);
}

#[test]
fn an_owner_that_is_heard_of_after_it_lost_the_world_fails_the_run() {
    let mut report = finished(World::Village, vec![Fault::StopOwner]);
    assert!(report.holds(), "it did not strike");
    for _ in 0..2 {
        report.struck(Strike::StopOwner, recovery(1, 2), 0);
    }
    for (ownerships, failure) in [
        (Ownerships { late_writes: 2, listened: 2, ..Ownerships::default() }, "2 writes of an owner"),
        (Ownerships { late_frames: 1, listened: 2, ..Ownerships::default() }, "1 frames of an owner"),
        (Ownerships { listened: 1, ..Ownerships::default() }, "Of 2 owners"),
    ] {
        report.ownerships = ownerships;
        let failures = report.failures();
        assert!(failures.len() == 1 && failures[0].starts_with(failure), "{failures:?}");
    }
    report.ownerships = Ownerships { listened: 2, ..Ownerships::default() };
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
