//! How long a state takes to a client that came, or whose copy went wrong: from its asking until the last byte is with
//! the kernel.

use bytes::Bytes;
use holdfast_protocol::ResyncKind;

use crate::measurement::Measurement;
use crate::moment::Moment;

/// A state that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Syncing {
    kind: ResyncKind,
    since: Moment,
    /// The size of the state, once it is made.
    bytes: Option<usize>,
}

impl Syncing {
    /// A state of this kind was asked for at `since`.
    pub(crate) fn new(kind: ResyncKind, since: Moment) -> Self {
        Self { kind, since, bytes: None }
    }

    /// A frame is made, in these parts. The first one is the state; whoever waits for a snapshot may be given others before
    /// it.
    pub(crate) fn framed(&mut self, parts: &[Bytes], is_snapshot: bool) {
        if is_snapshot || self.kind == ResyncKind::Delta {
            self.bytes.get_or_insert_with(|| parts.iter().map(Bytes::len).sum());
        }
    }

    /// Whether the state is made.
    pub(crate) fn is_framed(&self) -> bool {
        self.bytes.is_some()
    }

    /// What operators are told, now that the state is with the kernel.
    pub(crate) fn measured(self, now: Moment) -> Measurement {
        let Self { kind, since, bytes } = self;
        Measurement::Synced { kind, took: now.since(since), bytes: bytes.unwrap_or_default() }
    }
}
