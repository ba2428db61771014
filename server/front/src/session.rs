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
//! Beside them [`staleness`] and [`syncing`] measure how far behind its client is, and how long its state takes to it.

pub(crate) mod answers;
pub(crate) mod limits;
pub(crate) mod outgoing;
pub(crate) mod rate;
pub(crate) mod resume;
pub(crate) mod staleness;
pub(crate) mod syncing;

use std::collections::VecDeque;
use std::sync::Arc;

use holdfast_protocol::{ChunkId, EntityId, SessionEpoch, Tick};

use crate::changes::Account;
use crate::measurement::Measurement;
use crate::moment::Moment;
use crate::replication::delta::Held;
use answers::Answers;
use limits::Limits;
use outgoing::Ready;
use rate::Rates;
use staleness::Staleness;
use syncing::Syncing;

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
    pub(crate) ready: VecDeque<Ready>,
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
    /// The state that is on its way to a client that came, or whose copy went wrong.
    pub(crate) syncing: Option<Syncing>,
    /// How far behind the client is.
    pub(crate) staleness: Staleness,
    /// A refresh was forced with the message that was just made.
    pub(crate) refresh_begun: bool,
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
            syncing: None,
            staleness: Staleness::default(),
            refresh_begun: false,
            paused_said: None,
            heard: now,
            acted: now,
            idle_warned: false,
            rates: Rates::default(),
            unanswered: 0,
        }
    }

    /// The client has applied a frame of that tick, and said so at `heard`. Before Welcome it could not know one so late.
    pub(crate) fn applied(
        &mut self,
        now: Moment,
        heard: Moment,
        tick: Tick,
        limits: &Limits,
    ) -> Option<Measurement> {
        self.is_confirmed |= tick >= self.welcomed;
        let staleness = self.staleness.applied(now, heard, tick, limits)?;
        Some(Measurement::Applied { staleness })
    }

    /// What is to be measured now that the socket has written what it was given last: a state, where it is whole.
    pub(crate) fn synced(&mut self, now: Moment) -> Option<Measurement> {
        let is_out = |syncing: &mut Syncing| syncing.is_framed() && self.ready.is_empty();
        let syncing = self.syncing.take_if(is_out)?;
        Some(syncing.measured(now))
    }

    /// The attachment, where the client is known to have its resume token: it shows no older one again.
    pub(crate) fn confirmed(&self) -> Option<SessionEpoch> {
        self.is_confirmed.then_some(self.attachment)
    }
}
