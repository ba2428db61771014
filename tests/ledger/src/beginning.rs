//! What there is at first: tapes in a new ledger, a purse and two items for a new account.

use holdfast::Change;
use holdfast::persistence::rows::CharacterProfile;

use crate::component::{Holder, Item, Purse, Seat, Tape};
use crate::group::{GROUP_COUNT, group_of};
use crate::{KIND_ITEM, KIND_TAPE};

/// What a new account has.
pub const BALANCE_AT_FIRST: u32 = 1_000;

/// How many items a new account is given.
pub const ITEMS_AT_FIRST: usize = 2;

/// How many tapes a group has: 1,024 tokens for eight accounts.
pub const TAPES_A_GROUP: usize = 4;

/// A new ledger has empty tapes in every group.
pub fn lay_out_tapes(world: &mut Change<'_>) {
    for group in 0..GROUP_COUNT {
        for _ in 0..TAPES_A_GROUP {
            let tape = world.spawn(KIND_TAPE, None);
            world.set(tape, Seat { group });
            world.set(tape, Tape::default());
        }
    }
}

/// A new account has a full purse, and two items that lie in its group.
pub fn open_account(profile: &CharacterProfile, world: &mut Change<'_>) {
    let seat = Seat { group: group_of(profile.id) };
    world.set(profile.id, seat);
    world.set(profile.id, Purse { balance: BALANCE_AT_FIRST });
    for _ in 0..ITEMS_AT_FIRST {
        let item = world.spawn(KIND_ITEM, None);
        world.set(item, seat);
        world.set(item, Item { holder: profile.id });
    }
}

/// Whoever comes shows its name.
pub fn arrive(profile: &CharacterProfile, world: &mut Change<'_>) {
    world.set(profile.id, Holder { name: profile.name.clone() });
}
