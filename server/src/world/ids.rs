//! Entity ids, handed out from blocks that the world's row has reserved.
//!
//! A block is reserved in the same flush in which its first id is used, or earlier. That is enough: a flush is atomic,
//! so an id is in the store only where its reservation is, and nobody outside hears of an id before the flush of the
//! tick that used it. An ownership that begins anew begins at the reserved mark; ids of a block that were not used are
//! lost, and none is used twice.

use bevy_ecs::resource::Resource;
use holdfast_protocol::EntityId;

/// How many ids are reserved at once. Small enough that restarts waste little of 2^63, large enough that the world's
/// row is seldom touched for it.
const BLOCK_IDS: u64 = 1_024;

/// Hands out even ids.
#[derive(Resource, Debug)]
pub(crate) struct Ids {
    next: u64,
    reserved_below: u64,
}

impl Ids {
    /// Begins at the mark below which earlier ownerships may have used every id.
    ///
    /// # Panics
    /// Where the mark is odd or zero: characters have the odd ids, and zero names nothing.
    pub(crate) fn new(mark: u64) -> Self {
        assert!(mark > 0 && mark.is_multiple_of(2), "ids begin at an even number, not at {mark}");
        Self { next: mark, reserved_below: mark }
    }

    /// An id that has never been used, and the new mark where it begins a block: the caller puts it into this tick's
    /// rows.
    pub(crate) fn hand_out(&mut self) -> (EntityId, Option<u64>) {
        let begins_block = self.next == self.reserved_below;
        if begins_block {
            self.reserved_below += 2 * BLOCK_IDS;
        }
        let id = EntityId(self.next);
        self.next += 2;
        (id, begins_block.then_some(self.reserved_below))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_reserved_with_its_first_id() {
        let mut ids = Ids::new(2);
        assert_eq!(ids.hand_out(), (EntityId(2), Some(2_050)));
        for number in 1..BLOCK_IDS {
            assert_eq!(ids.hand_out(), (EntityId(2 + 2 * number), None));
        }
        assert_eq!(ids.hand_out(), (EntityId(2_050), Some(4_098)));
    }

    #[test]
    #[should_panic(expected = "even number")]
    fn an_odd_mark_is_refused() {
        Ids::new(3);
    }
}
