//! What happens because time has passed.

use std::time::Duration;

use holdfast_protocol::Code;

use super::Front;
use super::join::Presence;
use crate::event::{Conn, FrontEffect};
use crate::moment::Moment;
use crate::session::Session;
use crate::session::limits::Limits;

/// What time has brought upon a session.
enum Due {
    Nothing,
    Cut(Code),
    IdleWarning,
    IdleEnd,
}

impl Front {
    pub(super) fn clock(&mut self, now: Moment, effects: &mut Vec<FrontEffect>) {
        let stalled_for = self.stalled_for(now);
        let sessions: Vec<(Conn, Due)> = self
            .sessions
            .iter()
            .map(|(conn, session)| (conn, due(session, now, stalled_for, &self.config.limits)))
            .collect();
        for (conn, due) in sessions {
            match due {
                Due::Nothing => self.pump(now, conn, effects),
                Due::Cut(code) => self.cut(now, conn, code, effects),
                Due::IdleWarning => {
                    if let Some(session) = self.sessions.get_mut(conn) {
                        session.idle_warned = true;
                        session.idle_warning_owed = true;
                    }
                    self.pump(now, conn, effects);
                }
                Due::IdleEnd => self.end_idle(conn, effects),
            }
        }
        self.clock_joins(now, stalled_for, effects);
        self.clock_dropped(now, effects);
    }

    fn clock_joins(&mut self, now: Moment, stalled_for: Duration, effects: &mut Vec<FrontEffect>) {
        let limits = &self.config.limits;
        let waiting = self.joins.iter().filter(|(_, pending)| pending.presence == Presence::Waiting);
        let cut: Vec<(Conn, Code)> = waiting
            .filter_map(|(conn, pending)| {
                if stalled_for > limits.close_after {
                    Some((*conn, Code::STORE_UNAVAILABLE))
                } else {
                    (now.since(pending.heard) >= limits.silent_after).then_some((*conn, Code::SILENT))
                }
            })
            .collect();
        for (conn, code) in cut {
            self.cut(now, conn, code, effects);
        }
    }
}

fn due(session: &Session, now: Moment, stalled_for: Duration, limits: &Limits) -> Due {
    if stalled_for > limits.close_after {
        return Due::Cut(Code::STORE_UNAVAILABLE);
    }
    if session.in_flight.is_some_and(|sent| now.since(sent) >= limits.write_timeout) {
        return Due::Cut(Code::SLOW_READER);
    }
    if now.since(session.heard) >= limits.silent_after {
        return Due::Cut(Code::SILENT);
    }
    let idle_for = now.since(session.acted);
    if idle_for >= limits.idle_after {
        return Due::IdleEnd;
    }
    if idle_for >= limits.idle_warning_after && !session.idle_warned {
        Due::IdleWarning
    } else {
        Due::Nothing
    }
}
