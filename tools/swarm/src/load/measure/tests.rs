use holdfast_protocol::{Code, Nonce, Seq, Verdict};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::super::schedule::LAST_ANSWERS_WAIT;
use super::*;

const ANN: EntityId = EntityId(1);

fn verdict(seq: u64, code: Code) -> Verdict {
    Verdict { action: ActionName { seq: Seq(seq), nonce: Nonce(1) }, code, detail: [0; 4] }
}

fn sent(due: Instant, at: Instant) -> Sent {
    Sent { pacing: Pacing::Open, verb: "move", mark: None, due, at }
}

/// How long the load lasts.
const LASTS: Duration = Duration::from_secs(10);

/// All that is due from now on counts.
fn measure() -> (Measure, Instant) {
    let (measure, now) = (Measure::new(), Instant::now());
    measure.count_within(Span { start: now, from: now, end: now + LASTS });
    (measure, now)
}

fn is_about(milliseconds: f64, expected: f64) -> bool {
    (milliseconds - expected).abs() < 1.0
}

#[test]
fn latency_counts_from_the_intended_time_and_service_from_the_actual_one() {
    let (measure, due) = measure();
    let late = due + Duration::from_millis(300);
    let verdict = verdict(1, Code::ACCEPTED);
    measure.sent(ANN, verdict.action, sent(due, late));
    measure.notes().answered(ANN, &verdict, late + Duration::from_millis(100));
    let notes = measure.notes();
    assert!(is_about(notes.figures.latency.percentiles().max, 400.0));
    assert!(is_about(notes.figures.service.percentiles().max, 100.0));
    assert_eq!((notes.figures.accepted, notes.open.len()), (1, 0));
}

#[test]
fn a_verdict_that_overtakes_its_own_notice_counts_once() {
    let (measure, now) = measure();
    let verdict = verdict(1, Code::ACCEPTED);
    measure.notes().answered(ANN, &verdict, now);
    assert_eq!(measure.notes().figures.accepted, 0);
    measure.sent(ANN, verdict.action, sent(now, now));
    let notes = measure.notes();
    assert_eq!((notes.figures.accepted, notes.open.len()), (1, 0));
}

#[test]
fn what_was_rejected_is_not_waited_for() {
    let (measure, now) = measure();
    let mark = Mark::At(ANN, 3, 4);
    measure.expect(Pacing::Open, Some(mark), now, Duration::ZERO);
    let verdict = verdict(1, Code(257));
    measure.sent(ANN, verdict.action, Sent { mark: Some(mark), ..sent(now, now) });
    measure.notes().answered(ANN, &verdict, now);
    measure.notes().noticed(&[mark], now + Duration::from_secs(9));
    assert_eq!(measure.notes().figures.propagation.count(), 0);
}

#[test]
fn what_was_due_while_warming_up_counts_nowhere() {
    let (measure, from) = measure();
    let due = from - Duration::from_millis(1);
    let mark = Mark::At(ANN, 3, 4);
    measure.expect(Pacing::Open, Some(mark), due, Duration::ZERO);
    for seq in 1..=2 {
        measure.sent(ANN, verdict(seq, Code::ACCEPTED).action, Sent { mark: Some(mark), ..sent(due, from) });
    }
    measure.notes().answered(ANN, &verdict(1, Code::ACCEPTED), from);
    measure.notes().noticed(&[mark], from);
    measure.unsent(Pacing::Open, due);
    let figures = measure.notes().close();
    assert_eq!((figures.sent, figures.accepted, figures.unsent, figures.open), (0, 0, 0, 0));
    assert_eq!((figures.latency.count(), figures.lateness.count(), figures.propagation.count()), (0, 0, 0));
    assert!(figures.verbs.is_empty());
}

#[test]
fn a_closed_loop_is_counted_apart() {
    let (measure, now) = measure();
    let verdict = verdict(1, Code::ACCEPTED);
    measure.sent(ANN, verdict.action, Sent { pacing: Pacing::Closed, ..sent(now, now) });
    measure.notes().answered(ANN, &verdict, now + Duration::from_millis(7));
    let notes = measure.notes();
    let figures = &notes.figures;
    assert_eq!((figures.sent, figures.accepted, figures.latency.count()), (0, 0, 0));
    assert!(is_about(figures.closed_loop.percentiles().max, 7.0));
    assert!(is_about(figures.service_within.percentiles().max, 7.0), "the server counts it like any other");
}

#[test]
fn an_answer_belongs_to_the_second_in_which_it_came() {
    let (measure, from) = measure();
    let (warm, late) = (from - Duration::from_millis(9), from + LASTS - Duration::from_millis(1));
    for (seq, due, at) in [(1, warm, from), (2, late, late), (3, late, from + LASTS)] {
        let verdict = verdict(seq, Code::ACCEPTED);
        measure.sent(ANN, verdict.action, sent(due, due));
        measure.notes().answered(ANN, &verdict, at);
    }
    let notes = measure.notes();
    assert_eq!(notes.figures.answers_within, 2, "one was due before, one answered after");
    assert_eq!(notes.figures.service_within.count(), 2);
    assert_eq!(notes.figures.accepted, 2, "shares are of what was due");
}

#[test]
fn what_has_no_answer_counts_for_as_long_as_it_was_waited_for() {
    let (measure, from) = measure();
    let span = measure.notes().span.unwrap();
    let schedule = Schedule::new(span, 0.4, Pacing::Open, &mut StdRng::seed_from_u64(1));
    measure.intends(&schedule, span);
    // One stays open, one is given up, one is not handed over, and to the last its bot does not even come.
    measure.sent(ANN, verdict(1, Code::ACCEPTED).action, sent(from, from));
    measure.sent(ANN, verdict(2, Code::ACCEPTED).action, sent(from, from));
    measure.notes().gave_up(ANN, verdict(2, Code::ACCEPTED).action);
    measure.unsent(Pacing::Open, from);
    assert!(!measure.notes().is_complete());
    let figures = measure.notes().close();
    assert_eq!((figures.intended, figures.open, figures.given_up, figures.unsent), (4, 1, 1, 2));
    let latency = figures.latency.percentiles();
    assert_eq!(latency.count, figures.intended);
    assert!((latency.max - 15_000.0).abs() < 20.0, "{latency:?}");
    assert!(latency.p50 >= LAST_ANSWERS_WAIT.as_secs_f64() * 1_000.0);
}

#[test]
fn who_wants_the_same_again_does_not_make_the_first_time_later() {
    let (measure, first) = measure();
    let (mark, second) = (Mark::At(ANN, 3, 4), first + Duration::from_millis(500));
    for (seq, due) in [(1, first), (2, second)] {
        measure.expect(Pacing::Open, Some(mark), due, Duration::ZERO);
        let name = verdict(seq, Code::ACCEPTED).action;
        measure.sent(ANN, name, Sent { mark: Some(mark), ..sent(due, due) });
    }
    let longest = |at| {
        measure.notes().noticed(&[mark], at);
        std::mem::take(&mut measure.notes().figures.propagation).percentiles().max
    };
    assert!(is_about(longest(first + Duration::from_millis(900)), 900.0));
    measure.notes().answered(ANN, &verdict(1, Code::ACCEPTED), second);
    let third = first + Duration::from_millis(2_000);
    measure.expect(Pacing::Open, Some(mark), third, Duration::ZERO);
    measure.notes().answered(ANN, &verdict(2, Code(257)), third);
    assert!(is_about(longest(third + Duration::from_millis(70)), 70.0), "what was answered is over");
}
