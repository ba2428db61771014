//! The writer, stepped by hand.

use super::*;
use crate::persistence::durable::{Cell, Row};
use crate::persistence::journal::{Input, InputKind};
use crate::persistence::rows::{CharacterRow, ComponentRow, EntityRow};
use holdfast_protocol::{
    ActionName, Blob, Code, EntityId, Epoch, EpochTag, Nonce, Seq, SessionEpoch, WorldId,
};

/// A writer at tick 10, its effects, and a clock that stands still unless it is moved.
struct Bench {
    writer: Writer,
    now: Moment,
    tick: u64,
    /// What operators were told so far; it is not among the effects that are handed out.
    measured: Vec<FlushMeasurement>,
}

impl Bench {
    fn new() -> Self {
        let now = Moment(Duration::from_secs(100));
        let config = WriterConfig {
            world: WorldId(1),
            epoch: Epoch(7),
            tag: EpochTag(70),
            tick: Tick(10),
            table_count: 1,
            seed: 3,
        };
        Self { writer: Writer::new(config, now), now, tick: 10, measured: Vec::new() }
    }

    fn step(&mut self, event: WriterEvent) -> Vec<WriterEffect> {
        let mut effects = Vec::new();
        self.writer.step(self.now, event, &mut effects);
        let measured = |effect: &mut WriterEffect| matches!(effect, WriterEffect::Measured(_));
        for effect in effects.extract_if(.., measured) {
            if let WriterEffect::Measured(measurement) = effect {
                self.measured.push(measurement);
            }
        }
        effects
    }

    fn wait(&mut self, ms: u64) -> Vec<WriterEffect> {
        self.now = self.now + Duration::from_millis(ms);
        self.step(WriterEvent::Clock)
    }

    /// A tick that sets entity 2's component to its own number.
    fn busy_tick(&mut self) -> Vec<WriterEffect> {
        self.tick += 1;
        let mut rows = TickRows::new(1);
        let row = Row(vec![Cell::BigInt(self.tick.cast_signed())]);
        rows.components[0].insert(EntityId(2), Some(ComponentRow { tick: Tick(self.tick), row }));
        self.step(WriterEvent::Ticked { tick: Tick(self.tick), rows })
    }

    fn idle_tick(&mut self) -> Vec<WriterEffect> {
        self.tick += 1;
        self.step(WriterEvent::Ticked { tick: Tick(self.tick), rows: TickRows::new(1) })
    }

    fn reply(&mut self, reply: StoreReply) -> Vec<WriterEffect> {
        self.step(WriterEvent::Reply(reply))
    }

    fn fail(&mut self, class: StoreErrorClass) -> Vec<WriterEffect> {
        self.reply(StoreReply::FlushFailed(error(class)))
    }

    fn found(&mut self, epoch: u64, tag: u64, tick: u64) -> Vec<WriterEffect> {
        let mark = WorldMark { epoch: Epoch(epoch), tag: EpochTag(tag), tick: Tick(tick) };
        self.reply(StoreReply::Reconnected(mark))
    }
}

fn error(class: StoreErrorClass) -> StoreError {
    StoreError::new(class, "", "test")
}

fn flush(effects: &[WriterEffect]) -> Arc<Batch> {
    let batches: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            WriterEffect::Request(StoreRequest::Flush(batch)) => Some(Arc::clone(batch)),
            _ => None,
        })
        .collect();
    assert_eq!(batches.len(), 1, "one flush in {effects:?}");
    Arc::clone(&batches[0])
}

fn durable(effects: &[WriterEffect]) -> Vec<u64> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            WriterEffect::Durable(tick) => Some(tick.0),
            _ => None,
        })
        .collect()
}

fn asks_to_reconnect(effects: &[WriterEffect]) -> bool {
    effects.iter().any(|effect| matches!(effect, WriterEffect::Request(StoreRequest::Reconnect)))
}

