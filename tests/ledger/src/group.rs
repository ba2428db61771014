//! Groups: eight accounts that see each other, their tapes and their items. A group is a chunk.

use holdfast::Interest;
use holdfast::protocol::{ChunkId, EntityId};

/// How many groups there are. Beyond 8 × 64 accounts the groups grow.
pub const GROUP_COUNT: u16 = 64;

/// How many accounts in a row are of one group.
pub const ACCOUNTS_A_GROUP: u64 = 8;

/// The group of an account. Accounts have the odd ids.
#[must_use]
pub fn group_of(account: EntityId) -> u16 {
    let number = account.0.saturating_sub(1) / 2 / ACCOUNTS_A_GROUP % u64::from(GROUP_COUNT);
    u16::try_from(number).unwrap_or(0)
}

/// One sees one's own group alone.
#[derive(Clone, Copy, Debug)]
pub struct OwnGroup;

impl Interest for OwnGroup {
    fn view(&self, center: ChunkId) -> Vec<ChunkId> {
        vec![center]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_accounts_in_a_row_are_a_group() {
        assert_eq!(group_of(EntityId(1)), 0);
        assert_eq!(group_of(EntityId(15)), 0);
        assert_eq!(group_of(EntityId(17)), 1);
        assert_eq!(group_of(EntityId(2 * 8 * 64 + 1)), 0);
    }
}
