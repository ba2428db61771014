//! What is due for a light bot, and when.

use std::time::Duration;

use holdfast_client::CannotAct;
use tokio::time::Instant;

use super::super::schedule::{Pacing, Schedule};
use super::super::watcher::NO_ROOM_WAIT;
use super::LightBot;

/// When the alarm rings where nothing is due.
const NOTHING_DUE_WAIT: Duration = Duration::from_secs(1);

/// Where nothing is due, it is looked again then.
pub(super) fn nothing() -> Instant {
    Instant::now() + NOTHING_DUE_WAIT
}

impl LightBot {
    pub(super) fn begin(&mut self) {
        if let Some(span) = *self.go.borrow_and_update() {
            let schedule = Schedule::new(span, self.plan.rate, self.plan.pacing, &mut self.player.rng);
            self.player.measure.intends(&schedule, span);
            self.schedule = Some((span, schedule));
        }
    }

    /// When it acts next; none where nothing is due, or who waits for an answer has none.
    pub(super) fn act_at(&self) -> Option<Instant> {
        let (_, schedule) = self.schedule.as_ref()?;
        let waits = schedule.pacing == Pacing::Closed && self.core.unanswered_count() > 0;
        let due = schedule.due().filter(|_| !waits)?;
        Some(self.held.as_ref().map_or(due, |(_, again)| due.max(*again)))
    }

    pub(super) fn cut_at(&self) -> Option<Instant> {
        let ((span, _), after) = self.schedule.as_ref().zip(self.plan.cuts.front())?;
        Some(span.start + *after)
    }

    pub(super) fn wake_at(&self) -> Instant {
        let core = self.core.wake_at().map(|at| self.begun + at);
        let at = [core, self.act_at(), self.cut_at()].into_iter().flatten().min();
        at.unwrap_or_else(nothing)
    }

    pub(super) fn is_cut(&mut self) -> bool {
        let now = Instant::now();
        if self.cut_at().is_none_or(|at| at > now) {
            return false;
        }
        self.plan.cuts.pop_front();
        // Who is cut again before it is back has been away since the first time.
        self.cut.get_or_insert(now);
        self.player.measure.notes().figures.cuts += 1;
        true
    }

    /// Hands over everything that is due.
    pub(super) fn act(&mut self) {
        while self.act_at().is_some_and(|at| at <= Instant::now()) {
            let Some((_, schedule)) = &mut self.schedule else { return };
            let Some(due) = schedule.due() else { return };
            let action = match self.held.take() {
                Some((action, again)) => {
                    self.free_at = Some(again);
                    action
                }
                None => {
                    let late = self.free_at.map_or(due, |free_at| due.max(free_at)).elapsed();
                    let action = self.player.next_action(self.core.copy(), self.core.unanswered_count());
                    self.player.measure.expect(schedule.pacing, action.mark, due, late);
                    action
                }
            };
            let now = Instant::now();
            match self.core.act(action.bytes.clone(), &mut self.rng) {
                Ok(name) => {
                    // Who waits for answers measures from when it asks: that is what hides a stall.
                    let from = if schedule.pacing == Pacing::Closed { now } else { due };
                    let sent = self.player.sent(&action, schedule.pacing, from, now);
                    self.player.measure.sent(self.player.character, name, sent);
                }
                Err(CannotAct::Full | CannotAct::NotWelcomed) if !schedule.is_over(now) => {
                    self.held = Some((action, now + NO_ROOM_WAIT));
                    return;
                }
                Err(_) => self.player.measure.unsent(schedule.pacing, due),
            }
            schedule.done(now);
        }
    }
}
