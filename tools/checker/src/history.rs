//! What clients did and saw: the only witness that the checker believes.
//!
//! Every entry gets the next number of one count, so that "before" means something between clients. An action that has
//! no end in here may have happened or not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use holdfast_client::{ClientEvent, WorldCopy};
use holdfast_protocol::{ActionName, Code, EntityId, TokenPoint};

/// What an action means, as far as the checker must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Append an entry to a tape; no other has its number in a run.
    Append {
        /// The tape.
        tape: EntityId,
        /// The entry.
        entry: u64,
    },
    /// Give away a part of one's balance.
    Transfer {
        /// To whom.
        to: EntityId,
        /// How much.
        amount: i64,
    },
    /// Anything else: its effect shows in what is conserved.
    Other,
}

/// How an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Accepted.
    Accepted,
    /// Rejected by a rule.
    Rejected(Code),
    /// Given up by the client: it may have happened.
    GivenUp(Code),
}

/// One action of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRecord {
    /// Who acted.
    pub character: EntityId,
    /// Which action.
    pub name: ActionName,
    /// What it means.
    pub meaning: Meaning,
    /// When it was made.
    pub invoked: u64,
    /// When and how it ended.
    pub ended: Option<(u64, End)>,
}

/// A tape as a client saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Who saw it.
    pub character: EntityId,
    /// At which point of the world's history.
    pub at: TokenPoint,
    /// The tape.
    pub tape: EntityId,
    /// What was on it.
    pub entries: Vec<u64>,
}

/// All of it: as long as the run.
#[derive(Clone, Debug, Default)]
pub struct History {
    count: u64,
    /// Every action, in the order in which they were made.
    pub actions: Vec<ActionRecord>,
    open: BTreeMap<(EntityId, u64, u32), usize>,
    /// Ends that were told before the action itself was written down: its own thread was not scheduled in time.
    early: BTreeMap<(EntityId, u64, u32), (u64, End)>,
    accepted_count: usize,
    /// Every change of a tape that a client saw.
    pub sightings: Vec<Sighting>,
    /// Every token that a client adopted, in order, by client.
    pub points: BTreeMap<EntityId, Vec<TokenPoint>>,
    seen: BTreeMap<(EntityId, EntityId), Vec<u64>>,
    /// How often a client was told that the world stands still.
    pub paused_count: u64,
    /// How often a copy went wrong.
    pub divergence_count: u64,
    /// How many clients ended, for whatever reason.
    pub ended_count: u64,
}

impl History {
    /// The next number: taken before an action is made.
    pub fn stamp(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// An action was made; its stamp was taken before.
    pub fn invoke(&mut self, character: EntityId, name: ActionName, meaning: Meaning, invoked: u64) {
        let key = (character, name.seq.0, name.nonce.0);
        let ended = self.early.remove(&key);
        if ended.is_none() {
            self.open.insert(key, self.actions.len());
        }
        self.actions.push(ActionRecord { character, name, meaning, invoked, ended });
    }

    /// An action ended.
    pub fn end(&mut self, character: EntityId, name: ActionName, end: End) {
        let ended = (self.stamp(), end);
        if end == End::Accepted {
            self.accepted_count += 1;
        }
        let key = (character, name.seq.0, name.nonce.0);
        match self.open.remove(&key).and_then(|place| self.actions.get_mut(place)) {
            Some(action) => action.ended = Some(ended),
            None => {
                self.early.insert(key, ended);
            }
        }
    }

    /// A client adopted a token, and its copy holds these tapes.
    pub fn adopt(&mut self, character: EntityId, at: TokenPoint, tapes: Vec<(EntityId, Vec<u64>)>) {
        self.points.entry(character).or_default().push(at);
        for (tape, entries) in tapes {
            let seen = self.seen.entry((character, tape)).or_default();
            if *seen != entries {
                seen.clone_from(&entries);
                self.sightings.push(Sighting { character, at, tape, entries });
            }
        }
    }

    /// How many actions were accepted so far.
    #[must_use]
    pub fn accepted_count(&self) -> usize {
        self.accepted_count
    }
}

/// How to read the tapes in a copy.
pub type ReadTapes = fn(&WorldCopy) -> Vec<(EntityId, Vec<u64>)>;

/// A history that many clients write.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<History>>);

impl Recorder {
    /// The history, to write or to read.
    pub fn history(&self) -> MutexGuard<'_, History> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An observer that writes down what the client of `character` is told. `tapes` reads a copy's tapes.
    pub fn observer(
        &self,
        character: EntityId,
        tapes: ReadTapes,
    ) -> impl FnMut(&ClientEvent, &WorldCopy) + Send + 'static {
        let recorder = self.clone();
        move |event, copy| {
            let mut history = recorder.history();
            match event {
                ClientEvent::Updated(token) => history.adopt(character, token.point(), tapes(copy)),
                ClientEvent::Verdict(verdict) => {
                    let end = if verdict.is_accepted() { End::Accepted } else { End::Rejected(verdict.code) };
                    history.end(character, verdict.action, end);
                }
                ClientEvent::GaveUp(gone) => history.end(character, gone.action, End::GivenUp(gone.code)),
                ClientEvent::Paused(_) => history.paused_count += 1,
                ClientEvent::Diverged(_) => history.divergence_count += 1,
                ClientEvent::Ended(_) => history.ended_count += 1,
                _ => {}
            }
        }
    }
}