fn distrusts(effects: &[WriterEffect]) -> bool {
    effects.iter().any(|effect| matches!(effect, WriterEffect::Distrust))
}

fn stop(effects: &[WriterEffect]) -> Option<&StopReason> {
    effects.iter().find_map(|effect| match effect {
        WriterEffect::Stop(reason) => Some(reason),
        _ => None,
    })
}

#[test]
fn a_tick_is_durable_once_its_flush_has_committed() {
    let mut bench = Bench::new();
    let effects = bench.busy_tick();
    assert!(durable(&effects).is_empty());
    let batch = flush(&effects);
    assert_eq!((batch.from, batch.to, batch.rows.row_count()), (Tick(10), Tick(11), 1));
    let sent = bench.now;
    assert!(bench.wait(40).is_empty());
    let effects = bench.reply(StoreReply::Flushed);
    assert_eq!(durable(&effects), [11]);
    assert!(
        matches!(effects[0], WriterEffect::Trust(since) if since == sent),
        "trust counts from the sending"
    );
}

#[test]
fn ticks_that_run_meanwhile_make_one_batch() {
    let mut bench = Bench::new();
    flush(&bench.busy_tick());
    assert!(bench.busy_tick().is_empty());
    assert!(bench.busy_tick().is_empty());
    let effects = bench.reply(StoreReply::Flushed);
    assert_eq!(durable(&effects), [11], "not the ticks that have not been written");
    let batch = flush(&effects);
    assert_eq!((batch.from, batch.to), (Tick(11), Tick(13)));
    let row = batch.rows.components[0][&EntityId(2)].as_ref().unwrap();
    assert_eq!(row.tick, Tick(13), "the later value");
    assert_eq!(durable(&bench.reply(StoreReply::Flushed)), [13]);
}

#[test]
fn nothing_is_lost_where_a_batch_takes_all_kinds_of_rows() {
    let mut bench = Bench::new();
    flush(&bench.busy_tick());
    let mut rows = TickRows::new(1);
    rows.ids_reserved = Some(66);
    rows.entities.insert(EntityId(4), None);
    rows.entities
        .insert(EntityId(6), Some(EntityRow { tick: Tick(12), kind: 1, home: None, entered: Tick(12) }));
    rows.characters.insert(
        EntityId(1),
        CharacterRow { tick: Tick(12), last_seq: Seq(1), session_epoch: SessionEpoch(1), ring: vec![1] },
    );
    bench.tick += 1;
    bench.step(WriterEvent::Ticked { tick: Tick(12), rows: rows.clone() });
    assert_eq!(flush(&bench.reply(StoreReply::Flushed)).rows, rows);
}

#[test]
fn idle_tick_is_durable_without_a_write() {
    let mut bench = Bench::new();
    assert_eq!(durable(&bench.idle_tick()), [11]);
    assert_eq!(durable(&bench.idle_tick()), [12]);
    let batch = flush(&bench.busy_tick());
    assert_eq!(
        (batch.from, batch.to),
        (Tick(10), Tick(13)),
        "from is what was written, not what was durable"
    );
}

#[test]
fn idle_tick_waits_for_what_is_unanswered() {
    let mut bench = Bench::new();
    flush(&bench.busy_tick());
    assert!(bench.idle_tick().is_empty());
    let effects = bench.reply(StoreReply::Flushed);
    assert_eq!(durable(&effects), [12], "and is durable with it, without a write of its own");
    assert_eq!(effects.len(), 2);
}

#[test]
fn idle_tick_waits_where_trust_has_run_out() {
    let mut bench = Bench::new();
    bench.now = bench.now + TRUST;
    let effects = bench.idle_tick();
    assert!(durable(&effects).is_empty());
    assert!(flush(&effects).rows.is_empty(), "a beat goes out");
    assert_eq!(durable(&bench.reply(StoreReply::Flushed)), [11]);
}

