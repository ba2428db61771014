//! What clients did and saw: the only witness that the checker believes.
//!
//! Every entry gets the next number of one count, so that "before" means something between clients, and the time where
//! whoever writes has a clock ([`History::set_now`]). An action that has no end in here may have happened or not. One
//! client plays one character: two that played the same would be taken for one whose time goes back and forth.
//!
//! Whatever is written down is one [`Event`]: the same method takes it in while it happens and when a trace is read.

pub mod action;
mod actions;
pub mod event;
pub mod view;

use std::borrow::Cow;
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
use crate::trace::Writer;
use action::{ActionRecord, End, Meaning, Stamp};
use actions::Actions;
use event::Event;
use view::Adopted;

pub(crate) use actions::Change;

/// All of it: see the crate's word on cost for how much of it is kept.
#[derive(Debug, Default)]
pub struct History {
    order: u64,
    now: Option<Duration>,
    trace: Option<Writer>,
    actions: Actions,
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
    /// From here on `trace` saves what is written down: begin with an empty history, or what was before is missing there.
    pub fn save_to(&mut self, trace: Writer) {
        self.trace = Some(trace);
    }

    /// Saves no more, and hands back what saved until now.
    pub fn end_trace(&mut self) -> Option<Writer> {
        self.trace.take()
    }

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
        self.happens(&Event::Invoked { character, name, meaning, invoked });
    }

    /// An action ended.
    pub fn end(&mut self, character: EntityId, name: ActionName, end: End) {
        self.happens(&Event::Ended { character, name, end });
    }

    /// The longer answer to a [`Meaning::Read`] came: these entries stand on the tape that it asked for. It comes before
    /// the action's end.
    pub fn reply(&mut self, character: EntityId, seq: Seq, entries: &[u64]) {
        self.happens(&Event::Replied { character, seq, entries: Cow::Borrowed(entries) });
    }

    /// An action was turned away without effect, and will be sent again.
    pub fn refused(&mut self, character: EntityId, refusal: &Refusal) {
        let Refusal { code, expected, .. } = *refusal;
        self.happens(&Event::Refused { character, code, expected });
    }

    /// For how long sessions of this world can be resumed; two minutes where nothing is said.
    pub fn resumable_for(&mut self, time: Duration) {
        self.happens(&Event::ResumableFor(time));
    }

    /// A player has left for good: its session is over.
    pub fn left(&mut self, character: EntityId) {
        self.happens(&Event::Left(character));
    }

    /// A client says Hello on a new connection; `resumes` says whether it shows a session and a copy to go on with. Only
    /// where every Hello is written down can resumption be checked.
    pub fn greeted(&mut self, character: EntityId, resumes: bool) {
        self.happens(&Event::Greeted { character, resumes });
    }

    /// A client was welcomed.
    pub fn welcomed(&mut self, character: EntityId, resync: ResyncKind, last_seq: Seq) {
        self.happens(&Event::Welcomed { character, resync, last_seq });
    }

    /// A client adopted a token.
    pub fn adopt(&mut self, character: EntityId, adopted: &Adopted) {
        self.happens(&Event::Adopted { character, adopted: Cow::Borrowed(adopted) });
    }

    /// A client's copy went wrong.
    pub fn diverged(&mut self, character: EntityId, divergence: &Divergence) {
        self.happens(&Event::Diverged { character, how: divergence.to_string().into() });
    }

    /// From now on nothing disturbs the world any more: every client must complete a fresh action soon.
    pub fn faults_are_over(&mut self) {
        self.happens(&Event::FaultsAreOver);
    }

    /// A client was told that the world stands still.
    pub fn paused(&mut self, character: EntityId) {
        self.happens(&Event::Paused(character));
    }

    /// A client ended, for whatever reason.
    pub fn client_ended(&mut self, character: EntityId) {
        self.happens(&Event::ClientEnded(character));
    }

    fn happens(&mut self, event: &Event<'_>) {
        if let Some(trace) = &mut self.trace {
            trace.happened(Stamp { order: self.order, at: self.now }, event);
        }
        self.take_in(event);
    }

    /// What a trace says to have happened at this time happens again.
    pub(crate) fn happens_again(&mut self, when: Stamp, event: &Event<'_>) {
        Stamp { order: self.order, at: self.now } = when;
        self.take_in(event);
    }

    fn take_in(&mut self, event: &Event<'_>) {
        match event {
            Event::Invoked { character, name, meaning, invoked } => {
                self.liveness.plays(*character);
                self.finish(|actions| {
                    actions.invoked(ActionRecord {
                        character: *character,
                        name: *name,
                        meaning: *meaning,
                        invoked: *invoked,
                        ended: None,
                    })
                });
            }
            Event::Ended { character, name, end } => {
                let ended = (self.stamp(), *end);
                self.answered.ended(*character, *name, *end);
                if !matches!(end, End::GivenUp(_)) {
                    self.told.hears_up_to(*character, name.seq);
                }
                self.finish(|actions| actions.ended(*character, *name, ended));
            }
            Event::Replied { character, seq, entries } => {
                if let Some(tape) = self.actions.tape_asked_for(*character, *seq) {
                    self.sightings.read(*character, tape, entries);
                }
            }
            Event::Refused { character, code, expected } => {
                if *code == Code::SEQ_GAP && expected.0 > 0 {
                    self.told.hears_up_to(*character, Seq(expected.0 - 1));
                }
            }
            Event::ResumableFor(time) => self.resumed.resumable_for(*time),
            Event::Left(character) => self.resumed.left(*character),
            Event::Greeted { character, resumes } => self.resumed.greeted(*character, *resumes),
            Event::Welcomed { character, resync, last_seq } => {
                self.liveness.welcomed(*character, self.now);
                self.told.welcomed(*character, *last_seq);
                self.resumed.welcomed(*character, *resync, self.now);
            }
            Event::Adopted { character, adopted } => {
                self.resumed.heard(*character, self.now);
                self.sessions.adopt(*character, adopted);
                self.agreement.adopt(*character, adopted);
                self.sightings.adopt(*character, adopted);
                self.atomic.adopt(*character, adopted);
                self.arrivals.adopt(adopted.at, self.now);
            }
            Event::Diverged { character, how } => {
                self.divergence_count += 1;
                self.agreement.diverged(*character, how);
            }
            Event::FaultsAreOver => self.liveness.faults_are_over(self.now),
            Event::Paused(_) => self.paused_count += 1,
            Event::ClientEnded(_) => self.ended_count += 1,
        }
    }

    /// Does something by which an action may have come to its end.
    fn finish(&mut self, by: impl FnOnce(&mut Actions) -> Option<ActionRecord>) {
        if let Some(action) = by(&mut self.actions) {
            self.liveness.ended(&action);
        }
    }

    /// How many clients have not yet completed a fresh action since the faults were over.
    #[must_use]
    pub fn waiting_count(&self) -> usize {
        self.liveness.waiting_count()
    }

    /// How many actions were accepted so far.
    #[must_use]
    pub fn accepted_count(&self) -> usize {
        self.actions.accepted_count
    }

    /// How many were rejected by a rule so far.
    #[must_use]
    pub fn rejected_count(&self) -> usize {
        self.actions.rejected_count
    }

    /// How many have no end, or were given up: each may have happened or not.
    #[must_use]
    pub fn open_count(&self) -> usize {
        self.actions.open_count()
    }

    /// All appends: those that have ended and those that have not.
    pub(crate) fn appends(&self) -> impl Iterator<Item = (&ActionRecord, EntityId, u64)> {
        self.actions.appends()
    }

    /// What transfers have made of each account, and may have made of it.
    pub(crate) fn changes(&self) -> BTreeMap<EntityId, Change> {
        self.actions.changes()
    }
}
