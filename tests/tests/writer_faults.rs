//! The writer on the model store, under random faults: what it calls durable is stored, and what has run gets stored.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast::persistence::durable::{Cell, Column, ColumnType, Row, TableDefinition};
use holdfast::persistence::rows::{ComponentRow, TickRows};
use holdfast::persistence::store::{StoreError, StoreErrorClass, StoreRequest};
use holdfast::persistence::writer::{StopReason, Writer, WriterConfig, WriterEffect, WriterEvent};
use holdfast_front::Moment;
use holdfast_front::trust::TRUST;
use holdfast_protocol::{EntityId, EpochTag, Tick};
use holdfast_tests::FakeStore;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

const TABLES: &[TableDefinition] =
    &[TableDefinition { table: "counters", columns: &[Column::new("value", ColumnType::BigInt)] }];

/// How far the world runs ahead of what is durable.
const TICKS_AHEAD_MAX: u64 = 3;

struct Run {
    random: StdRng,
    store: FakeStore,
    writer: Writer,
    now: Moment,
    tick: Tick,
    durable: Tick,
    trusted_until: Moment,
    stopped: Option<StopReason>,
    /// What each counter was set to, and by which tick.
    history: Vec<(Tick, EntityId, i64)>,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut store = FakeStore::new(TABLES);
        let world = store.take_world(EpochTag(1));
        let now = Moment(Duration::from_secs(1));
        let config = WriterConfig {
            world: world.world,
            epoch: world.epoch,
            tag: world.tag,
            tick: world.tick,
            table_count: TABLES.len(),
            seed,
        };
        Self {
            random: StdRng::seed_from_u64(seed),
            store,
            writer: Writer::new(config, now),
            now,
            tick: world.tick,
            durable: world.tick,
            trusted_until: now + TRUST,
            stopped: None,
            history: Vec::new(),
        }
    }

    fn step(&mut self, event: WriterEvent) {
        let mut effects = Vec::new();
        self.writer.step(self.now, event, &mut effects);
        for effect in effects {
            match effect {
                WriterEffect::Request(request) => self.store.request(request),
                WriterEffect::Trust(sent) => self.trusted_until = sent + TRUST,
                WriterEffect::Distrust => self.trusted_until = Moment::default(),
                WriterEffect::Stop(reason) => self.stopped = Some(reason),
                WriterEffect::Durable(tick) => self.check_durable(tick),
                WriterEffect::Measured(_) => {}
            }
        }
    }

    fn check_durable(&mut self, tick: Tick) {
        assert!(tick > self.durable && tick <= self.tick, "{tick} follows {}", self.durable);
        assert!(self.now < self.trusted_until, "announced without trust");
        self.durable = tick;
        let mut expected = BTreeMap::new();
        for (at, id, value) in &self.history {
            if *at <= tick {
                expected.insert(*id, *value);
            }
        }
        for (id, value) in expected {
            let stored = &self.store.tables().components[0][&id].row.0[0];
            let Cell::BigInt(stored) = stored else { panic!("{stored:?}") };
            assert!(*stored >= value, "{id} was {value} at {tick}, and {stored} is stored");
        }
    }

    fn tick(&mut self) {
        if self.tick.since(self.durable) >= TICKS_AHEAD_MAX {
            return;
        }
        self.tick = self.tick.next();
        let mut rows = TickRows::new(TABLES.len());
        for _ in 0..self.random.random_range(0..3) {
            let id = EntityId(2 * self.random.random_range(1..5));
            let value = self.tick.0.cast_signed();
            let row = Row(vec![Cell::BigInt(value)]);
            rows.components[0].insert(id, Some(ComponentRow { tick: self.tick, row }));
            self.history.push((self.tick, id, value));
        }
        self.step(WriterEvent::Ticked { tick: self.tick, rows });
    }

    /// The store answers as it should, or not.
    fn answer(&mut self, fault_share: f64) {
        use StoreErrorClass::{RetryLater, RetryNow, Unknown};
        let reconnecting = matches!(self.store.waiting(), Some(StoreRequest::Reconnect));
        let reply = if self.random.random_bool(fault_share) {
            let class = [RetryNow, RetryLater, Unknown][self.random.random_range(0..3)];
            let error = StoreError::new(class, "", "fault");
            // Only where nobody knows may it have been carried out all the same.
            if class == Unknown && !reconnecting && self.random.random() {
                self.store.fail_after(error)
            } else {
                self.store.fail_before(error)
            }
        } else {
            self.store.mark_durable()
        };
        if let Some(reply) = reply {
            self.step(WriterEvent::Reply(reply));
        }
    }

    fn wait(&mut self, most_ms: u64) {
        self.now = self.now + Duration::from_millis(self.random.random_range(1..=most_ms));
        self.step(WriterEvent::Clock);
    }

    fn play(&mut self, steps: u32, fault_share: f64, most_ms: u64) {
        for _ in 0..steps {
            match self.random.random_range(0..4) {
                0 | 1 => self.tick(),
                2 => self.answer(fault_share),
                _ => self.wait(most_ms),
            }
        }
    }
}

#[test]
fn what_is_called_durable_is_stored_under_any_fault() {
    for seed in 0..300 {
        let mut run = Run::new(seed);
        run.play(400, 0.3, 800);
        assert_eq!(run.stopped, None, "seed {seed}");
        run.play(200, 0.0, 50);
        // Faults have stopped: everything that ran becomes durable, and is what is stored.
        let last = run.tick;
        for _ in 0..200 {
            run.wait(50);
            run.answer(0.0);
        }
        assert_eq!(run.durable, last, "seed {seed}");
        for (id, row) in &run.store.tables().components[0] {
            let latest = run.history.iter().rev().find(|(_, other, _)| other == id).unwrap();
            assert_eq!(row.row.0, [Cell::BigInt(latest.2)], "seed {seed}");
        }
    }
}

#[test]
fn an_owner_that_was_followed_stops_and_writes_nothing_more() {
    for seed in 0..100 {
        let mut run = Run::new(seed);
        run.play(100, 0.3, 800);
        // What waits is lost on its way, as its backend is ended.
        let lost = StoreError::new(StoreErrorClass::Unknown, "", "lost");
        let reply = run.store.fail_before(lost);
        run.store.take_world(EpochTag(2));
        let after = run.store.tables().clone();
        if let Some(reply) = reply {
            run.step(WriterEvent::Reply(reply));
        }
        run.play(400, 0.3, 800);
        assert!(matches!(run.stopped, Some(StopReason::Fenced(_))), "seed {seed}: {:?}", run.stopped);
        assert_eq!(*run.store.tables(), after, "seed {seed}");
        assert!(run.now >= run.trusted_until, "seed {seed}");
    }
}