#[test]
fn a_beat_goes_out_each_second() {
    let mut bench = Bench::new();
    assert!(bench.wait(999).is_empty());
    assert_eq!(bench.writer.wakes_at(), Some(bench.now + Duration::from_millis(1)));
    bench.idle_tick();
    let batch = flush(&bench.wait(1));
    assert_eq!((batch.from, batch.to, batch.rows.is_empty()), (Tick(10), Tick(11), true));
    let effects = bench.reply(StoreReply::Flushed);
    assert!(durable(&effects).is_empty(), "it was already");
    assert!(matches!(effects[..], [WriterEffect::Trust(_)]));
    assert!(bench.wait(999).is_empty());
    let batch = flush(&bench.wait(1));
    assert_eq!((batch.from, batch.to), (Tick(11), Tick(11)));
}

#[test]
fn a_late_success_is_not_announced() {
    let mut bench = Bench::new();
    flush(&bench.busy_tick());
    bench.now = bench.now + TRUST;
    let effects = bench.reply(StoreReply::Flushed);
    assert!(durable(&effects).is_empty());
    assert!(!effects.iter().any(|effect| matches!(effect, WriterEffect::Trust(_))));
    let beat = flush(&effects);
    assert_eq!((beat.from, beat.to, beat.rows.is_empty()), (Tick(11), Tick(11), true));
    assert_eq!(durable(&bench.reply(StoreReply::Flushed)), [11]);
}

#[test]
fn a_success_just_in_time_is_announced() {
    let mut bench = Bench::new();
    flush(&bench.busy_tick());
    bench.now = Moment(bench.now.0 + TRUST - Duration::from_nanos(1));
    assert_eq!(durable(&bench.reply(StoreReply::Flushed)), [11]);
}

#[test]
fn a_conflict_is_sent_again_soon_and_then_later() {
    let mut bench = Bench::new();
    let first = flush(&bench.busy_tick());
    for _ in 0..5 {
        assert!(bench.fail(StoreErrorClass::RetryNow).is_empty());
        assert!(bench.wait(4).is_empty(), "not before five milliseconds");
        assert!(Arc::ptr_eq(&flush(&bench.wait(46)), &first), "the same batch within fifty");
    }
    assert!(bench.fail(StoreErrorClass::RetryNow).is_empty());
    assert!(bench.wait(49).is_empty());
    assert!(Arc::ptr_eq(&flush(&bench.wait(51)), &first));
    assert_eq!(durable(&bench.reply(StoreReply::Flushed)), [11]);
}

#[test]
fn a_store_in_trouble_is_asked_less_and_less_and_never_given_up() {
    let mut bench = Bench::new();
    let first = flush(&bench.busy_tick());
    for _ in 0..50 {
        assert!(bench.fail(StoreErrorClass::RetryLater).is_empty());
        assert!(bench.wait(49).is_empty());
        assert!(Arc::ptr_eq(&flush(&bench.wait(1_951)), &first));
    }
    assert!(bench.fail(StoreErrorClass::RetryLater).is_empty());
    assert!(bench.wait(999).is_empty(), "the wait has grown");
    flush(&bench.wait(1_001));
    assert_eq!(durable(&bench.reply(StoreReply::Flushed)), [11]);
}

#[test]
fn a_retry_that_succeeds_counts_from_its_own_sending() {
    let mut bench = Bench::new();
    flush(&bench.busy_tick());
    bench.now = bench.now + TRUST;
    bench.fail(StoreErrorClass::RetryLater);
    flush(&bench.wait(2_000));
    assert_eq!(durable(&bench.reply(StoreReply::Flushed)), [11]);
}

