//! Everything that can wake the front, and everything that it can ask for: two closed lists.

use bytes::Bytes;
use holdfast_protocol::{
    ActionName, Blob, ClientMessage, EntityId, ErrorBody, SessionEpoch, SyncToken, Tick,
};

use crate::changes::{Account, TickChanges};
use crate::measurement::{ActionTimes, Measurement};
use crate::moment::Moment;

/// A connection's number within this process; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Conn(pub u64);

/// What can happen to the front.
#[derive(Debug)]
pub enum FrontEvent {
    /// A connection has said who it is; its build and its access token are good.
    Hello(Conn, HelloRequest),
    /// A connection that has said Hello says something else. (A second Hello, and what cannot be read, is the
    /// socket's to refuse.) The moment is when the socket had read it.
    Said(Conn, ClientMessage, Moment),
    /// The bytes of the last [`FrontEffect::Send`] or [`FrontEffect::Notice`] to this connection are with the kernel: it can take more.
    Written(Conn),
    /// The connection is lost.
    Lost(Conn),
    /// The world has run a tick.
    Ticked(TickChanges),
    /// Everything up to this tick is committed.
    Durable(Tick),
    /// Time has passed: sent at least ten times a second.
    Clock,
    /// The server is going to stop: tell everybody, let nobody in.
    Drain,
}

/// A verified Hello.
#[derive(Clone, Debug)]
pub struct HelloRequest {
    /// Whose access token it was.
    pub account: Account,
    /// The character to be played.
    pub character: EntityId,
    /// The token of the session that is to go on.
    pub resume: Option<Blob>,
    /// What the client's copy holds.
    pub held: Option<SyncToken>,
    /// The oldest action that the client has no answer to.
    pub oldest_unanswered: Option<ActionName>,
    /// When its socket had read it: before anybody knew whether its token is good.
    pub heard: Moment,
}

/// What the front asks for.
#[derive(Debug)]
pub enum FrontEffect {
    /// Write this message to the connection, and say [`FrontEvent::Written`] when it is with the kernel. The front
    /// sends no second one before that, except a last error. With it go the times of the actions that it answers.
    Send(Conn, Bytes, Vec<ActionTimes>),
    /// The same for a message that says nothing of the world: it is written also by an owner that does not trust
    /// itself.
    Notice(Conn, Bytes),
    /// Write this as the last message, and close the connection. No event is owed for it afterwards.
    Close(Conn, ErrorBody),
    /// Close the connection without a last message: the player has left. No event is owed for it afterwards.
    Hangup(Conn),
    /// Put this into the world's queue.
    World(WorldEvent),
    /// Write this down for operators.
    Measured(Measurement),
}

/// What the world is asked, in arrival order; the next tick drains it.
#[derive(Clone, Debug)]
pub enum WorldEvent {
    /// A connection wants to play a character.
    Join(JoinRequest),
    /// A connection wants its character to do something.
    Act {
        /// The connection.
        conn: Conn,
        /// Its character.
        character: EntityId,
        /// What names the action.
        name: ActionName,
        /// The verb's tag and payload; the front has checked that they can be read.
        action: Blob,
        /// When the socket had read it.
        heard: Moment,
    },
    /// The connection is lost; the character stays, asleep.
    Sleep {
        /// The connection that was lost.
        conn: Conn,
        /// Its character.
        character: EntityId,
    },
    /// The character is to leave the world, unless somebody plays it by then.
    Leave {
        /// Which character.
        character: EntityId,
        /// The connection that played it last.
        conn: Conn,
        /// Whether its session has ended, so that it cannot be resumed (also after a restart).
        ended: bool,
    },
}

/// A connection that wants to play a character.
#[derive(Clone, Debug)]
pub struct JoinRequest {
    /// The connection.
    pub conn: Conn,
    /// Who it is. The character must be this account's.
    pub account: Account,
    /// The character.
    pub character: EntityId,
    /// The attachment that is to be resumed. It is, where it is the character's latest, or the one before (its
    /// successor's token was then never presented: the Welcome that carried it was lost). Otherwise the join goes on
    /// as a fresh session.
    pub resume: Option<SessionEpoch>,
    /// The oldest action that the client has no answer to.
    pub oldest_unanswered: Option<ActionName>,
}

/// How often a session may do a kind of action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pace {
    /// Walking: 8 a second.
    Move,
    /// Talking: 5 in 10 seconds.
    Chat,
    /// Everything else: 10 a second.
    Other,
    /// As often as answers come: only how many are without one is bounded, as for all. For verbs of games whose clients
    /// are programs.
    Unpaced,
}
