//! What a tick caused, once it is committed, to everybody whom it concerns.
//!
//! All ticks that one commit made durable are taken over in order, and only then is anything said: several ticks leave
//! as one frame. Nothing in here ever sees a tick that is not a [`Committed`].

use holdfast_protocol::{Blob, Code, Refusal, Reply, Tick, Verdict};

use super::Front;
use super::act::BUSY_RETRY;
use crate::changes::{Answer, AnswerKind, JoinOutcome, TickChanges, TickTimes};
use crate::event::FrontEffect;
use crate::gate::Committed;
use crate::measurement::{ActionTimes, AnswerSort, Measurement};
use crate::moment::Moment;
use crate::session::outgoing::millis;

impl Front {
    pub(super) fn ticked(&mut self, now: Moment, changes: TickChanges, effects: &mut Vec<FrontEffect>) {
        // S1, S2 and S13 break the promise that nothing leaves before its flush has committed.
        #[cfg(feature = "sabotage")]
        let changes = self.leak(now, changes, effects);
        self.gate.hold(now, changes);
        // A load is durable already, and so is a tick whose commit was heard of first.
        self.open_gate(now, self.gate.durable(), effects);
    }

    pub(super) fn open_gate(&mut self, now: Moment, tick: Tick, effects: &mut Vec<FrontEffect>) {
        let opened = self.gate.mark_durable(tick);
        if opened.is_empty() {
            return;
        }
        self.encoder.forget();
        for changes in &opened {
            self.copy.apply(changes);
        }
        for changes in &opened {
            self.take_over(now, changes, effects);
        }
        self.pump_all(now, effects);
    }

    pub(super) fn take_over(
        &mut self,
        now: Moment,
        changes: &Committed<TickChanges>,
        effects: &mut Vec<FrontEffect>,
    ) {
        for gone in &changes.gone {
            self.character_gone(gone.character, effects);
        }
        for &(character, center) in &changes.centers {
            let Some(session) = self.sessions.playing_mut(character) else { continue };
            session.center = center;
            session.view = self.config.interest.view(center).into();
        }
        for answer in &changes.answers {
            self.answered(now, answer, changes.times, effects);
        }
        for join in &changes.joins {
            match join {
                JoinOutcome::Attached(attachment) => self.attached(now, attachment, effects),
                JoinOutcome::Refused(refusal) => self.join_refused(*refusal, effects),
            }
        }
    }

    /// An answer frees the place of its action in the queue, and goes to whoever asked, if that connection still plays
    /// the character. Otherwise nobody is told: the client asks again.
    fn answered(&mut self, now: Moment, answer: &Answer, ran: TickTimes, effects: &mut Vec<FrontEffect>) {
        effects.extend(measured(answer).map(FrontEffect::Measured));
        self.queued = self.queued.saturating_sub(1);
        let Some(session) = self.sessions.get_mut(answer.conn) else { return };
        session.unanswered = session.unanswered.saturating_sub(1);
        if session.character != answer.character {
            return;
        }
        match &answer.kind {
            AnswerKind::Verdict { code, detail, reply, replayed } => {
                let verdict = Verdict { action: answer.action, code: *code, detail: *detail };
                // What is asked again was measured when it was decided.
                let times = (!replayed).then_some(ActionTimes {
                    heard: answer.heard,
                    began: ran.began,
                    sealed: ran.sealed,
                    durable: now,
                    socket_was_busy: session.in_flight.is_some(),
                });
                session.answers.push_verdict(verdict, times);
                if let Some(reply) = reply {
                    let reply = Reply { seq: answer.action.seq, body: Blob(reply.to_vec()) };
                    session.answers.push_reply(reply);
                }
            }
            AnswerKind::Refused { code, expected } => session.answers.push_refusal(Refusal {
                action: answer.action,
                code: *code,
                retry_after_ms: if *code == Code::BUSY { millis(BUSY_RETRY) } else { 0 },
                expected: if *code == Code::SEQ_GAP { *expected } else { Default::default() },
            }),
            AnswerKind::Void => {}
        }
    }
}

/// What operators are told of an answer.
fn measured(answer: &Answer) -> Option<Measurement> {
    let (code, sort) = match answer.kind {
        AnswerKind::Verdict { code, replayed: true, .. } => (code, AnswerSort::Replayed),
        AnswerKind::Verdict { code, .. } => (code, AnswerSort::Decided),
        AnswerKind::Refused { code, .. } => (code, AnswerSort::Refused),
        AnswerKind::Void => return None,
    };
    Some(Measurement::Answered { verb: answer.verb, code, answer: sort })
}
