//! What of a view a client is missing: one function for everybody.
//!
//! A snapshot is the delta from nothing; a slow reader, a resumed client and a client after a restart are clients
//! with older tokens. There is no second path that could be wrong.

use std::sync::Arc;

use holdfast_protocol::{ChunkId, Tick, TokenPoint};

/// What a client is known to hold once it has read everything that was sent to it.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// The point as the client's token names it.
    pub(crate) point: TokenPoint,
    /// The tick that this point is worth in this ownership: a change after it is news to the client.
    pub(crate) from: Tick,
    /// Where the view is centred that the client holds.
    pub(crate) center: ChunkId,
    /// The chunks of that view.
    pub(crate) view: Arc<[ChunkId]>,
}

/// What a client is missing of its view, chunk by chunk.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Delta {
    /// Chunks that the client holds and that are no longer in view.
    pub(crate) lost: Vec<ChunkId>,
    /// Every chunk in view, nearest first, and since when the client misses something of it: from the beginning where
    /// it does not hold the chunk.
    pub(crate) chunks: Vec<(ChunkId, Option<Tick>)>,
    /// Since when it misses something of what is its own.
    pub(crate) own: Option<Tick>,
}

/// What a client is missing that shall see `view` and holds `held`.
pub(crate) fn delta(view: &[ChunkId], held: Option<&Held>) -> Delta {
    let Some(held) = held else {
        return Delta {
            lost: Vec::new(),
            chunks: view.iter().map(|&chunk| (chunk, None)).collect(),
            own: None,
        };
    };
    let from = Some(held.from);
    if *view == *held.view {
        let chunks = view.iter().map(|&chunk| (chunk, from)).collect();
        return Delta { lost: Vec::new(), chunks, own: from };
    }
    Delta {
        lost: held.view.iter().copied().filter(|chunk| !view.contains(chunk)).collect(),
        chunks: view.iter().map(|&chunk| (chunk, from.filter(|_| held.view.contains(&chunk)))).collect(),
        own: from,
    }
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::Epoch;

    use super::*;

    #[test]
    fn new_chunks_come_whole_kept_ones_since_the_token_and_lost_ones_are_named() {
        let chunks = |numbers: &[u64]| numbers.iter().map(|&number| ChunkId(number)).collect::<Vec<_>>();
        let point = TokenPoint { epoch: Epoch(1), tick: Tick(9) };
        let held = Held { point, from: Tick(7), center: ChunkId(2), view: chunks(&[2, 1, 3]).into() };
        let moved = delta(&chunks(&[3, 2, 4]), Some(&held));
        let since = Some(Tick(7));
        assert_eq!(moved.lost, [ChunkId(1)]);
        assert_eq!(moved.chunks, [(ChunkId(3), since), (ChunkId(2), since), (ChunkId(4), None)]);
        assert_eq!(moved.own, since);
        let fresh = delta(&chunks(&[2]), None);
        assert_eq!(fresh, Delta { lost: vec![], chunks: vec![(ChunkId(2), None)], own: None });
    }
}
