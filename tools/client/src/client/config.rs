//! What a client is told at its beginning, and how an action ends.

use holdfast_protocol::{BuildId, Code, EntityId, Verdict};
use serde::Serialize;

use crate::copy::WorldCopy;
use crate::core::Kept;
use crate::event::ClientEvent;

/// The actions of a game: all that a client must know of it to play.
pub trait ActionsOf: 'static {
    /// What players can do: the same type that the server decodes.
    type Action: Serialize;
}

/// Where a client connects, and as whom.
pub struct ClientConfig {
    /// Where the world is tried first: `host:port`, or a whole address that begins with `ws://`. It stays among those
    /// that are tried, whatever servers tell.
    pub address: String,
    /// The build that the client belongs to; the server refuses any other than its own.
    pub build: BuildId,
    /// The character that it plays.
    pub character: EntityId,
    /// Asked for an access token before each connection.
    pub token: TokenSource,
    /// What an earlier process kept ([`super::Client::keep`]).
    pub kept: Option<Kept>,
    /// Where nonces and jitter come from.
    pub seed: u64,
}

/// Gives a valid access token.
pub type TokenSource = Box<dyn FnMut() -> String + Send>;

/// Sees every event in order, as it happens, with the copy as it then is. It runs inside the client's task and holds
/// it up: it is to note things down, no more.
pub trait Observer: Send + 'static {
    /// An event has happened.
    fn saw(&mut self, event: &ClientEvent, copy: &WorldCopy);
}

impl<F: FnMut(&ClientEvent, &WorldCopy) + Send + 'static> Observer for F {
    fn saw(&mut self, event: &ClientEvent, copy: &WorldCopy) {
        self(event, copy);
    }
}

/// How an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It has its durable answer.
    Verdict(Verdict),
    /// It will never be answered as this client's.
    GivenUp(Code),
}

impl Settled {
    /// Whether the action took effect.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Verdict(verdict) if verdict.is_accepted())
    }

    /// The code of the answer.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Verdict(verdict) => verdict.code,
            Self::GivenUp(code) => *code,
        }
    }
}
