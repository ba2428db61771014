//! How sessions end, and what is remembered of them.
//!
//! A session whose connection is lost can be resumed for a while. Its character stays in the world, asleep, for the
//! first part of that time. A session that was ended (left, idle, replaced) is forgotten at once.

use holdfast_protocol::{Code, EntityId, SessionEpoch};

use super::Front;
use super::join::Presence;
use crate::event::{Conn, FrontEffect, WorldEvent};
use crate::measurement::Measurement;
use crate::moment::Moment;

/// So many lost sessions are remembered per place that the server has. Beyond that the oldest is forgotten, leaves the
/// world and cannot be resumed.
const DROPPED_PER_PLACE: usize = 4;

/// A session whose connection is lost.
#[derive(Debug)]
pub(super) struct Dropped {
    /// The connection.
    conn: Conn,
    /// When it was lost.
    pub(super) at: Moment,
    /// Its attachment, where its client is known to have the resume token of it.
    pub(super) confirmed: Option<SessionEpoch>,
    /// Whether the character has been asked to leave the world.
    leaving: bool,
}

impl Front {
    pub(super) fn lost(&mut self, now: Moment, conn: Conn, effects: &mut Vec<FrontEffect>) {
        if let Some(pending) = self.joins.get_mut(&conn) {
            if pending.presence == Presence::Waiting {
                pending.presence = Presence::Lost;
            }
        } else if let Some(session) = self.sessions.remove(conn) {
            self.fall_asleep(now, session.character, conn, session.confirmed(), effects);
        }
    }

    /// Closes a connection for a reason; to its session that is the same as if the connection had been lost.
    pub(super) fn cut(&mut self, now: Moment, conn: Conn, code: Code, effects: &mut Vec<FrontEffect>) {
        if code == Code::SLOW_READER {
            effects.push(FrontEffect::Measured(Measurement::SlowSession));
        }
        let error = self.error(code);
        effects.push(FrontEffect::Close(conn, error));
        self.lost(now, conn, effects);
    }

    /// The character is in the world and nobody plays it.
    pub(super) fn fall_asleep(
        &mut self,
        now: Moment,
        character: EntityId,
        conn: Conn,
        confirmed: Option<SessionEpoch>,
        effects: &mut Vec<FrontEffect>,
    ) {
        effects.push(FrontEffect::World(WorldEvent::Sleep { conn, character }));
        if self.dropped.len() >= self.config.session_capacity.saturating_mul(DROPPED_PER_PLACE) {
            let oldest = self.dropped.iter().min_by_key(|(_, dropped)| dropped.at).map(|(id, _)| *id);
            if let Some((oldest, dropped)) = oldest.and_then(|id| Some((id, self.dropped.remove(&id)?))) {
                leave_unless_leaving(oldest, &dropped, effects);
            }
        }
        self.dropped.insert(character, Dropped { conn, at: now, confirmed, leaving: false });
    }

    /// The player wishes to go. Nothing more is owed to it.
    pub(super) fn leave(&mut self, conn: Conn, effects: &mut Vec<FrontEffect>) {
        self.end(conn, effects);
        effects.push(FrontEffect::Hangup(conn));
    }

    pub(super) fn end_idle(&mut self, conn: Conn, effects: &mut Vec<FrontEffect>) {
        self.end(conn, effects);
        let error = self.error(Code::IDLE_TIMEOUT);
        effects.push(FrontEffect::Close(conn, error));
    }

    fn end(&mut self, conn: Conn, effects: &mut Vec<FrontEffect>) {
        let Some(session) = self.sessions.remove(conn) else { return };
        effects.push(FrontEffect::World(WorldEvent::Leave {
            character: session.character,
            conn,
            ended: true,
        }));
    }

    /// A committed tick says that a character is no longer in the world. A connection that still plays it has nothing
    /// left to play: that is a fault of ours, and it may come back.
    pub(super) fn character_gone(&mut self, character: EntityId, effects: &mut Vec<FrontEffect>) {
        if let Some(conn) = self.sessions.remove_player(character) {
            let error = self.error(Code::INTERNAL);
            effects.push(FrontEffect::Close(conn, error));
        }
    }

    pub(super) fn clock_dropped(&mut self, now: Moment, effects: &mut Vec<FrontEffect>) {
        let limits = &self.config.limits;
        self.dropped.retain(|character, dropped| {
            let lost_for = now.since(dropped.at);
            if lost_for >= limits.asleep_for {
                leave_unless_leaving(*character, dropped, effects);
                dropped.leaving = true;
            }
            lost_for <= limits.resumable_for
        });
    }

    /// The server is going to stop: everybody is told when to come back, and all characters leave the world. Their
    /// sessions stay resumable.
    pub(super) fn drain(&mut self, effects: &mut Vec<FrontEffect>) {
        self.draining = true;
        for (conn, session) in self.sessions.remove_all() {
            let error = self.error(Code::MAINTENANCE);
            effects.push(FrontEffect::Close(conn, error));
            let leave = WorldEvent::Leave { character: session.character, conn, ended: false };
            effects.push(FrontEffect::World(leave));
        }
        let waiting: Vec<Conn> = self
            .joins
            .iter_mut()
            .filter(|(_, pending)| pending.presence == Presence::Waiting)
            .map(|(conn, pending)| {
                pending.presence = Presence::Lost;
                *conn
            })
            .collect();
        for conn in waiting {
            let error = self.error(Code::MAINTENANCE);
            effects.push(FrontEffect::Close(conn, error));
        }
        for (character, dropped) in std::mem::take(&mut self.dropped) {
            leave_unless_leaving(character, &dropped, effects);
        }
    }
}

fn leave_unless_leaving(character: EntityId, dropped: &Dropped, effects: &mut Vec<FrontEffect>) {
    if !dropped.leaving {
        let leave = WorldEvent::Leave { character, conn: dropped.conn, ended: false };
        effects.push(FrontEffect::World(leave));
    }
}
