//! One player's live connection context: who it is, what its client holds, and what is owed to it.
//!
//! A session comes into being when a committed tick says that its connection plays a character: such a beginning is an
//! *attachment*. It holds no part of the world: what the client is missing is worked out against the public copy at the
//! moment when the socket can take it, so a slow reader costs no memory and merely has an older token.
//!
//! To the player the session outlives its socket. Here it does not: when the socket is lost, all that is left of it is a
//! `Dropped` (`front/depart.rs`), which remembers for two minutes that it can be resumed; whoever resumes it gets a
//! [`Session`] anew, by a further attachment.
//!
//! In reading order: [`limits`] (how much, how often, how long) → [`rate`] (how often it may act) → [`answers`] (what it
//! must be told, each once) → [`outgoing`] (what it is told next) → [`resume`] (the token by which it comes back).

pub(crate) mod answers;
pub(crate) mod limits;
pub(crate) mod outgoing;
pub(crate) mod rate;
pub(crate) mod resume;

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use holdfast_protocol::{ChunkId, EntityId, SessionEpoch, Tick};

use crate::changes::Account;
use crate::moment::Moment;
use crate::replication::delta::Held;
use answers::Answers;
use rate::Rates;

/// A connection that plays a character.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) account: Account,
    pub(crate) character: EntityId,
    /// The attachment that it began with, and the tick that was committed when it was welcomed.
    pub(crate) attachment: SessionEpoch,
    pub(crate) welcomed: Tick,
    /// Whether the client has shown that it has its Welcome, and with it the resume token of this attachment.
    pub(crate) is_confirmed: bool,
    /// Where the view is centred, and the chunks of that view.
    pub(crate) center: ChunkId,
    pub(crate) view: Arc<[ChunkId]>,
    /// What the client holds once it has read all that was sent, or is queued in `ready`; none: a snapshot is due.
    pub(crate) held: Option<Held>,

    /// When the message was sent that the socket has not yet written. One at a time.
    pub(crate) in_flight: Option<Moment>,
    /// Messages to be sent before anything else: Welcome, the parts of one frame. While it is not empty no further
    /// frame is built, so it holds at most the view's content once.
    pub(crate) ready: VecDeque<Bytes>,
    pub(crate) answers: Answers,
    pub(crate) pong_owed: bool,
    pub(crate) idle_warning_owed: bool,

    /// When the last frame was built; none before the first.
    pub(crate) framed: Option<Moment>,
    /// The public copy's tick when this session was last found to miss nothing.
    pub(crate) checked: Option<Tick>,
    pub(crate) hashes_sent: Option<Tick>,
    pub(crate) snapshot_sent: Option<Moment>,
    pub(crate) resync_wanted: bool,
    /// When the client was last told that the store is away, since the last frame.
    pub(crate) paused_said: Option<Moment>,

    /// When anything was last heard.
    pub(crate) heard: Moment,
    /// When the player last did something.
    pub(crate) acted: Moment,
    pub(crate) idle_warned: bool,
    pub(crate) rates: Rates,
    /// Actions that are with the world.
    pub(crate) unanswered: usize,
}

impl Session {
    pub(crate) fn new(
        account: Account,
        character: EntityId,
        (attachment, welcomed): (SessionEpoch, Tick),
        center: ChunkId,
        view: Arc<[ChunkId]>,
        now: Moment,
    ) -> Self {
        Self {
            account,
            character,
            attachment,
            welcomed,
            is_confirmed: false,
            center,
            view,
            held: None,
            in_flight: None,
            ready: VecDeque::new(),
            answers: Answers::default(),
            pong_owed: false,
            idle_warning_owed: false,
            framed: None,
            checked: None,
            hashes_sent: None,
            snapshot_sent: None,
            resync_wanted: false,
            paused_said: None,
            heard: now,
            acted: now,
            idle_warned: false,
            rates: Rates::default(),
            unanswered: 0,
        }
    }

    /// The client has applied a frame of that tick. Before Welcome it could not know one so late.
    pub(crate) fn applied(&mut self, tick: Tick) {
        self.is_confirmed |= tick >= self.welcomed;
    }

    /// The attachment, where the client is known to have its resume token: it shows no older one again.
    pub(crate) fn confirmed(&self) -> Option<SessionEpoch> {
        self.is_confirmed.then_some(self.attachment)
    }
}
