//! What a session says next.
//!
//! One message is under way per connection. When the socket has written it, and whenever something happens that
//! clients are to hear of, this file decides what follows; whatever the client has missed meanwhile coalesces, since
//! the frame is worked out only now.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use holdfast_protocol::{Code, Epoch, Paused, Refusal, Seq, ServerMessage, TokenPoint, encode};

use super::Session;
use super::limits::Limits;
use crate::measurement::ActionTimes;
use crate::moment::Moment;
use crate::replication::delta::Held;
use crate::replication::encode::ChunkEncoder;
use crate::replication::frame::{FrameOrder, build_frame};
use crate::replication::public_copy::PublicCopy;

/// What everything that is said is made from.
pub(crate) struct Truth<'a> {
    pub(crate) epoch: Epoch,
    pub(crate) copy: &'a PublicCopy,
    pub(crate) encoder: &'a mut ChunkEncoder,
    pub(crate) limits: &'a Limits,
    /// For how long the oldest tick has been waiting for its commit.
    pub(crate) stalled_for: Duration,
    /// Whether the owner may speak for the world.
    pub(crate) trusted: bool,
}

/// A message, and whether it tells of the world: then only an owner that trusts itself may say it.
pub(crate) enum Saying {
    OfTheWorld(Ready),
    Notice(Bytes),
}

/// A message of the world, and the times of the actions that it answers.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) bytes: Bytes,
    pub(crate) answers: Vec<ActionTimes>,
}

impl From<Bytes> for Ready {
    fn from(bytes: Bytes) -> Self {
        Self { bytes, answers: Vec::new() }
    }
}

impl Truth<'_> {
    fn is_paused(&self) -> bool {
        self.stalled_for > self.limits.pause_after
    }
}

impl Session {
    /// The next message, where the socket can take one and there is something to say. It counts as under way.
    pub(crate) fn next_message(&mut self, now: Moment, truth: &mut Truth<'_>) -> Option<Saying> {
        self.note_staleness(now, truth.copy);
        if self.in_flight.is_some() {
            return None;
        }
        let message = self.choose(now, truth)?;
        self.in_flight = Some(now);
        Some(message)
    }

    fn choose(&mut self, now: Moment, truth: &mut Truth<'_>) -> Option<Saying> {
        if truth.trusted
            && let Some(ready) = self.ready.pop_front()
        {
            return Some(Saying::OfTheWorld(ready));
        }
        if std::mem::take(&mut self.pong_owed) {
            return Some(notice(&ServerMessage::Pong));
        }
        if std::mem::take(&mut self.idle_warning_owed) {
            let left = truth.limits.idle_after.saturating_sub(now.since(self.acted));
            return Some(notice(&ServerMessage::IdleWarning(millis(left))));
        }
        // What a refusal says of the world, if anything, is the `seq` that it expects.
        let is_of_the_world = |refusal: &Refusal| refusal.expected != Seq(0);
        let may_be_said = |refusal: &Refusal| truth.trusted || !is_of_the_world(refusal);
        if let Some(refusal) = self.answers.next_refusal(may_be_said) {
            let is_of_the_world = is_of_the_world(&refusal);
            let bytes = message(&ServerMessage::Refused(refusal));
            return Some(if is_of_the_world {
                Saying::OfTheWorld(bytes.into())
            } else {
                Saying::Notice(bytes)
            });
        }
        if truth.trusted && self.wants_frame(now, truth) {
            self.build_frame(now, truth);
            return self.ready.pop_front().map(Saying::OfTheWorld);
        }
        let again = |said: Moment| now.since(said) >= truth.limits.frame_interval_max;
        if truth.is_paused() && self.paused_said.is_none_or(again) {
            self.paused_said = Some(now);
            let paused = Paused { code: Code::STORE_UNAVAILABLE, since_ms: millis(truth.stalled_for) };
            return Some(notice(&ServerMessage::Paused(paused)));
        }
        None
    }

    fn wants_frame(&mut self, now: Moment, truth: &Truth<'_>) -> bool {
        let Some(framed) = self.framed else { return true };
        if self.answers.want_frame() || self.staleness.is_behind() || self.resync_is_due(now, truth) {
            return true;
        }
        if self.staleness.refresh_is_wanted() && !truth.is_paused() {
            return true;
        }
        // While the world stands still, it is the pause that is said once a second: a frame would end it. Once the
        // world goes on, a frame ends it at once.
        let is_due = self.paused_said.is_some() || now.since(framed) >= truth.limits.frame_interval_max;
        is_due && !truth.is_paused()
    }

    /// Since when the client lacks something is told apart from when its socket could take it.
    fn note_staleness(&mut self, now: Moment, copy: &PublicCopy) {
        // Who has no state yet is not behind it.
        if !self.staleness.is_behind() && self.held.is_some() && self.misses_something(copy) {
            self.staleness.fell_behind(now);
        }
    }

    fn misses_something(&mut self, copy: &PublicCopy) -> bool {
        let Some(held) = &self.held else { return true };
        if self.checked == Some(copy.tick()) {
            return false;
        }
        let misses = held.center != self.center
            || copy.newest_private(self.character) > held.from
            || self.view.iter().any(|&chunk| copy.newest(chunk) > held.from);
        if !misses {
            self.checked = Some(copy.tick());
        }
        misses
    }

    fn resync_is_due(&self, now: Moment, truth: &Truth<'_>) -> bool {
        let long_ago = |sent: Moment| now.since(sent) >= truth.limits.resync_interval;
        self.resync_wanted && self.snapshot_sent.is_none_or(long_ago)
    }

    fn build_frame(&mut self, now: Moment, truth: &mut Truth<'_>) {
        if self.resync_is_due(now, truth) {
            self.held = None;
        }
        let is_snapshot = self.held.is_none();
        if is_snapshot {
            self.snapshot_sent = Some(now);
            self.resync_wanted = false;
        }
        let tick = truth.copy.tick();
        let hashes_are_old = |sent| tick.since(sent) >= truth.limits.hash_interval_ticks;
        let with_hashes = self.hashes_sent.is_none_or(hashes_are_old);
        let (verdicts, times, replies) = self.answers.take();
        let order = FrameOrder {
            held: self.held.as_ref(),
            character: self.character,
            center: self.center,
            view: &self.view,
            verdicts: &verdicts,
            replies: &replies,
            with_hashes,
        };
        let parts = build_frame(truth.copy, truth.encoder, &order);
        if let Some(syncing) = &mut self.syncing {
            syncing.framed(&parts, is_snapshot);
        }
        self.ready.extend(parts.into_iter().map(Ready::from));
        // Verdicts stand in the first part.
        if let Some(first) = self.ready.front_mut() {
            first.answers = times;
        }
        self.refresh_begun |= self.staleness.framed(now, tick);
        if with_hashes {
            self.hashes_sent = Some(tick);
        }
        self.held = Some(Held {
            point: TokenPoint { epoch: truth.epoch, tick },
            from: tick,
            center: self.center,
            view: Arc::clone(&self.view),
        });
        self.checked = Some(tick);
        self.framed = Some(now);
        self.paused_said = None;
    }
}

/// The bytes of a message.
pub(crate) fn message(message: &ServerMessage) -> Bytes {
    encode(message).into()
}

fn notice(notice: &ServerMessage) -> Saying {
    Saying::Notice(message(notice))
}

/// Whole milliseconds, rounded up, so that nobody is told to come back a moment too early.
pub(crate) fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros().div_ceil(1_000)).unwrap_or(u32::MAX)
}
