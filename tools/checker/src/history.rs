//! What clients did and saw: the only witness that the checker believes.
//!
//! Every entry gets the next number of one count, so that "before" means something between clients, and the time where
//! whoever writes has a clock ([`History::set_now`]). An action that has no end in here may have happened or not. One
//! client plays one character: two that played the same would be taken for one whose time goes back and forth.

pub mod action;
pub mod view;

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_client::Divergence;
use holdfast_protocol::{ActionName, Code, EntityId, Refusal, ResyncKind, Seq};

use crate::check::agreement::Agreement;
use crate::check::answered::Answered;
use crate::check::atomic::Atomic;
use crate::check::freshness::Arrivals;
use crate::check::liveness::Liveness;
use crate::check::resumed::Resumed;
use crate::check::session::Sessions;
use crate::check::sightings::Sightings;
use crate::check::told::Told;
use action::{ActionRecord, End, Meaning, Stamp};
use view::Adopted;

/// What names an action: the character, its `seq`, its nonce.
type Key = (EntityId, u64, u32);

/// What transfers make of an account.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Change {
    /// What accepted transfers add and take.
    pub(crate) sure: i64,
    /// What transfers without an end may add.
    pub(crate) more: i64,
    /// What they may take.
    pub(crate) less: i64,
}

/// All of it: see the crate's word on cost for how much of it is kept.
#[derive(Clone, Debug, Default)]
pub struct History {
    order: u64,
    now: Option<Duration>,
    open: BTreeMap<Key, ActionRecord>,
    /// Ends that were told before the action itself was written down: its own thread was not scheduled in time.
    early: BTreeMap<Key, (Stamp, End)>,
    /// Appends that have ended, in the order of their ends.
    appends: Vec<ActionRecord>,
    /// What accepted transfers have made of each account.
    changes: BTreeMap<EntityId, i64>,
    /// Transfers that were given up: they may have happened.
    unsure: Vec<ActionRecord>,
    accepted_count: usize,
    rejected_count: usize,
    given_up_count: usize,
    pub(crate) answered: Answered,
    pub(crate) told: Told,
    pub(crate) resumed: Resumed,
    pub(crate) sightings: Sightings,
    pub(crate) sessions: Sessions,
    pub(crate) agreement: Agreement,
    pub(crate) atomic: Atomic,
    pub(crate) arrivals: Arrivals,
    pub(crate) liveness: Liveness,
    /// How often a client was told that the world stands still.
    pub paused_count: u64,
    /// How often a copy went wrong.
    pub divergence_count: u64,
    /// How many clients ended, for whatever reason.
    pub ended_count: u64,
}

impl History {
    /// It is so late now. What is written down from here on bears this time.
    pub fn set_now(&mut self, now: Duration) {
        self.now = Some(now);
    }

    /// The next number, and the time: taken before an action is made.
    pub fn stamp(&mut self) -> Stamp {
        self.order += 1;
        Stamp { order: self.order, at: self.now }
    }

    /// An action was made; its stamp was taken before.
    pub fn invoke(&mut self, character: EntityId, name: ActionName, meaning: Meaning, invoked: Stamp) {
        let key = (character, name.seq.0, name.nonce.0);
        self.liveness.plays(character);
        let record = ActionRecord { character, name, meaning, invoked, ended: None };
        match self.early.remove(&key) {
            Some(ended) => self.finish(ActionRecord { ended: Some(ended), ..record }),
            None => {
                self.open.insert(key, record);
            }
        }
    }

    /// An action ended.
    pub fn end(&mut self, character: EntityId, name: ActionName, end: End) {
        let ended = (self.stamp(), end);
        match end {
            End::Accepted => self.accepted_count += 1,
            End::Rejected(_) => self.rejected_count += 1,
            End::GivenUp(_) => self.given_up_count += 1,
        }
        self.answered.ended(character, name, end);
        if !matches!(end, End::GivenUp(_)) {
            self.told.hears_up_to(character, name.seq);
        }
        let key = (character, name.seq.0, name.nonce.0);
        match self.open.remove(&key) {
            Some(record) => self.finish(ActionRecord { ended: Some(ended), ..record }),
            None => {
                self.early.insert(key, ended);
            }
        }
    }

