//! What the core tells operators, as effects like any other: measured in here, written down by whoever has the instruments.

use std::time::Duration;

use holdfast_protocol::{Code, ResyncKind};

use crate::moment::Moment;

/// The moments through which an action came until its verdict could leave. Each is no earlier than the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionTimes {
    /// Its socket had read it.
    pub heard: Moment,
    /// The tick that drained it began.
    pub began: Moment,
    /// That tick's changes were sealed.
    pub sealed: Moment,
    /// They were known to be committed.
    pub durable: Moment,
    /// Whether its connection was still writing an earlier message by then: from there on it is its socket that is waited
    /// for.
    pub socket_was_busy: bool,
}

/// Something that operators are to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measurement {
    /// An action was answered.
    Answered {
        /// The verb's tag; none where there is none.
        verb: Option<u8>,
        /// Accepted, or why not.
        code: Code,
        /// How it was answered.
        answer: AnswerSort,
    },
    /// A connection showed an earlier session's token.
    Returned,
    /// A connection plays.
    Welcomed {
        /// Whether it goes on with an earlier session.
        resumed: bool,
    },
    /// A client that came, or whose copy went wrong, has the whole state: its last byte is with the kernel.
    Synced {
        /// What it was sent, and why.
        kind: ResyncKind,
        /// Since it said Hello, or that its copy went wrong.
        took: Duration,
        /// The state's size.
        bytes: usize,
    },
    /// A client says that it has applied what it was sent.
    Applied {
        /// Since the first change of it that the client lacked was known to be committed.
        staleness: Duration,
    },
    /// A client that was too far behind is sent the present at once.
    RefreshForced,
    /// A session is closed since it does not read.
    SlowSession,
}

/// How an action was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerSort {
    /// By the rules.
    Decided,
    /// From the ring: it was decided before.
    Replayed,
    /// Before any rule looked at it.
    Refused,
}

/// The verb's tag, with which every action begins; none where it has none.
#[must_use]
pub fn verb_tag(action: &[u8]) -> Option<u8> {
    let (tag, _) = holdfast_protocol::codec::read_varint(action)?;
    u8::try_from(tag).ok().filter(|tag| *tag > 0)
}
