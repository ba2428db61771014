//! The front: gate, public copy and sessions in one synchronous state machine.
//!
//! Something happens ([`FrontEvent`]), the front steps, and what comes out ([`FrontEffect`]) is for others to carry
//! out: sockets write, the world queues. No clock, socket or thread is in here; the moment comes in with each step.
//!
//! - [`join`]: from Hello to Welcome, or a refusal.
//! - [`act`]: what a client may say once it is in.
//! - [`publish`]: what a tick caused, once it is committed, to everybody whom it concerns.
//! - [`clock`]: what happens because time has passed.
//! - [`depart`]: how sessions end, and what is remembered of them.
//! - [`sessions`]: all of them, by connection and by character.

mod act;
mod clock;
mod config;
mod depart;
mod join;
#[cfg(feature = "sabotage")]
mod leak;
mod publish;
mod sessions;

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_protocol::{ChunkId, ChunkWrite, Code, EntityId, EntityWrite, ErrorBody, Tick};

use crate::event::{Conn, FrontEffect, FrontEvent};
use crate::gate::Gate;
use crate::measurement::Measurement;
use crate::moment::Moment;
use crate::replication::encode::ChunkEncoder;
use crate::replication::history::History;
use crate::replication::public_copy::PublicCopy;
use crate::session::outgoing::{Saying, Truth};
use crate::session::resume::ResumeKey;
use depart::Dropped;
use join::PendingJoin;
use sessions::Sessions;

pub use config::FrontConfig;

/// What stands in front of the gate of one ownership of a world.
///
/// A restart of the world, inside the process or not, makes a new one: of the old one nothing survives but the tokens
/// that clients hold.
pub struct Front {
    config: FrontConfig,
    started: Moment,
    history: History,
    resume_key: ResumeKey,
    gate: Gate,
    copy: PublicCopy,
    encoder: ChunkEncoder,
    /// Joins that the world has not answered, those of lost connections included. With `sessions`, bounded by the
    /// capacity (see [`join`]).
    joins: BTreeMap<Conn, PendingJoin>,
    sessions: Sessions,
    /// Sessions whose connection is lost and that can be resumed. Bounded: see [`depart`].
    dropped: BTreeMap<EntityId, Dropped>,
    /// Actions that are with the world, all sessions together. Bounded by `Limits::queued_max`.
    queued: usize,
    draining: bool,
    incident_count: u64,
}

impl Front {
    /// A front of a world whose load is still to be handed in, as the changes of the tick `config.start`.
    #[must_use]
    pub fn new(config: FrontConfig, now: Moment) -> Self {
        Self {
            started: now,
            history: History::new(config.world, config.epoch, config.tag, config.history.clone()),
            resume_key: ResumeKey::new(config.resume_key, config.build),
            gate: Gate::new(config.start),
            copy: PublicCopy::new(config.start),
            encoder: ChunkEncoder::default(),
            joins: BTreeMap::new(),
            sessions: Sessions::default(),
            dropped: BTreeMap::new(),
            queued: 0,
            draining: false,
            incident_count: 0,
            config,
        }
    }

    /// Takes in what has happened, and appends what follows from it, to be carried out in this order.
    pub fn step(&mut self, now: Moment, event: FrontEvent, effects: &mut Vec<FrontEffect>) {
        match event {
            FrontEvent::Hello(conn, request) => self.hello(now, conn, request, effects),
            FrontEvent::Said(conn, message, heard) => self.said(now, conn, message, heard, effects),
            FrontEvent::Written(conn) => self.written(now, conn, effects),
            FrontEvent::Lost(conn) => self.lost(now, conn, effects),
            FrontEvent::Ticked(changes) => self.ticked(now, changes, effects),
            FrontEvent::Durable(tick) => self.open_gate(now, tick, effects),
            FrontEvent::Clock => self.clock(now, effects),
            FrontEvent::Drain => self.drain(effects),
        }
    }

    /// How many connections play a character.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }

