//! What was written down of actions so far, and which answers are yet to come.

use std::collections::{BTreeMap, HashMap};

use holdfast_protocol::{ActionName, EntityId, Verdict};
use tokio::time::Instant;

use super::super::figures::Figures;
use super::super::schedule::{LAST_ANSWERS_WAIT, Pacing, Span};
use super::Sent;
use crate::world::Mark;

type Key = (EntityId, u64, u32);

fn key(character: EntityId, name: ActionName) -> Key {
    (character, name.seq.0, name.nonce.0)
}

/// What was measured so far, and what is yet to come.
#[derive(Default)]
pub(in super::super) struct Notes {
    pub(in super::super) figures: Figures,
    /// In which actions count; none do before it is known.
    pub(super) span: Option<Span>,
    /// Actions without an answer: at most 64 for each bot.
    pub(super) open: HashMap<Key, Sent>,
    /// Verdicts that came before their action was written down, and when.
    early: HashMap<Key, (Verdict, Instant)>,
    /// When what neighbours may see was intended. One for each action at most: what was accepted stays, since watchers
    /// come by it at their own times.
    marks: BTreeMap<Mark, Intention>,
}

/// That something which neighbours may see was intended.
#[derive(Clone, Copy, Debug)]
struct Intention {
    due: Instant,
    is_accepted: bool,
}

impl Notes {
    pub(super) fn counts(&self, due: Instant) -> bool {
        self.span.is_some_and(|span| due >= span.from)
    }

    /// Whether it is known of every intended action what became of it.
    pub(in super::super) fn is_complete(&self) -> bool {
        self.figures.latency.count() >= self.figures.intended
    }

    pub(super) fn handed_over(&mut self, character: EntityId, name: ActionName, sent: Sent) {
        let key = key(character, name);
        self.open.insert(key, sent);
        if let Some((verdict, at)) = self.early.remove(&key) {
            self.answered(character, &verdict, at);
        }
    }

    /// An action has its verdict.
    pub(in super::super) fn answered(&mut self, character: EntityId, verdict: &Verdict, at: Instant) {
        let key = key(character, verdict.action);
        let Some(sent) = self.open.remove(&key) else {
            self.early.insert(key, (*verdict, at));
            return;
        };
        let service = at.saturating_duration_since(sent.at);
        if self.span.is_some_and(|span| span.measures(at)) {
            self.figures.answers_within += u64::from(sent.pacing == Pacing::Open);
            self.figures.service_within.record(service);
        }
        if self.counts(sent.due) {
            match sent.pacing {
                Pacing::Closed => self.figures.closed_loop.record(service),
                Pacing::Open => {
                    self.figures.service.record(service);
                    self.figures.latency.record(at.saturating_duration_since(sent.due));
                    if verdict.is_accepted() {
                        self.figures.accepted += 1;
                    } else {
                        *self.figures.rejected.entry(verdict.code).or_default() += 1;
                    }
                }
            }
        }
        self.settle(&sent, verdict.is_accepted());
    }

    /// An action will never have one.
    pub(in super::super) fn gave_up(&mut self, character: EntityId, action: ActionName) {
        let Some(sent) = self.open.remove(&key(character, action)) else { return };
        if sent.pacing == Pacing::Open && self.counts(sent.due) {
            self.figures.given_up += 1;
            self.never_answered(sent.due);
        }
        self.settle(&sent, false);
    }

    /// An action that was intended at `due` has no answer for as long as it is waited for. That long is the least that its
    /// player would have felt: left out, the worst actions would be in no percentile.
    pub(super) fn never_answered(&mut self, due: Instant) {
        if let Some(span) = self.span {
            self.figures.latency.record((span.end + LAST_ANSWERS_WAIT).saturating_duration_since(due));
        }
    }

    /// Nothing more is waited for: what was measured, with the actions that are still without an answer.
    pub(in super::super) fn close(&mut self) -> Figures {
        let open = std::mem::take(&mut self.open).into_values();
        for sent in open.filter(|sent| sent.pacing == Pacing::Open).collect::<Vec<_>>() {
            if self.counts(sent.due) {
                self.figures.open += 1;
                self.never_answered(sent.due);
            }
        }
        // What a bot did not even come to was due before the end, and so waited at least as long as the last answers.
        for _ in self.figures.latency.count()..self.figures.intended {
            self.figures.unsent += 1;
            self.figures.latency.record(LAST_ANSWERS_WAIT);
        }
        std::mem::take(&mut self.figures)
    }

    /// Neighbours are going to see this. Whoever wants the same again, while the first time has no answer, does not make the
    /// first any later: what is seen is measured from then.
    pub(super) fn intended(&mut self, mark: Mark, due: Instant) {
        let intention = self.marks.entry(mark).or_insert(Intention { due, is_accepted: false });
        if intention.is_accepted {
            *intention = Intention { due, is_accepted: false };
        }
    }

    /// Nobody will see what was not accepted; and if somebody gets there later, it was another action.
    fn settle(&mut self, sent: &Sent, is_accepted: bool) {
        let Some(mark) = sent.mark else { return };
        let Some(intention) = self.marks.get_mut(&mark).filter(|intention| intention.due == sent.due) else {
            return;
        };
        intention.is_accepted = is_accepted;
        if !is_accepted {
            self.marks.remove(&mark);
        }
    }

    pub(super) fn noticed(&mut self, news: &[Mark], now: Instant) {
        for Intention { due, .. } in news.iter().filter_map(|mark| self.marks.get(mark)) {
            if self.counts(*due) {
                self.figures.propagation.record(now.saturating_duration_since(*due));
            }
        }
    }
}
