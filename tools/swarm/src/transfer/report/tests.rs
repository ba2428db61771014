use std::time::Duration;

use super::*;
use ratio::Other;

const OURS: Contender = Contender::Ours { tick_hz: 20, pipeline: 40 };
const TRANSACTION: Contender = Contender::Rival { rival: Rival::Transaction, pool: 8 };
const PROCEDURE: Contender = Contender::Rival { rival: Rival::Procedure, pool: 16 };
const PGBENCH: Contender = Contender::Rival { rival: Rival::Pgbench, pool: 32 };
const BATCHING: Contender = Contender::Batching { pipeline: 40 };

/// A report with these transfers a second, round by round.
fn report(measured: &[(Contender, [f64; 3])]) -> TransferReport {
    let mut report = TransferReport::new(&TransferOptions {
        clients: 64,
        pipeline: 40,
        span: Duration::from_secs(10),
        shapes: vec![Shape::Uniform],
        purses: 100,
        tick_rates: vec![20],
        repeats: 3,
        with_baselines: true,
        seed: 1,
    });
    for repeat in 0..3 {
        for (contender, per_s) in measured {
            let latency_ms =
                Some(Percentiles { count: 1, mean: 40.0, p50: 50.0, p95: 60.0, p99: 70.0, max: 80.0 });
            let figures = Figures {
                per_s: per_s[repeat],
                latency_ms,
                ticks: Some(Ticks::default()),
                ..Figures::default()
            };
            let (shape, contender) = (Shape::Uniform, *contender);
            report.measurements.push(Measurement { repeat, shape, contender, figures });
        }
    }
    report
}

#[test]
fn ratios_are_formed_within_a_round_and_to_the_better_of_two() {
    let report = report(&[
        (OURS, [4_000.0, 3_000.0, 6_000.0]),
        (TRANSACTION, [500.0, 1_000.0, 100.0]),
        (PROCEDURE, [1_000.0, 500.0, 1_000.0]),
        (PGBENCH, [9_000.0, 9_000.0, 9_000.0]),
        (BATCHING, [2_000.0, 3_000.0, 3_000.0]),
    ]);
    let ratios = report.ratios();
    let of = |wanted| {
        let ratio = ratios.iter().find(|ratio| ratio.over == wanted).unwrap();
        (ratio.median, ratio.min, ratio.max)
    };
    assert_eq!(of(Other::OneByOne), (4.0, 3.0, 6.0));
    assert_eq!(of(Other::Batching), (2.0, 1.0, 2.0));
    assert_eq!(ratios.len(), 2);
}

#[test]
fn a_pool_that_is_much_slower_than_pgbench_is_not_reported() {
    let of = |procedure| report(&[(PROCEDURE, procedure), (PGBENCH, [1_000.0, 2_000.0, 500.0])]);
    assert_eq!(of([800.0, 1_600.0, 1.0]).refusal(), None, "it is the round in the middle that decides");
    assert!(of([799.0, 1_598.0, 500.0]).refusal().is_some_and(|reason| reason.ends_with('.')));
    assert_eq!(report(&[(OURS, [1.0; 3])]).refusal(), None, "there is nothing to be compared");
}

#[test]
fn the_best_pool_is_that_of_the_fastest_trials_together() {
    let mut report = report(&[]);
    for (pool, per_s) in [(8, 350.0), (16, 300.0), (32, 10.0), (32, 200.0), (16, 200.0), (8, 100.0)] {
        let contender = Contender::Rival { rival: Rival::Procedure, pool };
        let figures = Figures { per_s, ..Figures::default() };
        report.tried(Measurement { repeat: 0, shape: Shape::Uniform, contender, figures }, |_| {});
    }
    assert_eq!(report.best_pool(Shape::Uniform, Rival::Procedure), Some(16));
    assert_eq!(report.best_pool(Shape::Uniform, Rival::Transaction), None);
    assert_eq!(report.best_pool(Shape::Zipf(1.5), Rival::Procedure), None);
}

#[test]
fn the_table_has_the_median_the_range_and_the_closed_loops_bound() {
    let text = report(&[(OURS, [4_000.0, 3_000.0, 6_000.0]), (BATCHING, [1.0; 3])]).to_string();
    for part in ["4000", "3000 .. 6000"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(text.matches("2560 ÷ 40.0 ms (mean) = 64000 a second").count(), 2, "{text}");
}

#[test]
fn what_was_refused_is_a_failure() {
    let mut report = report(&[(OURS, [1.0; 3])]);
    assert_eq!(report.failures(), Vec::<String>::new());
    report.measurements[1].figures.rejected = 2;
    assert_eq!(report.failures().len(), 1);
    let mut tried = self::report(&[(OURS, [1.0; 3])]);
    let figures = Figures { per_s: 1.0, rejected: 1, ..Figures::default() };
    tried.tried(Measurement { repeat: 0, shape: Shape::Uniform, contender: OURS, figures }, |_| {});
    assert_eq!(tried.failures().len(), 1, "in a trial as well");
}
