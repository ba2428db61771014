//! What a token that a client shows is worth to this ownership of the world.

use holdfast_protocol::{Epoch, EpochTag, SyncToken, Tick, WorldId};

/// Where an earlier ownership of the world ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEnd {
    /// The ownership.
    pub epoch: Epoch,
    /// Its random tag.
    pub tag: EpochTag,
    /// The last tick that it wrote.
    pub end: Tick,
}

/// How many idle ticks may have become durable after the last one that was written: an owner calls them so while it
/// trusts itself, for 2.5 s at most, and there are no more than 60 a second.
const IDLE_TICKS_MAX: u64 = 150;

/// All ownerships that this world knows of.
#[derive(Debug)]
pub(crate) struct History {
    world: WorldId,
    epoch: Epoch,
    tag: EpochTag,
    past: Vec<EpochEnd>,
}

impl History {
    pub(crate) fn new(world: WorldId, epoch: Epoch, tag: EpochTag, past: Vec<EpochEnd>) -> Self {
        Self { world, epoch, tag, past }
    }

    /// The tick that the token's copy is worth: whatever changed after it is news. None where the token is of another
    /// world, of an ownership unknown here, or of a tick that is not committed yet and so cannot be ours.
    ///
    /// Idle ticks are durable without being written, so a token of a past ownership may lie a little after the end that
    /// was recorded; nothing durable happened in between. One that lies further after it is of a history that was lost:
    /// the world was restored from what it had been.
    pub(crate) fn worth(&self, token: &SyncToken, durable: Tick) -> Option<Tick> {
        if token.world != self.world {
            return None;
        }
        if (token.epoch, token.tag) == (self.epoch, self.tag) {
            return (token.tick <= durable).then_some(token.tick);
        }
        let past = self.past.iter().find(|past| (past.epoch, past.tag) == (token.epoch, token.tag))?;
        let could_be = token.tick.0.saturating_sub(past.end.0) <= IDLE_TICKS_MAX;
        could_be.then(|| token.tick.min(past.end))
    }
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::ChunkId;

    use super::*;

    #[test]
    fn a_token_is_judged_by_world_epoch_and_tag() {
        let past = EpochEnd { epoch: Epoch(6), tag: EpochTag(66), end: Tick(50) };
        let history = History::new(WorldId(1), Epoch(7), EpochTag(77), vec![past]);
        let worth = |world, epoch, tag, tick| {
            let (world, epoch, tag, tick) = (WorldId(world), Epoch(epoch), EpochTag(tag), Tick(tick));
            history.worth(&SyncToken { world, epoch, tag, tick, center: ChunkId(0) }, Tick(80))
        };
        assert_eq!(worth(1, 7, 77, 80), Some(Tick(80)));
        assert_eq!(worth(1, 7, 77, 81), None, "not committed yet");
        assert_eq!(worth(1, 6, 66, 40), Some(Tick(40)));
        assert_eq!(worth(1, 6, 66, 55), Some(Tick(50)), "idle ticks past the end");
        assert_eq!(worth(1, 6, 66, 200), Some(Tick(50)), "as many as there can be");
        assert_eq!(worth(1, 6, 66, 201), None, "what the world was before it was restored");
        assert_eq!(worth(1, 6, 67, 40), None, "the lost epoch 6 of a restored backup");
        assert_eq!(worth(1, 5, 55, 40), None);
        assert_eq!(worth(2, 7, 77, 80), None, "another world");
    }
}
