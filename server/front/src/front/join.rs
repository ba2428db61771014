//! From Hello to Welcome, or a refusal.
//!
//! A connection that has said who it is waits until a committed tick says that it plays its character; only then is it
//! told so. Joins and sessions together are bounded by the capacity. One may go beyond it: whoever comes back for a
//! character that its own account plays over an older socket, since that socket's place is about to be free. So the
//! bound is twice the capacity, at worst.

use holdfast_protocol::{Blob, Code, EntityId, ResyncKind, ServerMessage, SessionEpoch, SyncToken, Welcome};

use super::Front;
use crate::changes::{Account, Attachment, JoinRefusal};
use crate::event::{Conn, FrontEffect, HelloRequest, JoinRequest, WorldEvent};
#[cfg(feature = "sabotage")]
use crate::failpoint::{Failpoint::AttachedUnwelcomed, hit};
use crate::measurement::Measurement;
use crate::moment::Moment;
use crate::replication::delta::Held;
use crate::session::Session;
use crate::session::outgoing::message;
use crate::session::resume::ResumeClaims;
use crate::session::syncing::Syncing;

/// A join that the world has not answered.
#[derive(Debug)]
pub(super) struct PendingJoin {
    pub(super) account: Account,
    pub(super) character: EntityId,
    /// What the client's copy holds.
    pub(super) held: Option<SyncToken>,
    /// Whether a resume token was shown, whatever it was worth.
    resume_shown: bool,
    pub(super) heard: Moment,
    pub(super) pong_owed: bool,
    pub(super) presence: Presence,
    /// When it said Hello.
    greeted: Moment,
}

/// What has become of the connection of a pending join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Waiting,
    /// Lost, or closed by us. The world's answer still has to be awaited: the character will be in the world.
    Lost,
    /// The player has left.
    Left,
}

impl Front {
    pub(super) fn hello(
        &mut self,
        now: Moment,
        conn: Conn,
        request: HelloRequest,
        effects: &mut Vec<FrontEffect>,
    ) {
        if self.sessions.contains(conn) || self.joins.contains_key(&conn) {
            // The socket refuses a second Hello; should one come through, the connection is not to be trusted.
            self.cut(now, conn, Code::HELLO_REPEATED, effects);
            return;
        }
        if request.resume.is_some() {
            effects.push(FrontEffect::Measured(Measurement::Returned));
        }
        if let Some(code) = self.reason_to_refuse(now, &request) {
            let error = self.error(code);
            effects.push(FrontEffect::Close(conn, error));
            return;
        }
        let resume = request
            .resume
            .as_ref()
            .and_then(|token| self.resumable(now, token, &request.account, request.character));
        let pending = PendingJoin {
            account: request.account.clone(),
            character: request.character,
            held: request.held,
            resume_shown: request.resume.is_some(),
            heard: now,
            pong_owed: false,
            presence: Presence::Waiting,
            greeted: request.heard,
        };
        self.joins.insert(conn, pending);
        effects.push(FrontEffect::World(WorldEvent::Join(JoinRequest {
            conn,
            account: request.account,
            character: request.character,
            resume,
            oldest_unanswered: request.oldest_unanswered,
        })));
    }

    fn reason_to_refuse(&self, now: Moment, request: &HelloRequest) -> Option<Code> {
        if self.draining {
            return Some(Code::MAINTENANCE);
        }
        if self.stalled_for(now) > self.config.limits.refuse_joins_after {
            return Some(Code::STORE_UNAVAILABLE);
        }
        if self.was_replaced(request) {
            return Some(Code::REPLACED);
        }
        (!self.has_room() && !self.takes_over(request)).then_some(Code::SERVER_FULL)
    }

    /// Whether somebody else has played the character since the token that is shown, and has not left it. A tab that
    /// slept through being told so must not take the character back by itself when it wakes.
    ///
    /// Who has the token of a later attachment never shows an earlier one again: so where the client of the latest is
    /// known to have its token, whoever shows an older one is somebody else. Until that is known, the one before may
    /// belong to a client whose Welcome was lost.
    fn was_replaced(&self, request: &HelloRequest) -> bool {
        let confirmed = match self.sessions.playing(request.character) {
            Some(session) => session.confirmed(),
            None => self.dropped.get(&request.character).and_then(|dropped| dropped.confirmed),
        };
        let (Some(latest), Some(token)) = (confirmed, &request.resume) else { return false };
        let shown = self.resume_key.verify(token, &request.account, request.character);
        shown.is_some_and(|claims| claims.session_epoch < latest)
    }

    /// Whether the join will free a place: the account itself plays the character over another socket. Only one such
    /// join at a time, or the exception would have no bound.
    fn takes_over(&self, request: &HelloRequest) -> bool {
        let played = self.sessions.playing(request.character);
        played.is_some_and(|session| session.account == request.account)
            && self.joins.values().all(|pending| pending.character != request.character)
    }