    /// Keeps of an action that has ended what the end will be compared with.
    fn finish(&mut self, record: ActionRecord) {
        self.liveness.ended(&record);
        match (record.meaning, record.ended) {
            (Meaning::Append { .. }, _) => self.appends.push(record),
            (Meaning::Transfer { to, amount }, Some((_, End::Accepted))) => {
                *self.changes.entry(record.character).or_default() -= amount;
                *self.changes.entry(to).or_default() += amount;
            }
            (Meaning::Transfer { .. }, Some((_, End::GivenUp(_)))) => self.unsure.push(record),
            (Meaning::Transfer { .. } | Meaning::Read { .. } | Meaning::Other, _) => {}
        }
    }

    /// The longer answer to a [`Meaning::Read`] came: these entries stand on the tape that it asked for. It comes before
    /// the action's end.
    pub fn reply(&mut self, character: EntityId, seq: Seq, entries: &[u64]) {
        let of = (character, seq.0, 0)..=(character, seq.0, u32::MAX);
        let asked = self.open.range(of).find_map(|(_, record)| match record.meaning {
            Meaning::Read { tape } => Some(tape),
            _ => None,
        });
        if let Some(tape) = asked {
            self.sightings.read(character, tape, entries);
        }
    }

    /// An action was turned away without effect, and will be sent again.
    pub fn refused(&mut self, character: EntityId, refusal: &Refusal) {
        if refusal.code == Code::SEQ_GAP && refusal.expected.0 > 0 {
            self.told.hears_up_to(character, Seq(refusal.expected.0 - 1));
        }
    }

    /// For how long sessions of this world can be resumed; two minutes where nothing is said.
    pub fn resumable_for(&mut self, time: Duration) {
        self.resumed.resumable_for(time);
    }

    /// A player has left for good: its session is over.
    pub fn left(&mut self, character: EntityId) {
        self.resumed.left(character);
    }

    /// A client says Hello on a new connection. Only where all are written down can resumption be checked.
    pub fn greeted(&mut self, character: EntityId) {
        self.resumed.greeted(character);
    }

    /// A client was welcomed.
    pub fn welcomed(&mut self, character: EntityId, resync: ResyncKind, last_seq: Seq) {
        self.liveness.welcomed(character, self.now);
        self.told.welcomed(character, last_seq);
        self.resumed.welcomed(character, resync, self.now);
    }

    /// A client adopted a token.
    pub fn adopt(&mut self, character: EntityId, adopted: &Adopted) {
        self.resumed.heard(character, self.now);
        self.sessions.adopt(character, adopted);
        self.agreement.adopt(character, adopted);
        self.sightings.adopt(character, adopted);
        self.atomic.adopt(character, adopted);
        self.arrivals.adopt(adopted.at, self.now);
    }

    /// A client's copy went wrong.
    pub fn diverged(&mut self, character: EntityId, divergence: &Divergence) {
        self.divergence_count += 1;
        self.agreement.diverged(character, divergence);
    }

    /// From now on nothing disturbs the world any more: every client must complete a fresh action soon.
    pub fn faults_are_over(&mut self) {
        self.liveness.faults_are_over(self.now);
    }

    /// How many clients have not yet completed a fresh action since the faults were over.
    #[must_use]
    pub fn waiting_count(&self) -> usize {
        self.liveness.waiting_count()
    }

    /// How many actions were accepted so far.
    #[must_use]
    pub fn accepted_count(&self) -> usize {
        self.accepted_count
    }

    /// How many were rejected by a rule so far.
    #[must_use]
    pub fn rejected_count(&self) -> usize {
        self.rejected_count
    }

    /// How many have no end, or were given up: each may have happened or not.
    #[must_use]
    pub fn open_count(&self) -> usize {
        self.open.len() + self.given_up_count
    }

    /// All appends: those that have ended and those that have not.
    pub(crate) fn appends(&self) -> impl Iterator<Item = (&ActionRecord, EntityId, u64)> {
        self.appends.iter().chain(self.open.values()).filter_map(|record| match record.meaning {
            Meaning::Append { tape, entry } => Some((record, tape, entry)),
            _ => None,
        })
    }

    /// What transfers have made of each account, and may have made of it.
    pub(crate) fn changes(&self) -> BTreeMap<EntityId, Change> {
        let sure =
            |(account, sure): (&EntityId, &i64)| (*account, Change { sure: *sure, ..Change::default() });
        let mut changes: BTreeMap<_, _> = self.changes.iter().map(sure).collect();
        for record in self.unsure.iter().chain(self.open.values()) {
            if let Meaning::Transfer { to, amount } = record.meaning
                && amount > 0
            {
                changes.entry(record.character).or_default().less += amount;
                changes.entry(to).or_default().more += amount;
            }
        }
        changes
    }
}
