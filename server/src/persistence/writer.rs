//! The only one who commits.
//!
//! A state machine between the ticks and the store: it puts ticks into batches, has one batch under way at a time, and
//! says which tick is durable. It does no I/O and reads no clock; some adapter carries its requests out.
//!
//! Three rules make the gate that listens to it safe:
//! - A batch is immutable and is sent until it is known to be committed, under the ownership that made it; whatever
//!   else the world's row says means that the world is no longer ours.
//! - A tick without rows needs no write, but only while the owner trusts itself: for [`TRUST`] after it *sent* what
//!   then succeeded.
//! - A success that comes later than that is committed, and yet is not announced before a beat has succeeded in time:
//!   the world might have been taken meanwhile.
//!
//! What waits here is bounded by the world, which freezes three ticks ahead of the durable one.

mod event;
mod report;
mod retry;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use holdfast_front::Moment;
#[cfg(feature = "sabotage")]
use holdfast_front::sabotage::{Sabotage::S5, is_on};
use holdfast_front::trust::TRUST;
use holdfast_protocol::{ActionName, Code, EntityId, Tick};

pub use self::event::{FlushMeasurement, Resolution, StopReason, WriterConfig, WriterEffect, WriterEvent};
use self::retry::Retry;
use super::journal::{Input, InputKind};
use super::rows::{Batch, TickRows};
use super::store::{StoreError, StoreErrorClass, StoreReply, StoreRequest, WorldMark};

/// A beat goes out when nothing was sent for so long. The lease lasts five times as long, trust two and a half times.
pub const BEAT_EVERY: Duration = Duration::from_secs(1);

/// What is under way.
#[derive(Clone, Debug)]
enum State {
    /// Nothing.
    Idle,
    /// A batch was sent at that moment.
    Flushing { batch: Arc<Batch>, sent: Moment },
    /// It is not known whether the batch is committed; the store is finding out.
    Reconnecting { batch: Arc<Batch> },
    /// A batch failed and is sent again at that moment.
    Resending { batch: Arc<Batch>, at: Moment },
    /// There was no new connection, and the store tries again at that moment.
    AskingAgain { batch: Arc<Batch>, at: Moment },
    /// For good.
    Stopped,
}

/// The writer.
#[derive(Debug)]
pub struct Writer {
    config: WriterConfig,
    state: State,
    retry: Retry,
    /// What changed in ticks that no batch has taken yet.
    pending: TickRows,
    /// The newest tick that has run.
    newest: Tick,
    /// The tick that the last successful flush or beat wrote.
    written: Tick,
    /// The newest tick that was called durable.
    announced: Tick,
    /// When a batch was last sent.
    last_sent: Moment,
    /// When that was sent which last succeeded; none since a connection was lost.
    trusted_since: Option<Moment>,
}

impl Writer {
    /// The writer of a new ownership. `taken` is the moment before the ownership was asked for: the owner trusts itself
    /// from then on.
    #[must_use]
    pub fn new(config: WriterConfig, taken: Moment) -> Self {
        Self {
            state: State::Idle,
            retry: Retry::new(config.seed),
            pending: TickRows::new(config.table_count),
            newest: config.tick,
            written: config.tick,
            announced: config.tick,
            last_sent: taken,
            trusted_since: Some(taken),
            config,
        }
    }

    /// Takes in what has happened, and says what follows.
    pub fn step(&mut self, now: Moment, event: WriterEvent, effects: &mut Vec<WriterEffect>) {
        if matches!(self.state, State::Stopped) {
            return;
        }
        match event {
            WriterEvent::Ticked { tick, rows } => self.ticked(now, tick, rows, effects),
            WriterEvent::Reply(reply) => self.replied(now, reply, effects),
            WriterEvent::Clock => {}
        }
        self.send_what_is_due(now, effects);
    }

