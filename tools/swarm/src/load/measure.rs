//! What a load measures, written by all bots: from the intended time of an action to its verdict, and to the moment at
//! which a neighbour has decoded its effect.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;
use holdfast_client::{ClientEvent, WorldCopy};
use holdfast_protocol::{ActionName, Code, EntityId, Verdict};
use tokio::time::Instant;

use crate::world::{Mark, Seen, World};

/// The longest time that is told apart, in microseconds: a minute. Longer ones count as one.
const LONGEST_US: u64 = 60_000_000;

type Key = (EntityId, u64, u32);

fn key(character: EntityId, name: ActionName) -> Key {
    (character, name.seq.0, name.nonce.0)
}

/// The figures so far.
pub(super) struct Figures {
    pub(super) sent: u64,
    pub(super) unsent: u64,
    pub(super) accepted: u64,
    /// By code.
    pub(super) rejected: BTreeMap<Code, u64>,
    pub(super) given_up: u64,
    pub(super) latency: Histogram<u64>,
    pub(super) propagation: Histogram<u64>,
    pub(super) first_state: Histogram<u64>,
    pub(super) lateness: Histogram<u64>,
    /// Actions without an answer: at most 64 for each bot.
    pub(super) open: HashMap<Key, (Option<Mark>, Instant)>,
    /// Verdicts that came before their action was written down, and when.
    early: HashMap<Key, (Verdict, Instant)>,
    /// When what neighbours may see was intended. One for each action at most: what was accepted stays, since watchers
    /// come by it at their own times.
    marks: BTreeMap<Mark, Instant>,
}

/// What a load measures.
pub(super) struct Measure {
    figures: Mutex<Figures>,
    entries: AtomicU64,
}

impl Measure {
    pub(super) fn new() -> Result<Self> {
        let histogram = || Histogram::new_with_bounds(1, LONGEST_US, 3);
        Ok(Self {
            figures: Mutex::new(Figures {
                sent: 0,
                unsent: 0,
                accepted: 0,
                rejected: BTreeMap::new(),
                given_up: 0,
                latency: histogram()?,
                propagation: histogram()?,
                first_state: histogram()?,
                lateness: histogram()?,
                open: HashMap::new(),
                early: HashMap::new(),
                marks: BTreeMap::new(),
            }),
            entries: AtomicU64::new(u64::from(rand::random::<u32>() >> 1) << 32),
        })
    }

    pub(super) fn figures(&self) -> MutexGuard<'_, Figures> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number that is used only once.
    pub(super) fn next_entry(&self) -> u64 {
        self.entries.fetch_add(1, Ordering::Relaxed)
    }

    /// Neighbours are going to see this, intended at `due`.
    pub(super) fn expect(&self, mark: Mark, due: Instant) {
        self.figures().marks.insert(mark, due);
    }

    /// An action was sent at `now` that was intended at `due`.
    pub(super) fn sent(
        &self,
        character: EntityId,
        name: ActionName,
        mark: Option<Mark>,
        due: Instant,
        now: Instant,
    ) {
        let mut figures = self.figures();
        figures.sent += 1;
        record(&mut figures.lateness, now.saturating_duration_since(due));
        figures.open.insert(key(character, name), (mark, due));
        if let Some((verdict, at)) = figures.early.remove(&key(character, name)) {
            figures.answered(character, &verdict, at);
        }
    }

    /// An action could not be sent while the load ran.
    pub(super) fn unsent(&self) {
        self.figures().unsent += 1;
    }

    /// An observer of one bot; a watcher also looks for what its neighbours did.
    pub(super) fn observer(
        self: &Arc<Self>,
        world: World,
        character: EntityId,
        watches: bool,
    ) -> impl FnMut(&ClientEvent, &WorldCopy) + Send + 'static {
        let measure = Arc::clone(self);
        let (begun, mut has_state, mut seen) = (Instant::now(), false, Seen::default());
        move |event, copy| match event {
            ClientEvent::Updated(_) => {
                let now = Instant::now();
                if !has_state {
                    has_state = true;
                    record(&mut measure.figures().first_state, now.saturating_duration_since(begun));
                }
                if watches {
                    let news = world.news(character, copy, &mut seen);
                    measure.figures().noticed(&news, now);
                }
            }
            ClientEvent::Verdict(verdict) => {
                measure.figures().answered(character, verdict, Instant::now());
            }
            ClientEvent::GaveUp(gone) => {
                let mut figures = measure.figures();
                figures.open.remove(&key(character, gone.action));
                figures.given_up += 1;
            }
            _ => {}
        }
    }
}

impl Figures {
    fn answered(&mut self, character: EntityId, verdict: &Verdict, at: Instant) {
        let key = key(character, verdict.action);
        let Some((mark, due)) = self.open.remove(&key) else {
            self.early.insert(key, (*verdict, at));
            return;
        };
        record(&mut self.latency, at.saturating_duration_since(due));
        if verdict.is_accepted() {
            self.accepted += 1;
        } else {
            *self.rejected.entry(verdict.code).or_default() += 1;
            // Nobody will see this; and if somebody gets there later, it was another action.
            if let Some(mark) = mark {
                self.marks.remove(&mark);
            }
        }
    }

    fn noticed(&mut self, news: &[Mark], now: Instant) {
        for due in news.iter().filter_map(|mark| self.marks.get(mark)) {
            record(&mut self.propagation, now.saturating_duration_since(*due));
        }
    }
}

fn record(histogram: &mut Histogram<u64>, time: Duration) {
    histogram.saturating_record(u64::try_from(time.as_micros()).unwrap_or(LONGEST_US).max(1));
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::{Nonce, Seq};

    use super::*;

    const ANN: EntityId = EntityId(1);

    fn verdict(seq: u64, code: Code) -> Verdict {
        Verdict { action: ActionName { seq: Seq(seq), nonce: Nonce(1) }, code, detail: [0; 4] }
    }

    #[test]
    fn latency_counts_from_the_intended_time() {
        let measure = Measure::new().unwrap();
        let due = Instant::now();
        let late = due + Duration::from_millis(300);
        let verdict = verdict(1, Code::ACCEPTED);
        measure.sent(ANN, verdict.action, None, due, late);
        measure.figures().answered(ANN, &verdict, late + Duration::from_millis(100));
        let figures = measure.figures();
        assert!((399_000..=401_000).contains(&figures.latency.max()));
        assert!((299_000..=301_000).contains(&figures.lateness.max()));
        assert_eq!((figures.accepted, figures.open.len()), (1, 0));
    }

    #[test]
    fn a_verdict_that_overtakes_its_own_notice_counts_once() {
        let measure = Measure::new().unwrap();
        let now = Instant::now();
        let verdict = verdict(1, Code::ACCEPTED);
        measure.figures().answered(ANN, &verdict, now);
        assert_eq!(measure.figures().accepted, 0);
        measure.sent(ANN, verdict.action, None, now, now);
        let figures = measure.figures();
        assert_eq!((figures.accepted, figures.open.len()), (1, 0));
    }

    #[test]
    fn what_was_rejected_is_not_waited_for() {
        let measure = Measure::new().unwrap();
        let now = Instant::now();
        let mark = Mark::At(ANN, 3, 4);
        measure.expect(mark, now);
        let verdict = verdict(1, Code(257));
        measure.sent(ANN, verdict.action, Some(mark), now, now);
        measure.figures().answered(ANN, &verdict, now);
        measure.figures().noticed(&[mark], now + Duration::from_secs(9));
        assert_eq!(measure.figures().propagation.len(), 0);
    }
}