#[test]
fn unknown_and_committed_opens() {
    let mut bench = Bench::new();
    flush(&bench.busy_tick());
    let effects = bench.fail(StoreErrorClass::Unknown);
    assert!(distrusts(&effects) && asks_to_reconnect(&effects));
    assert!(bench.busy_tick().is_empty());
    let effects = bench.found(7, 70, 11);
    assert!(durable(&effects).is_empty(), "the lease is not renewed yet");
    let next = flush(&effects);
    assert_eq!((next.from, next.to, next.rows.row_count()), (Tick(11), Tick(12), 1));
    let effects = bench.reply(StoreReply::Flushed);
    assert_eq!(durable(&effects), [12]);
    assert!(matches!(effects[0], WriterEffect::Trust(_)));
}

#[test]
fn an_unknown_beat_that_is_committed_is_followed_by_another_at_once() {
    let mut bench = Bench::new();
    flush(&bench.wait(1_000));
    assert!(asks_to_reconnect(&bench.fail(StoreErrorClass::Unknown)));
    let beat = flush(&bench.found(7, 70, 10));
    assert_eq!((beat.from, beat.to), (Tick(10), Tick(10)));
    assert!(matches!(bench.reply(StoreReply::Flushed)[..], [WriterEffect::Trust(_)]));
    assert_eq!(durable(&bench.idle_tick()), [11]);
}

#[test]
fn unknown_and_not_committed_resends_the_identical_batch() {
    let mut bench = Bench::new();
    let first = flush(&bench.busy_tick());
    assert!(distrusts(&bench.fail(StoreErrorClass::Unknown)));
    assert!(bench.busy_tick().is_empty(), "what runs meanwhile does not slip into it");
    let effects = bench.found(7, 70, 10);
    assert!(Arc::ptr_eq(&flush(&effects), &first));
    let effects = bench.reply(StoreReply::Flushed);
    assert_eq!(durable(&effects), [11]);
    assert_eq!(flush(&effects).to, Tick(12));
}

#[test]
fn nothing_is_durable_while_the_outcome_is_unknown() {
    let mut bench = Bench::new();
    flush(&bench.busy_tick());
    bench.fail(StoreErrorClass::Unknown);
    assert!(bench.idle_tick().is_empty());
    assert!(bench.wait(10_000).is_empty());
}

#[test]
fn another_epoch_or_tag_or_tick_is_fenced() {
    for (epoch, tag, tick) in [(8, 80, 12), (7, 71, 11), (7, 70, 9), (6, 70, 11)] {
        let mut bench = Bench::new();
        flush(&bench.busy_tick());
        bench.fail(StoreErrorClass::Unknown);
        let effects = bench.found(epoch, tag, tick);
        assert_eq!(stop(&effects), Some(&StopReason::Fenced(None)), "epoch {epoch}, tag {tag}, tick {tick}");
        assert!(distrusts(&effects) && durable(&effects).is_empty());
        assert!(bench.busy_tick().is_empty(), "it does nothing any more");
        assert!(bench.wait(10_000).is_empty());
        assert_eq!(bench.writer.wakes_at(), None);
    }
}

#[test]
fn a_failed_reconnect_is_tried_again() {
    for class in [StoreErrorClass::RetryNow, StoreErrorClass::RetryLater, StoreErrorClass::Unknown] {
        let mut bench = Bench::new();
        let first = flush(&bench.busy_tick());
        bench.fail(StoreErrorClass::Unknown);
        for _ in 0..20 {
            assert!(bench.reply(StoreReply::ReconnectFailed(error(class))).is_empty());
            assert!(bench.wait(49).is_empty());
            assert!(asks_to_reconnect(&bench.wait(1_951)));
        }
        assert!(Arc::ptr_eq(&flush(&bench.found(7, 70, 10)), &first));
    }
}

