//! A client as a synchronous state machine: bytes and time in, events and bytes out.
//!
//! It owns the copy, the unanswered actions and the resume token, over any number of connections one after the other.
//! Sockets, clocks and randomness are its adapter's ([`crate::client`]); times are since any fixed start.

use std::time::Duration;

use holdfast_protocol::{
    ActionName, Applied, Blob, BuildId, ClientMessage, Code, DecodeError, EntityId, Frame, Hello, Resync,
    ServerMessage, Tick, Welcome, decode, encode,
};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::copy::{Divergence, WorldCopy};
use crate::event::{ClientEvent, LostCause, Welcomed};
use crate::glance::glance;
use crate::unanswered::{CannotAct, KeptActions, Unanswered};

/// The server sends at least one frame a second; who hears nothing for so long has no connection.
pub const SILENCE_MAX: Duration = Duration::from_secs(4);

/// Before Welcome there is nothing to hear but Welcome, and a character's load and the first commit may take their
/// time.
pub const WELCOME_WAIT_MAX: Duration = Duration::from_secs(10);

/// How often a client says that it is still there.
pub const PING_EVERY: Duration = Duration::from_secs(15);

/// How long a client waits for the snapshot that it asked for before it asks again.
pub const SNAPSHOT_WAIT_MAX: Duration = Duration::from_secs(5);

/// Where a client stands with its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// There is no connection.
    Apart,
    /// Hello is said, and Welcome has not come.
    Greeting,
    /// In the world.
    Playing,
}

/// What must outlive the process to play on as the same client: everything but the copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    character: EntityId,
    resume: Option<Blob>,
    actions: KeptActions,
}

/// A client's state over all of its connections.
#[derive(Debug)]
pub struct ClientCore {
    build: BuildId,
    character: EntityId,
    /// How messages are read: whole, or at a glance.
    read: fn(&[u8], EntityId) -> Result<ServerMessage, DecodeError>,
    stage: Stage,
    resume: Option<Blob>,
    /// What the last welcome told.
    addresses: Vec<String>,
    copy: WorldCopy,
    unanswered: Unanswered,
    /// Answers that wait for the token of their frame; each was unanswered, so there are never more than 64 of a kind.
    answers: Vec<ClientEvent>,
    applied: Option<Tick>,
    resync: Option<Tick>,
    snapshot_asked: Option<Duration>,
    divergence_count: u64,
    heard: Duration,
    ping_at: Duration,
    leaving: bool,
}

impl Kept {
    /// Whether there is a session that may go on.
    #[must_use]
    pub fn has_session(&self) -> bool {
        self.resume.is_some()
    }
}

impl ClientCore {
    /// A client of `build` that plays `character`.
    #[must_use]
    pub fn new(build: BuildId, character: EntityId) -> Self {
        Self::from_kept(build, Kept { character, resume: None, actions: KeptActions::default() })
    }

    /// A client that does and answers the same, and whose copy holds nothing but its own character and belongings: for
    /// bots whose copies nobody looks at. Its copy never diverges by what it holds.
    #[must_use]
    pub fn light(build: BuildId, character: EntityId) -> Self {
        Self { read: glance, ..Self::new(build, character) }
    }

    /// A client that goes on with what another process of the same build kept.
    #[must_use]
    pub fn from_kept(build: BuildId, kept: Kept) -> Self {
        Self {
            build,
            character: kept.character,
            read: |bytes, _| decode(bytes),
            stage: Stage::Apart,
            resume: kept.resume,
            addresses: Vec::new(),
            copy: WorldCopy::new(),
            unanswered: Unanswered::from_kept(kept.actions),
            answers: Vec::new(),
            applied: None,
            resync: None,
            snapshot_asked: None,
            divergence_count: 0,
            heard: Duration::ZERO,
            ping_at: Duration::ZERO,
            leaving: false,
        }
    }

    /// What must outlive this process.
    #[must_use]
    pub fn keep(&self) -> Kept {
        Kept { character: self.character, resume: self.resume.clone(), actions: self.unanswered.keep() }
    }

    /// Whether the next Hello shows a session and a copy to go on with.
    #[must_use]
    pub fn resumes(&self) -> bool {
        self.resume.is_some() && self.copy.held().is_some()
    }