    /// The attachment that the token asks to resume, where the token is good and the time for it has not run out.
    fn resumable(
        &self,
        now: Moment,
        token: &Blob,
        account: &Account,
        character: EntityId,
    ) -> Option<SessionEpoch> {
        let claims = self.resume_key.verify(token, account, character)?;
        let window = self.config.limits.resumable_for;
        let in_time = if claims.epoch < self.config.epoch {
            // The ownership that knew when the socket dropped is gone; that was when ours began, or before.
            now.since(self.started) <= window
        } else {
            claims.epoch == self.config.epoch
                && (self.sessions.player(character).is_some()
                    || self.dropped.get(&character).is_some_and(|dropped| now.since(dropped.at) <= window))
        };
        in_time.then_some(claims.session_epoch)
    }

    /// A committed tick says that the connection plays the character.
    pub(super) fn attached(&mut self, now: Moment, attachment: &Attachment, effects: &mut Vec<FrontEffect>) {
        let (conn, character) = (attachment.conn, attachment.character);
        #[cfg(feature = "sabotage")]
        hit(AttachedUnwelcomed);
        let pending = self.joins.remove(&conn);
        if let Some(before) = self.sessions.player(character).filter(|before| *before != conn) {
            self.sessions.remove(before);
            // Whoever gives way to somebody who is gone already must be able to come back.
            let is_played = pending.as_ref().is_some_and(|pending| pending.presence == Presence::Waiting);
            let error = self.error(if is_played { Code::REPLACED } else { Code::SILENT });
            effects.push(FrontEffect::Close(before, error));
        }
        self.dropped.remove(&character);
        let Some(pending) = pending else { return };
        match pending.presence {
            Presence::Waiting => self.welcome(now, attachment, pending, effects),
            Presence::Lost if !self.draining => self.fall_asleep(now, character, conn, None, effects),
            Presence::Lost | Presence::Left => {
                let ended = pending.presence == Presence::Left;
                effects.push(FrontEffect::World(WorldEvent::Leave { character, conn, ended }));
            }
        }
    }

    fn welcome(
        &mut self,
        now: Moment,
        attachment: &Attachment,
        pending: PendingJoin,
        effects: &mut Vec<FrontEffect>,
    ) {
        let (conn, character) = (attachment.conn, attachment.character);
        let view = self.config.interest.view(attachment.center).into();
        let claims = ResumeClaims { session_epoch: attachment.session_epoch, epoch: self.config.epoch };
        let resume = self.resume_key.issue(&pending.account, character, claims);
        let (held, resync) = self.judge(attachment, &pending);
        let begins = (attachment.session_epoch, self.copy.tick());
        let mut session = Session::new(pending.account, character, begins, attachment.center, view, now);
        session.held = held;
        session.heard = pending.heard;
        session.pong_owed = pending.pong_owed;
        session.syncing = Some(Syncing::new(resync, pending.greeted));
        let welcome = message(&ServerMessage::Welcome(Welcome {
            world: self.config.world,
            epoch: self.config.epoch,
            tag: self.config.tag,
            character,
            last_seq: attachment.last_seq,
            conflict: attachment.conflict,
            resume,
            resync,
            tick_ms: self.config.tick_ms,
            addresses: self.config.addresses.to_vec(),
        }));
        session.ready.push_back(welcome.into());
        let resumed = attachment.resumed && resync != ResyncKind::SnapshotUnknownEpoch;
        effects.push(FrontEffect::Measured(Measurement::Welcomed { resumed }));
        self.sessions.insert(conn, session);
        self.pump(now, conn, effects);
    }

    /// What the client's copy is worth, and what it is told about that.
    fn judge(&self, attachment: &Attachment, pending: &PendingJoin) -> (Option<Held>, ResyncKind) {
        let Some(token) = pending.held else { return (None, ResyncKind::SnapshotFresh) };
        if !pending.resume_shown {
            return (None, ResyncKind::SnapshotFresh);
        }
        // First: a session that a restored world does not know cannot be resumed either, and that is not the reason.
        let Some(from) = self.history.worth(&token, self.copy.tick()) else {
            return (None, ResyncKind::SnapshotUnknownEpoch);
        };
        if !attachment.resumed {
            return (None, ResyncKind::SnapshotExpired);
        }
        let point = token.point();
        let view = self.config.interest.view(token.center).into();
        (Some(Held { point, from, center: token.center, view }), ResyncKind::Delta)
    }

    /// A committed tick says that the connection does not get in.
    pub(super) fn join_refused(&mut self, refusal: JoinRefusal, effects: &mut Vec<FrontEffect>) {
        let Some(pending) = self.joins.remove(&refusal.conn) else { return };
        if pending.presence == Presence::Waiting {
            let error = self.error(refusal.code);
            effects.push(FrontEffect::Close(refusal.conn, error));
        }
    }
}