#[test]
fn what_cannot_be_mended_stops_the_writer() {
    use StoreErrorClass::{Fenced, Halt, Permanent};
    for class in [Fenced, Halt, Permanent] {
        let (at_flush, at_reconnect) = match class {
            Fenced => (StopReason::Fenced(Some(error(class))), StopReason::Fenced(Some(error(class)))),
            Permanent => (
                StopReason::Refused { error: error(class), actions: Vec::new() },
                StopReason::Halted(error(class)),
            ),
            _ => (StopReason::Halted(error(class)), StopReason::Halted(error(class))),
        };
        let mut bench = Bench::new();
        flush(&bench.busy_tick());
        assert_eq!(stop(&bench.fail(class)), Some(&at_flush));
        assert!(bench.wait(10_000).is_empty());

        let mut bench = Bench::new();
        flush(&bench.busy_tick());
        bench.fail(StoreErrorClass::Unknown);
        assert_eq!(stop(&bench.reply(StoreReply::ReconnectFailed(error(class)))), Some(&at_reconnect));
    }
}

#[test]
fn a_refused_batch_names_the_actions_that_took_effect_in_it_and_no_others() {
    let acted = |tick: u64, character: u64, code: Code| Input {
        tick: Tick(tick),
        character: EntityId(character),
        kind: InputKind::Acted { name: name(character), code, action: Blob(vec![1]), touched: Vec::new() },
    };
    let joined = Input {
        tick: Tick(12),
        character: EntityId(9),
        kind: InputKind::Joined { session_epoch: SessionEpoch(1), resumed: false },
    };
    let mut bench = Bench::new();
    flush(&bench.busy_tick());
    let inputs = [
        vec![acted(12, 1, Code::ACCEPTED), acted(12, 3, Code::of_verb(2, 1)), joined],
        vec![acted(13, 5, Code::ACCEPTED), acted(13, 7, Code::INTERNAL)],
    ];
    for inputs in inputs {
        bench.tick += 1;
        let rows = TickRows { inputs, ..TickRows::new(1) };
        assert!(bench.step(WriterEvent::Ticked { tick: Tick(bench.tick), rows }).is_empty());
    }
    flush(&bench.reply(StoreReply::Flushed));
    // This one waits in no batch yet, and is not to blame.
    bench.tick += 1;
    let rows = TickRows { inputs: vec![acted(14, 11, Code::ACCEPTED)], ..TickRows::new(1) };
    bench.step(WriterEvent::Ticked { tick: Tick(14), rows });
    let effects = bench.fail(StoreErrorClass::Permanent);
    let actions = vec![(EntityId(1), name(1)), (EntityId(5), name(5))];
    let refused = StopReason::Refused { error: error(StoreErrorClass::Permanent), actions };
    assert_eq!(stop(&effects), Some(&refused));
    assert!(distrusts(&effects) && durable(&effects).is_empty());
}

fn name(seq: u64) -> ActionName {
    ActionName { seq: Seq(seq), nonce: Nonce(1) }
}

#[test]
fn a_reply_to_nothing_says_nothing() {
    let mut bench = Bench::new();
    assert!(bench.reply(StoreReply::Flushed).is_empty());
    flush(&bench.busy_tick());
    assert!(bench.found(7, 70, 11).is_empty());
    assert_eq!(durable(&bench.reply(StoreReply::Flushed)), [11]);
}

#[test]
fn operators_hear_how_flushes_went_and_how_unknown_outcomes_came_out() {
    let mut bench = Bench::new();
    bench.busy_tick();
    bench.now = bench.now + Duration::from_millis(7);
    bench.reply(StoreReply::Flushed);
    bench.busy_tick();
    bench.fail(StoreErrorClass::Unknown);
    bench.reply(StoreReply::ReconnectFailed(error(StoreErrorClass::RetryLater)));
    bench.wait(60_000);
    bench.found(7, 70, 12);
    bench.reply(StoreReply::Flushed);
    let took = Duration::from_millis(7);
    assert_eq!(
        bench.measured,
        [
            FlushMeasurement::Flushed { took, rows: 1 },
            FlushMeasurement::Failed(StoreErrorClass::Unknown),
            FlushMeasurement::Unreachable,
            FlushMeasurement::Resolved(Resolution::Committed),
            FlushMeasurement::Flushed { took: Duration::ZERO, rows: 0 },
        ]
    );
}