    /// A socket is open: the first message to send.
    pub fn hello(&mut self, now: Duration, access_token: String) -> Vec<u8> {
        self.stage = Stage::Greeting;
        self.heard = now;
        encode(&ClientMessage::Hello(Hello {
            build: self.build,
            access_token,
            character: self.character,
            resume: self.resume.clone(),
            held: self.copy.held(),
            oldest_unanswered: self.unanswered.oldest(),
        }))
    }

    /// The socket is gone. Answers that had come and waited for their frame's token are told now.
    pub fn disconnected(&mut self) -> Vec<ClientEvent> {
        self.stage = Stage::Apart;
        (self.applied, self.resync, self.snapshot_asked) = (None, None, None);
        std::mem::take(&mut self.answers)
    }

    /// A frame of the socket has come. After [`ClientEvent::Closed`] or [`ClientEvent::Lost`] the socket is to be
    /// dropped.
    pub fn receive(&mut self, now: Duration, bytes: &[u8]) -> Vec<ClientEvent> {
        self.heard = now;
        let Ok(message) = (self.read)(bytes, self.character) else {
            return vec![ClientEvent::Lost(LostCause::Protocol)];
        };
        match (message, self.stage) {
            (ServerMessage::Error(error), _) => {
                // It is the other device's session now: who comes back all the same takes the character back, and says so
                // by showing no token of what was before.
                if error.code == Code::REPLACED {
                    self.resume = None;
                }
                vec![ClientEvent::Closed(error)]
            }
            (ServerMessage::Welcome(welcome), Stage::Greeting) => self.welcomed(now, welcome),
            (ServerMessage::Frame(frame), Stage::Playing) => self.frame(now, frame),
            (ServerMessage::Refused(refusal), Stage::Playing) => {
                let given_up = self.unanswered.refuse(now, &refusal);
                std::iter::once(ClientEvent::Refused(refusal))
                    .chain(given_up.into_iter().map(ClientEvent::GaveUp))
                    .collect()
            }
            (ServerMessage::Paused(paused), _) => vec![ClientEvent::Paused(paused)],
            (ServerMessage::IdleWarning(ms), _) => vec![ClientEvent::IdleWarning(ms)],
            (ServerMessage::Pong, _) => Vec::new(),
            _ => vec![ClientEvent::Lost(LostCause::Protocol)],
        }
    }

    fn welcomed(&mut self, now: Duration, welcome: Welcome) -> Vec<ClientEvent> {
        self.stage = Stage::Playing;
        self.ping_at = now + PING_EVERY;
        if welcome.resync != holdfast_protocol::ResyncKind::Delta {
            self.copy.forget();
        }
        self.copy.welcome(&welcome);
        let given_up = self.unanswered.welcome(&welcome);
        let welcomed = Welcomed {
            character: welcome.character,
            resync: welcome.resync,
            last_seq: welcome.last_seq,
            tick_ms: welcome.tick_ms,
        };
        self.resume = Some(welcome.resume);
        self.addresses = welcome.addresses;
        std::iter::once(ClientEvent::Welcomed(welcomed))
            .chain(given_up.into_iter().map(ClientEvent::GaveUp))
            .collect()
    }

    fn frame(&mut self, now: Duration, mut frame: Frame) -> Vec<ClientEvent> {
        let replies = std::mem::take(&mut frame.replies);
        let replies = replies.into_iter().filter(|reply| self.unanswered.waits_for(reply.seq));
        self.answers.extend(replies.map(ClientEvent::Reply));
        for verdict in std::mem::take(&mut frame.verdicts) {
            if self.unanswered.retire(verdict.action) {
                self.answers.push(ClientEvent::Verdict(verdict));
            }
        }
        let tick = frame.token.map(|stamp| stamp.tick);
        match self.copy.receive(frame) {
            Ok(None) => return Vec::new(),
            Ok(Some(token)) => {
                self.applied = Some(token.tick);
                self.snapshot_asked = None;
                self.answers.insert(0, ClientEvent::Updated(token));
            }
            // Until the snapshot comes, what is still under way builds upon a copy that is void.
            Err(_) if self.snapshot_asked.is_some() => {}
            Err(divergence) => self.diverged(now, divergence, tick),
        }
        std::mem::take(&mut self.answers)
    }

