//! A history that many clients write.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use holdfast_client::{ClientEvent, WorldCopy};
use holdfast_protocol::EntityId;

use crate::history::History;
use crate::history::action::End;
use crate::history::view::{Adopted, ReadView};

/// How clients of one game are read.
#[derive(Clone, Copy)]
pub struct Reading {
    /// What a copy shows.
    pub view: ReadView,
    /// The entries in the reply to a [`Meaning::Read`](crate::Meaning::Read); none where it is another reply.
    pub reply: fn(&[u8]) -> Option<Vec<u64>>,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reading(..)")
    }
}

/// Tells the time, from any fixed start on.
type Clock = dyn Fn() -> Duration + Send + Sync;

/// A history that many clients write.
#[derive(Clone, Default)]
pub struct Recorder {
    history: Arc<Mutex<History>>,
    clock: Option<Arc<Clock>>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder(..)")
    }
}

impl Recorder {
    /// One that writes down the time as well.
    #[must_use]
    pub fn with_clock(clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { history: Arc::default(), clock: Some(Arc::new(clock)) }
    }

    /// The history, to write or to read; it knows what time it is.
    pub fn history(&self) -> MutexGuard<'_, History> {
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(clock) = &self.clock {
            history.set_now(clock());
        }
        history
    }

    /// An observer that writes down what the client of `character` is told.
    pub fn observer(
        &self,
        character: EntityId,
        reading: Reading,
    ) -> impl FnMut(&ClientEvent, &WorldCopy) + Send + 'static {
        let recorder = self.clone();
        move |event, copy| record(&mut recorder.history(), character, reading, event, copy)
    }
}

/// Writes down one event of the client of `character`, whose copy stands at `copy` then.
pub fn record(
    history: &mut History,
    character: EntityId,
    reading: Reading,
    event: &ClientEvent,
    copy: &WorldCopy,
) {
    match event {
        ClientEvent::Updated(token) => {
            history.adopt(character, &Adopted::of(token, copy, (reading.view)(copy)));
        }
        ClientEvent::Verdict(verdict) => {
            let end = if verdict.is_accepted() { End::Accepted } else { End::Rejected(verdict.code) };
            history.end(character, verdict.action, end);
        }
        ClientEvent::Reply(reply) => {
            if let Some(entries) = (reading.reply)(&reply.body.0) {
                history.reply(character, reply.seq, &entries);
            }
        }
        ClientEvent::GaveUp(gone) => history.end(character, gone.action, End::GivenUp(gone.code)),
        ClientEvent::Greeted { resumes } => history.greeted(character, *resumes),
        ClientEvent::Welcomed(welcomed) => history.welcomed(character, welcomed.resync, welcomed.last_seq),
        ClientEvent::Refused(refusal) => history.refused(character, refusal),
        ClientEvent::Paused(_) => history.paused(character),
        ClientEvent::Diverged(divergence) => history.diverged(character, divergence),
        ClientEvent::Ended(_) => history.client_ended(character),
        ClientEvent::IdleWarning(_) | ClientEvent::Closed(_) | ClientEvent::Lost(_) => {}
    }
}