    /// Whether somebody who comes now would find a place.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.sessions.len() + self.joins.len() < self.config.session_capacity
    }

    /// How many joins the world has not answered.
    #[must_use]
    pub fn pending_join_count(&self) -> usize {
        self.joins.len()
    }

    /// How many actions the world has not answered.
    #[must_use]
    pub fn queued_action_count(&self) -> usize {
        self.queued
    }

    /// How many ticks wait for their commit.
    #[must_use]
    pub fn ticks_ahead(&self) -> usize {
        self.gate.held_ticks()
    }

    /// About how many bytes wait for their commit.
    #[must_use]
    pub fn gate_bytes(&self) -> usize {
        self.gate.held_bytes()
    }

    /// The newest tick that is known committed.
    #[must_use]
    pub fn durable(&self) -> Tick {
        self.gate.durable()
    }

    /// For how long the oldest tick has been waiting for its commit; zero where none waits.
    #[must_use]
    pub fn stalled_for(&self, now: Moment) -> Duration {
        self.gate.waits_since().map_or(Duration::ZERO, |since| now.since(since))
    }

    /// How many times a chunk has been encoded: once per change and tick held, however many see it.
    #[must_use]
    pub fn chunk_encoding_count(&self) -> u64 {
        self.encoder.encoded_count()
    }

    /// The committed content of the view centred on `center`, written out afresh, nearest chunk first.
    #[must_use]
    pub fn snapshot(&self, center: ChunkId) -> Vec<ChunkWrite> {
        self.config.interest.view(center).into_iter().map(|chunk| self.copy.to_write(chunk)).collect()
    }

    /// The committed content of what is a character's own, written out afresh. For its player's eyes alone.
    #[must_use]
    pub fn own_snapshot(&self, character: EntityId) -> Vec<EntityWrite> {
        self.copy.to_own_writes(character)
    }

    /// Sends a session its next message, where its socket can take one. Closes it where too much has piled up.
    fn pump(&mut self, now: Moment, conn: Conn, effects: &mut Vec<FrontEffect>) {
        let stalled_for = self.stalled_for(now);
        let Some(session) = self.sessions.get_mut(conn) else { return };
        let mut truth = Truth {
            epoch: self.config.epoch,
            copy: &self.copy,
            encoder: &mut self.encoder,
            limits: &self.config.limits,
            stalled_for,
            trusted: self.config.trust.holds(now),
        };
        let said = session.next_message(now, &mut truth);
        if std::mem::take(&mut session.refresh_begun) {
            effects.push(FrontEffect::Measured(Measurement::RefreshForced));
        }
        match said {
            Some(Saying::OfTheWorld(message)) => {
                effects.push(FrontEffect::Send(conn, message.bytes, message.answers));
            }
            Some(Saying::Notice(bytes)) => effects.push(FrontEffect::Notice(conn, bytes)),
            None => {}
        }
        if session.answers.bytes() > self.config.limits.answers_bytes_max {
            self.cut(now, conn, Code::SLOW_READER, effects);
        }
    }

    fn pump_all(&mut self, now: Moment, effects: &mut Vec<FrontEffect>) {
        // Those to whom an answer is owed go first.
        let (first, then): (Vec<_>, Vec<_>) =
            self.sessions.iter().partition(|(_, session)| session.answers.want_frame());
        let order: Vec<Conn> = first.into_iter().chain(then).map(|(conn, _)| conn).collect();
        for conn in order {
            self.pump(now, conn, effects);
        }
    }

    fn written(&mut self, now: Moment, conn: Conn, effects: &mut Vec<FrontEffect>) {
        let Some(session) = self.sessions.get_mut(conn) else { return };
        session.in_flight = None;
        if let Some(synced) = session.synced(now) {
            effects.push(FrontEffect::Measured(synced));
        }
        self.pump(now, conn, effects);
    }

    /// The last words to a connection. The incident's number is the ownership's random tag, with a count in its lower
    /// half: no two servers give the same, and neither does one that was started again. Codes that are not the engine's have no business here, and tell of a fault.
    fn error(&mut self, code: Code) -> ErrorBody {
        const COUNT: u64 = 0xffff_ffff;
        self.incident_count += 1;
        let code = if code.engine_entry().is_some() { code } else { Code::INTERNAL };
        ErrorBody::new(
            code,
            self.retry_after_ms(code),
            self.config.tag.0 & !COUNT | self.incident_count & COUNT,
        )
    }

    /// When to come back. Where many are turned away at once they are spread over three seconds, so that they do not
    /// come back at once.
    fn retry_after_ms(&self, code: Code) -> u32 {
        const SPREAD_MS: u64 = 3_001;
        match code {
            Code::SERVER_FULL | Code::STORE_UNAVAILABLE | Code::MAINTENANCE => {
                // A step that has no factor in common with the spread visits every millisecond of it.
                let spread = (self.incident_count % SPREAD_MS) * 997 % SPREAD_MS;
                2_000 + u32::try_from(spread).unwrap_or(0)
            }
            _ => 0,
        }
    }
}