    fn diverged(&mut self, now: Duration, divergence: Divergence, tick: Option<Tick>) {
        self.divergence_count += 1;
        self.answers.push(ClientEvent::Diverged(divergence));
        if divergence.heals_by_snapshot() {
            self.resync = Some(tick.unwrap_or_default());
            self.snapshot_asked = Some(now);
        } else {
            self.answers.push(ClientEvent::Lost(LostCause::Protocol));
        }
    }

    /// Time has passed.
    pub fn clock(&mut self, now: Duration) -> Option<ClientEvent> {
        let wait_max = match self.stage {
            Stage::Apart => return None,
            Stage::Greeting => WELCOME_WAIT_MAX,
            Stage::Playing => SILENCE_MAX,
        };
        if now.saturating_sub(self.heard) > wait_max {
            return Some(ClientEvent::Lost(LostCause::Silent));
        }
        if let Some(asked) = self.snapshot_asked
            && now.saturating_sub(asked) > SNAPSHOT_WAIT_MAX
        {
            self.resync = Some(Tick::default());
            self.snapshot_asked = Some(now);
        }
        None
    }

    /// Takes in an action. It is sent when there is a connection, and again on each following one until it has its
    /// answer.
    ///
    /// # Errors
    /// As [`Unanswered::act`].
    pub fn act(&mut self, action: Vec<u8>, rng: &mut impl Rng) -> Result<ActionName, CannotAct> {
        self.unanswered.act(action, rng)
    }

    /// The player is going for good: the next messages are the last.
    pub fn leave(&mut self) {
        self.leaving = true;
    }

    /// The next message to send; none where there is nothing to say now.
    pub fn next_send(&mut self, now: Duration) -> Option<Vec<u8>> {
        if self.stage != Stage::Playing {
            return None;
        }
        if let Some(tick) = self.resync.take() {
            return Some(encode(&ClientMessage::Resync(Resync { tick })));
        }
        if let Some(tick) = self.applied.take() {
            return Some(encode(&ClientMessage::Applied(Applied { tick })));
        }
        if now >= self.ping_at {
            self.ping_at = now + PING_EVERY;
            return Some(encode(&ClientMessage::Ping));
        }
        if std::mem::take(&mut self.leaving) {
            // What follows a leave is not read any more.
            self.stage = Stage::Apart;
            return Some(encode(&ClientMessage::Leave));
        }
        self.unanswered.next_send(now)
    }

    /// When [`Self::clock`] and [`Self::next_send`] are to be asked again at the latest; none without a connection.
    #[must_use]
    pub fn wake_at(&self) -> Option<Duration> {
        let silent_at = match self.stage {
            Stage::Apart => return None,
            Stage::Greeting => return Some(self.heard + WELCOME_WAIT_MAX + Duration::from_millis(1)),
            Stage::Playing => self.heard + SILENCE_MAX + Duration::from_millis(1),
        };
        let resync_at = self.snapshot_asked.map(|asked| asked + SNAPSHOT_WAIT_MAX + Duration::from_millis(1));
        [Some(silent_at), Some(self.ping_at), resync_at, self.unanswered.wake_at()]
            .into_iter()
            .flatten()
            .min()
    }

    /// What the client holds of the world.
    #[must_use]
    pub fn copy(&self) -> &WorldCopy {
        &self.copy
    }

    /// Where the client stands with its connection.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// The character that is played.
    #[must_use]
    pub fn character(&self) -> EntityId {
        self.character
    }

    /// The addresses of all servers of the world, as the last welcome told them: the answering server's own first.
    #[must_use]
    pub fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// How many actions are without an answer.
    #[must_use]
    pub fn unanswered_count(&self) -> usize {
        self.unanswered.len()
    }

    /// How often the copy went wrong. Zero, where client and server are right.
    #[must_use]
    pub fn divergence_count(&self) -> u64 {
        self.divergence_count
    }
}

#[cfg(test)]
mod tests;
