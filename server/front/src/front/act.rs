//! What a client may say once it has said who it is.

use std::time::Duration;

use holdfast_protocol::{Act, ClientMessage, Code, Refusal, ResyncKind, Seq, UNANSWERED_MAX};

use super::Front;
use super::join::Presence;
use crate::event::{Conn, FrontEffect, Pace, WorldEvent};
use crate::measurement::{AnswerSort, Measurement, verb_tag};
use crate::moment::Moment;
use crate::session::outgoing::millis;
use crate::session::syncing::Syncing;

/// When to send a refused action again, where a queue is full, the front's or the world's: about the time that it takes
/// the world to answer something.
pub(super) const BUSY_RETRY: Duration = Duration::from_millis(250);

impl Front {
    pub(super) fn said(
        &mut self,
        now: Moment,
        conn: Conn,
        message: ClientMessage,
        heard: Moment,
        effects: &mut Vec<FrontEffect>,
    ) {
        if self.joins.contains_key(&conn) {
            self.said_while_joining(now, conn, &message, effects);
            return;
        }
        let Some(session) = self.sessions.get_mut(conn) else { return };
        session.heard = now;
        match message {
            ClientMessage::Act(act) => self.act(now, conn, act, heard, effects),
            ClientMessage::Acts(acts) if acts.len() > UNANSWERED_MAX => {
                self.cut(now, conn, Code::MALFORMED, effects);
            }
            ClientMessage::Acts(acts) => {
                for act in acts {
                    // One of them may have been the connection's last.
                    if !self.sessions.contains(conn) {
                        break;
                    }
                    self.act(now, conn, act, heard, effects);
                }
            }
            ClientMessage::Applied(applied) => {
                let measured = session.applied(now, heard, applied.tick, &self.config.limits);
                effects.extend(measured.map(FrontEffect::Measured));
                // Every frame is echoed: an echo alone is no reason to look whether something is to be said.
                if session.staleness.refresh_is_wanted() {
                    self.pump(now, conn, effects);
                }
            }
            ClientMessage::Ping => {
                session.pong_owed = true;
                self.pump(now, conn, effects);
            }
            ClientMessage::Resync(_) => {
                session.resync_wanted = true;
                session.syncing.get_or_insert(Syncing::new(ResyncKind::SnapshotDiverged, heard));
                self.pump(now, conn, effects);
            }
            ClientMessage::Leave => self.leave(conn, effects),
            ClientMessage::Hello(_) => self.cut(now, conn, Code::HELLO_REPEATED, effects),
        }
    }

    /// Before Welcome there is nothing to act upon, and nothing to say but that one is still there, or no longer.
    fn said_while_joining(
        &mut self,
        now: Moment,
        conn: Conn,
        message: &ClientMessage,
        effects: &mut Vec<FrontEffect>,
    ) {
        let Some(pending) = self.joins.get_mut(&conn) else { return };
        if pending.presence != Presence::Waiting {
            return;
        }
        pending.heard = now;
        match message {
            ClientMessage::Ping => pending.pong_owed = true,
            ClientMessage::Applied(_) => {}
            // What was shown with Hello has gone wrong meanwhile.
            ClientMessage::Resync(_) => pending.held = None,
            ClientMessage::Leave => {
                pending.presence = Presence::Left;
                effects.push(FrontEffect::Hangup(conn));
            }
            ClientMessage::Act(_) | ClientMessage::Acts(_) => {
                self.cut(now, conn, Code::HELLO_EXPECTED, effects);
            }
            ClientMessage::Hello(_) => self.cut(now, conn, Code::HELLO_REPEATED, effects),
        }
    }

    fn act(&mut self, now: Moment, conn: Conn, act: Act, heard: Moment, effects: &mut Vec<FrontEffect>) {
        let Some(pace) = (self.config.inspect_action)(&act.action.0) else {
            self.cut(now, conn, Code::MALFORMED, effects);
            return;
        };
        let Some(session) = self.sessions.get_mut(conn) else { return };
        session.acted = now;
        session.idle_warned = false;
        session.idle_warning_owed = false;
        if let Err((code, retry_after)) = self.admit(now, conn, pace) {
            self.refuse(now, conn, &act, code, retry_after, effects);
            return;
        }
        let Some(session) = self.sessions.get_mut(conn) else { return };
        session.unanswered += 1;
        self.queued += 1;
        effects.push(FrontEffect::World(WorldEvent::Act {
            conn,
            character: session.character,
            name: act.name,
            action: act.action,
            heard,
        }));
    }

    /// Whether an action may join the world's queue now. What does not has consumed nothing.
    fn admit(&mut self, now: Moment, conn: Conn, pace: Pace) -> Result<(), (Code, Duration)> {
        let limits = &self.config.limits;
        let Some(session) = self.sessions.get_mut(conn) else { return Ok(()) };
        if session.unanswered >= limits.unanswered_max || self.queued >= limits.queued_max {
            return Err((Code::BUSY, BUSY_RETRY));
        }
        session.rates.take(pace, now).map_err(|wait| (Code::RATE_LIMITED, wait))
    }

    /// Says no to an action that never reached the world. It tells nothing of the world, so it need not wait at the
    /// gate.
    fn refuse(
        &mut self,
        now: Moment,
        conn: Conn,
        act: &Act,
        code: Code,
        retry_after: Duration,
        effects: &mut Vec<FrontEffect>,
    ) {
        let Some(session) = self.sessions.get_mut(conn) else { return };
        let verb = verb_tag(&act.action.0);
        let measured = Measurement::Answered { verb, code, answer: AnswerSort::Refused };
        effects.push(FrontEffect::Measured(measured));
        let refusal =
            Refusal { action: act.name, code, retry_after_ms: millis(retry_after), expected: Seq(0) };
        session.answers.push_refusal(refusal);
        self.pump(now, conn, effects);
    }
}