    /// Whether every tick that has run is durable, and was announced.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.is_idle() && self.announced == self.newest
    }

    /// What the world's row says, or a later tick of the same ownership.
    #[must_use]
    pub fn mark(&self) -> WorldMark {
        WorldMark { epoch: self.config.epoch, tag: self.config.tag, tick: self.written }
    }

    /// The latest moment at which [`WriterEvent::Clock`] is to come, if nothing else does; none while a reply is
    /// waited for.
    #[must_use]
    pub fn wakes_at(&self) -> Option<Moment> {
        match self.state {
            State::Idle => Some(self.last_sent + BEAT_EVERY),
            State::Resending { at, .. } | State::AskingAgain { at, .. } => Some(at),
            State::Flushing { .. } | State::Reconnecting { .. } | State::Stopped => None,
        }
    }

    fn ticked(&mut self, now: Moment, tick: Tick, rows: TickRows, effects: &mut Vec<WriterEffect>) {
        debug_assert_eq!(tick, self.newest.next(), "ticks are numbered without gaps");
        let all_before_are_durable = self.announced == self.newest;
        self.newest = tick;
        if rows.is_empty() && all_before_are_durable && self.is_idle() && self.trusts_itself(now) {
            self.announce(tick, effects);
        } else {
            self.pending.merge(rows);
        }
    }

    fn replied(&mut self, now: Moment, reply: StoreReply, effects: &mut Vec<WriterEffect>) {
        match (std::mem::replace(&mut self.state, State::Idle), reply) {
            (State::Flushing { batch, sent }, StoreReply::Flushed) => {
                self.flushed(now, &batch, sent, effects);
            }
            (State::Flushing { batch, .. }, StoreReply::FlushFailed(error)) => {
                self.flush_failed(now, batch, error, effects);
            }
            (State::Reconnecting { batch }, StoreReply::Reconnected(mark)) => {
                self.reconnected(now, batch, mark, effects);
            }
            (State::Reconnecting { batch }, StoreReply::ReconnectFailed(error)) => {
                self.reconnect_failed(now, batch, error, effects);
            }
            // An answer to nothing that was asked says nothing.
            (state, _) => self.state = state,
        }
    }

    fn flushed(&mut self, now: Moment, batch: &Batch, sent: Moment, effects: &mut Vec<WriterEffect>) {
        let (took, rows) = (now.since(sent), batch.rows.row_count());
        effects.push(WriterEffect::Measured(FlushMeasurement::Flushed { took, rows }));
        self.succeeded(batch);
        self.written = batch.to;
        self.trusted_since = Some(sent);
        if !self.trusts_itself(now) {
            return;
        }
        effects.push(WriterEffect::Trust(sent));
        // Ticks that ran meanwhile and changed nothing are durable with it.
        let durable = if self.pending.is_empty() { self.newest } else { batch.to };
        self.announce(durable, effects);
    }

    fn flush_failed(
        &mut self,
        now: Moment,
        batch: Arc<Batch>,
        error: StoreError,
        effects: &mut Vec<WriterEffect>,
    ) {
        // Whoever sends blindly takes a fence that the batch runs into for its own: it must have been written before.
        #[cfg(feature = "sabotage")]
        if is_on(S5) && error.class == StoreErrorClass::Fenced && self.trusted_since.is_none() {
            return self.flushed(now, &batch, now, effects);
        }
        effects.push(WriterEffect::Measured(FlushMeasurement::Failed(error.class)));
        match error.class {
            StoreErrorClass::RetryNow | StoreErrorClass::RetryLater => {
                let is_first = self.retry.failure_count() == 0;
                let wait = match error.class {
                    StoreErrorClass::RetryNow => self.retry.soon(),
                    _ => self.retry.later(),
                };
                if is_first {
                    report::fails(&batch, &error, wait);
                }
                self.state = State::Resending { batch, at: now + wait };
            }
            StoreErrorClass::Unknown => {
                self.trusted_since = None;
                effects.push(WriterEffect::Distrust);
                effects.push(WriterEffect::Request(StoreRequest::Reconnect));
                self.state = State::Reconnecting { batch };
            }
            StoreErrorClass::Permanent => {
                let actions = effective_actions(&batch);
                self.stop(&batch, StopReason::Refused { error, actions }, effects);
            }
            StoreErrorClass::Fenced => self.stop(&batch, StopReason::Fenced(Some(error)), effects),
            StoreErrorClass::Halt => self.stop(&batch, StopReason::Halted(error), effects),
        }
    }

    fn reconnected(
        &mut self,
        now: Moment,
        batch: Arc<Batch>,
        mark: WorldMark,
        effects: &mut Vec<WriterEffect>,
    ) {
        // S5 breaks the promise that an unknown outcome is looked up.
        #[cfg(feature = "sabotage")]
        if is_on(S5) {
            return self.send(now, batch, effects);
        }
        let ours = mark.epoch == self.config.epoch && mark.tag == self.config.tag;
        let resolved = |resolution| WriterEffect::Measured(FlushMeasurement::Resolved(resolution));
        if ours && mark.tick >= batch.to {
            effects.push(resolved(Resolution::Committed));
            // Committed. It is announced when the next flush or beat, which is due at once, has renewed the lease.
            self.succeeded(&batch);
            self.written = mark.tick;
        } else if ours && mark.tick == batch.from {
            effects.push(resolved(Resolution::NotCommitted));
            self.send(now, batch, effects);
        } else {
            effects.push(resolved(Resolution::Fenced));
            self.stop(&batch, StopReason::Fenced(None), effects);
        }
    }

    fn reconnect_failed(
        &mut self,
        now: Moment,
        batch: Arc<Batch>,
        error: StoreError,
        effects: &mut Vec<WriterEffect>,
    ) {
        #[cfg(feature = "sabotage")]
        if is_on(S5) && error.class == StoreErrorClass::Fenced {
            return self.send(now, batch, effects);
        }
        effects.push(WriterEffect::Measured(FlushMeasurement::Unreachable));
        match error.class {
            StoreErrorClass::RetryNow | StoreErrorClass::RetryLater | StoreErrorClass::Unknown => {
                let at = now + self.retry.later();
                self.state = State::AskingAgain { batch, at };
            }
            StoreErrorClass::Fenced => self.stop(&batch, StopReason::Fenced(Some(error)), effects),
            // The batch was not tried, so none of its actions is to blame.
            StoreErrorClass::Permanent | StoreErrorClass::Halt => {
                self.stop(&batch, StopReason::Halted(error), effects);
            }
        }
    }

    fn send_what_is_due(&mut self, now: Moment, effects: &mut Vec<WriterEffect>) {
        match &self.state {
            State::Idle if self.must_write(now) => {
                let rows = std::mem::replace(&mut self.pending, TickRows::new(self.config.table_count));
                let batch = Batch {
                    world: self.config.world,
                    epoch: self.config.epoch,
                    tag: self.config.tag,
                    from: self.written,
                    to: self.newest,
                    rows,
                };
                self.send(now, Arc::new(batch), effects);
            }
            State::Resending { batch, at } if now >= *at => {
                let batch = Arc::clone(batch);
                self.send(now, batch, effects);
            }
            State::AskingAgain { batch, at } if now >= *at => {
                self.state = State::Reconnecting { batch: Arc::clone(batch) };
                effects.push(WriterEffect::Request(StoreRequest::Reconnect));
            }
            _ => {}
        }
    }

    fn send(&mut self, now: Moment, batch: Arc<Batch>, effects: &mut Vec<WriterEffect>) {
        self.last_sent = now;
        effects.push(WriterEffect::Request(StoreRequest::Flush(Arc::clone(&batch))));
        self.state = State::Flushing { batch, sent: now };
    }

    fn announce(&mut self, tick: Tick, effects: &mut Vec<WriterEffect>) {
        // A beat may confirm what is announced already.
        if tick > self.announced {
            self.announced = tick;
            effects.push(WriterEffect::Durable(tick));
        }
    }

    fn succeeded(&mut self, batch: &Batch) {
        if self.retry.failure_count() > 0 {
            report::takes_again(batch, self.retry.failure_count());
        }
        self.retry.succeeded();
    }

    fn stop(&mut self, batch: &Batch, reason: StopReason, effects: &mut Vec<WriterEffect>) {
        report::stops(batch, &reason);
        self.state = State::Stopped;
        self.trusted_since = None;
        effects.push(WriterEffect::Distrust);
        effects.push(WriterEffect::Stop(reason));
    }

    /// Whether a flush or beat is due: for what has run and is not durable, for the owner's trust in itself (after a
    /// success that came late, or a connection that was lost), or because it is time.
    fn must_write(&self, now: Moment) -> bool {
        self.announced < self.newest || !self.trusts_itself(now) || now >= self.last_sent + BEAT_EVERY
    }

    fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    fn trusts_itself(&self, now: Moment) -> bool {
        self.trusted_since.is_some_and(|since| now < since + TRUST)
    }
}

/// The actions that took effect in the batch's ticks. What a rule rejected has changed nothing but its own verdict.
fn effective_actions(batch: &Batch) -> Vec<(EntityId, ActionName)> {
    let accepted = |kind: &InputKind| matches!(kind, InputKind::Acted { code: Code::ACCEPTED, .. });
    batch.rows.inputs.iter().filter(|input| accepted(&input.kind)).filter_map(Input::action).collect()
}
