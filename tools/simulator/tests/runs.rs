//! What the simulator promises of itself: the same plan is the same run, and what fails is cut down.

use std::sync::Once;

use holdfast_simulator::campaign::Campaign;
use holdfast_simulator::fault::{Fault, Harm};
use holdfast_simulator::run::hush_panics;
use holdfast_simulator::{Options, Plan, Stage};

/// Ticks are made to panic on purpose, and nobody wants to read that.
fn hush() {
    static HUSHED: Once = Once::new();
    HUSHED.call_once(hush_panics);
}

const WITH_LINES: Options = Options { with_lines: true, with_witness: true };

#[test]
fn the_same_seed_is_the_same_run_to_the_byte() {
    hush();
    let (stage, another) = (Stage::new(), Stage::new());
    for seed in 0..12 {
        let plan = Plan::of_seed(seed);
        let (first, second) = (stage.run(&plan, WITH_LINES), another.run(&plan, WITH_LINES));
        assert_eq!(first.trace.lines(), second.trace.lines(), "seed {seed}");
        assert_eq!(first.trace.hash(), second.trace.hash());
        assert!(first.trace.count() > 100, "something happens");
        let without_lines = stage.run(&plan, Options { with_lines: false, ..WITH_LINES });
        assert_eq!(without_lines.trace.hash(), first.trace.hash(), "whether anybody reads it or not");
    }
}

#[test]
fn another_seed_is_another_run() {
    hush();
    let stage = Stage::new();
    let hash = |seed| stage.run(&Plan::of_seed(seed), Options::default()).trace.hash();
    assert_ne!(hash(1), hash(2));
}

#[test]
fn a_run_has_ticks_clients_faults_and_a_death() {
    hush();
    let stage = Stage::new();
    for seed in 0..20 {
        let plan = Plan::of_seed(seed);
        let outcome = stage.run(&plan, Options::default());
        assert_eq!(outcome.failure, None, "seed {seed}");
        assert!(plan.clients >= 4 && outcome.figures.ticks >= 60);
        assert!(outcome.figures.accepted > 0);
    }
}

#[test]
fn many_seeds_hold() {
    hush();
    let campaign = Campaign { from: 100, seeds: 100, threads: 2, options: Options::default() };
    let report = campaign.run(&Stage::new(), &|| true, |_| {});
    assert_eq!(report.failure, None);
    assert_eq!(report.runs, 100);
    assert!(report.figures.crashes >= 50 && report.figures.faults >= 500, "{:?}", report.figures);
}

#[test]
fn a_plan_that_was_read_back_is_the_same_run() {
    hush();
    let stage = Stage::new();
    let plan = Plan::of_seed(5);
    let read: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    let hash = |plan| stage.run(plan, Options::default()).trace.hash();
    assert_eq!(hash(&plan), hash(&read));
}

#[test]
fn a_plan_may_name_clients_that_are_not_there() {
    hush();
    let mut plan = Plan::of_seed(6);
    plan.clients = 1;
    plan.faults.push(Fault { after_ms: 1, at: None, harm: Harm::Reopen { client: 200 } });
    assert_eq!(Stage::new().run(&plan, Options::default()).failure, None);
}
