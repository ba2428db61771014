//! What a load measures, written by all bots of one generator: from the intended time of an action to its verdict, and to
//! the moment at which a neighbour has decoded its effect.

mod notes;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use holdfast_client::{ClientEvent, WorldCopy};
use holdfast_protocol::{ActionName, EntityId};
use tokio::time::Instant;

use super::schedule::{Pacing, Schedule, Span};
use crate::world::{Mark, Seen, World};
use notes::Notes;

/// An action that was handed over to its client.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) pacing: Pacing,
    pub(super) verb: &'static str,
    /// What neighbours will see of it.
    pub(super) mark: Option<Mark>,
    /// When it was intended.
    pub(super) due: Instant,
    /// When it was handed over.
    pub(super) at: Instant,
}

/// What a load measures.
pub(super) struct Measure {
    notes: Mutex<Notes>,
    entries: AtomicU64,
    playing: AtomicUsize,
    bytes_received: AtomicU64,
}

impl Measure {
    pub(super) fn new() -> Self {
        Self {
            notes: Mutex::default(),
            entries: AtomicU64::new(u64::from(rand::random::<u32>() >> 1) << 32),
            playing: AtomicUsize::new(0),
            bytes_received: AtomicU64::new(0),
        }
    }

    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Actions that are due within the measured part of this span count.
    pub(super) fn count_within(&self, span: Span) {
        self.notes().span = Some(span);
    }

    /// A bot has this schedule: whether or not it comes to an action, it was intended.
    pub(super) fn intends(&self, schedule: &Schedule, span: Span) {
        if schedule.pacing == Pacing::Open {
            self.notes().figures.intended += schedule.count_from(span.from);
        }
    }

    /// A number that is used only once.
    pub(super) fn next_entry(&self) -> u64 {
        self.entries.fetch_add(1, Ordering::Relaxed)
    }

    /// So many bytes have come to a light bot.
    pub(super) fn received(&self, bytes: usize) {
        self.bytes_received.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn bytes_received(&self) -> u64 {
        self.bytes_received.load(Ordering::Relaxed)
    }

    /// How many bots have had the world's state.
    pub(super) fn playing_count(&self) -> usize {
        self.playing.load(Ordering::Relaxed)
    }

    /// A bot that began to connect then has the world's state now.
    pub(super) fn entered(&self, begun: Instant) {
        self.playing.fetch_add(1, Ordering::Relaxed);
        self.notes().figures.first_state.record(begun.elapsed());
    }

    /// A bot came to an action that was intended at `due`, so much later; neighbours are going to see this of it.
    pub(super) fn expect(&self, pacing: Pacing, mark: Option<Mark>, due: Instant, late: Duration) {
        if pacing == Pacing::Closed {
            return;
        }
        let mut notes = self.notes();
        if notes.counts(due) {
            notes.figures.lateness.record(late);
        }
        if let Some(mark) = mark {
            notes.intended(mark, due);
        }
    }

    /// An action was handed over.
    pub(super) fn sent(&self, character: EntityId, name: ActionName, sent: Sent) {
        let mut notes = self.notes();
        if notes.counts(sent.due) && sent.pacing == Pacing::Open {
            notes.figures.sent += 1;
            if let Some(count) = notes.figures.verbs.get_mut(sent.verb) {
                *count += 1;
            } else {
                notes.figures.verbs.insert(sent.verb.to_owned(), 1);
            }
        }
        notes.handed_over(character, name, sent);
    }

    /// The action that was intended at `due` could not be handed over while the load ran.
    pub(super) fn unsent(&self, pacing: Pacing, due: Instant) {
        let mut notes = self.notes();
        if notes.counts(due) && pacing == Pacing::Open {
            notes.figures.unsent += 1;
            notes.never_answered(due);
        }
    }

    /// An observer of a whole client, which began to connect now and looks for what its neighbours do.
    pub(super) fn watcher(
        self: &Arc<Self>,
        world: World,
        character: EntityId,
    ) -> impl FnMut(&ClientEvent, &WorldCopy) + Send + 'static {
        let measure = Arc::clone(self);
        let (begun, mut has_state, mut seen) = (Instant::now(), false, Seen::default());
        move |event, copy| match event {
            ClientEvent::Updated(_) => {
                let now = Instant::now();
                if !std::mem::replace(&mut has_state, true) {
                    measure.entered(begun);
                }
                let news = world.news(character, copy, &mut seen);
                measure.notes().noticed(&news, now);
            }
            ClientEvent::Verdict(verdict) => {
                measure.notes().answered(character, verdict, Instant::now());
            }
            ClientEvent::GaveUp(gone) => measure.notes().gave_up(character, gone.action),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
