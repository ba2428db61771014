//! The ways past the gate that a sabotage opens. Compiled with the feature `sabotage` alone.

use holdfast_protocol::{Blob, Reply};

use super::Front;
use crate::changes::{Answer, AnswerKind, JoinOutcome, TickChanges};
use crate::event::FrontEffect;
use crate::gate::Committed;
use crate::moment::Moment;
use crate::sabotage::{Sabotage, is_on};

impl Front {
    /// Lets out at once, through the one way that is open, what this tick has for it. What is left waits at the gate.
    pub(super) fn leak(
        &mut self,
        now: Moment,
        mut changes: TickChanges,
        effects: &mut Vec<FrontEffect>,
    ) -> TickChanges {
        let mut early = TickChanges { tick: changes.tick, ..TickChanges::default() };
        if is_on(Sabotage::S1) {
            early.answers =
                take(&mut changes.answers, |answer| matches!(answer.kind, AnswerKind::Verdict { .. }));
        } else if is_on(Sabotage::S13Refusals) {
            early.answers =
                take(&mut changes.answers, |answer| matches!(answer.kind, AnswerKind::Refused { .. }));
        } else if is_on(Sabotage::S13Welcome) {
            early.joins = take(&mut changes.joins, |join| matches!(join, JoinOutcome::Attached(_)));
        } else if is_on(Sabotage::S13Replies) {
            changes.answers.iter_mut().for_each(|answer| self.leak_reply(answer));
            self.pump_all(now, effects);
        } else if is_on(Sabotage::S2) {
            early.entities = std::mem::take(&mut changes.entities);
            early.centers = std::mem::take(&mut changes.centers);
        }
        if early != (TickChanges { tick: changes.tick, ..TickChanges::default() }) {
            let early = Committed::forged(early);
            if is_on(Sabotage::S2) {
                self.encoder.forget();
                self.copy.apply(&early);
            }
            self.take_over(now, &early, effects);
            self.pump_all(now, effects);
        }
        changes
    }

    /// The reply leaves; its verdict waits.
    fn leak_reply(&mut self, answer: &mut Answer) {
        let AnswerKind::Verdict { reply, .. } = &mut answer.kind else { return };
        if let Some(session) = self.sessions.get_mut(answer.conn)
            && session.character == answer.character
            && let Some(body) = reply.take()
        {
            session.answers.push_reply(Reply { seq: answer.action.seq, body: Blob(body.to_vec()) });
        }
    }
}

fn take<T>(all: &mut Vec<T>, is_wanted: fn(&T) -> bool) -> Vec<T> {
    let (wanted, left) = std::mem::take(all).into_iter().partition(is_wanted);
    *all = left;
    wanted
}
