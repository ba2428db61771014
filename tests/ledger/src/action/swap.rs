//! Two items change hands, both or neither.

use holdfast::protocol::EntityId;
use holdfast::{Action, Actor, Change, Look, Outcome};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::component::{Item, Seat};
use crate::group::group_of;
#[cfg(feature = "sabotage")]
use crate::half_swap;

/// Swaps an item of one's own for somebody else's, who is in the world as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Swap {
    /// What one gives.
    pub mine: EntityId,
    /// What one gets.
    pub theirs: EntityId,
}

holdfast::rejections! {
    /// Why nothing is swapped.
    pub enum CannotSwap {
        1 NotYours "not_yours" "That item is not yours.";
        2 NoSuchItem "no_such_item" "There is no such item.";
        3 SameHolder "same_holder" "Both items are yours.";
        4 HolderAbsent "holder_absent" "Its holder is not here.";
    }
}

/// Who gets what.
#[derive(Clone, Copy, Debug)]
pub struct Handover {
    mine: EntityId,
    theirs: EntityId,
    them: EntityId,
}

impl Action for Swap {
    const NAME: &'static str = "swap";
    type Rejection = CannotSwap;
    type Plan = Handover;

    fn validate(&self, me: Actor, world: &Look<'_>) -> Result<Handover, CannotSwap> {
        let holder = |item| world.get::<Item>(item).map(|item| item.holder);
        if holder(self.mine) != Some(me.character) {
            return Err(CannotSwap::NotYours);
        }
        let them = holder(self.theirs).ok_or(CannotSwap::NoSuchItem)?;
        if them == me.character {
            return Err(CannotSwap::SameHolder);
        }
        if !world.is_present(them) {
            return Err(CannotSwap::HolderAbsent);
        }
        Ok(Handover { mine: self.mine, theirs: self.theirs, them })
    }

    fn apply(Handover { mine, theirs, them }: Handover, me: Actor, world: &mut Change<'_>) -> Outcome {
        // S11 breaks the promise that an action is all or nothing.
        #[cfg(feature = "sabotage")]
        if half_swap::is_sabotaged() {
            let owed = half_swap::Owed { to: me.character, since: world.now() };
            world.set(theirs, owed);
            world.set(mine, Item { holder: them });
            world.set(mine, Seat { group: group_of(them) });
            return Outcome::done();
        }
        for (item, holder) in [(mine, them), (theirs, me.character)] {
            world.set(item, Item { holder });
            world.set(item, Seat { group: group_of(holder) });
        }
        Outcome::done()
    }
}

#[cfg(test)]
mod tests {
    use holdfast::Located;
    use holdfast::Rehearsal;
    use holdfast::action::Rejection;
    use holdfast::protocol::{ChunkId, Code};

    use super::*;
    use crate::Ledger;
    use crate::action::Verb;

    /// Joins, and hands out the account with the items that it was given.
    fn player(ledger: &mut Rehearsal<Ledger>, name: &str) -> (EntityId, [EntityId; 2]) {
        let account = ledger.player(name);
        // Ids are handed out in order, and these are the latest.
        let items: Vec<_> = (0..5_000)
            .map(EntityId)
            .filter(|id| ledger.look().get::<Item>(*id).is_some_and(|item| item.holder == account))
            .collect();
        (account, items.try_into().expect("it was given two"))
    }

    fn holder(ledger: &Rehearsal<Ledger>, item: EntityId) -> EntityId {
        ledger.look().get::<Item>(item).expect("items are never lost").holder
    }

    fn code(rejection: CannotSwap) -> Code {
        Code::of_verb(3, rejection.number())
    }

    #[test]
    fn both_items_change_hands_also_across_groups() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let (me, [mine, _]) = player(&mut ledger, "Ada");
        for number in 0..7 {
            ledger.make_character(&format!("Other{number}"));
        }
        let (you, [yours, _]) = player(&mut ledger, "Bob");
        let swap = Verb::Swap(Swap { mine, theirs: yours });
        assert_eq!(ledger.act(me, &swap), Ok(Outcome::done()));
        assert_eq!((holder(&ledger, mine), holder(&ledger, yours)), (you, me));
        let chunk = |item| ledger.look().get::<Seat>(item).and_then(Located::chunk);
        assert_eq!((chunk(mine), chunk(yours)), (Some(ChunkId(1)), Some(ChunkId(0))));
    }

    #[test]
    fn of_two_swaps_of_one_item_the_second_finds_it_gone() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let (me, [mine, _]) = player(&mut ledger, "Ada");
        let (you, [yours, _]) = player(&mut ledger, "Bob");
        ledger.send(me, &Verb::Swap(Swap { mine, theirs: yours }));
        let again = Verb::Swap(Swap { mine: yours, theirs: mine });
        assert_eq!(ledger.act(you, &again), Err(code(CannotSwap::NotYours)));
        assert_eq!((holder(&ledger, mine), holder(&ledger, yours)), (you, me));
    }

    #[test]
    fn what_the_rules_forbid_changes_no_hands() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let (me, [mine, other]) = player(&mut ledger, "Ada");
        let (you, [yours, _]) = player(&mut ledger, "Bob");
        for (mine, theirs, rejection) in [
            (yours, mine, CannotSwap::NotYours),
            (EntityId(0), yours, CannotSwap::NotYours),
            (mine, EntityId(0), CannotSwap::NoSuchItem),
            (mine, you, CannotSwap::NoSuchItem),
            (mine, other, CannotSwap::SameHolder),
            (mine, mine, CannotSwap::SameHolder),
        ] {
            assert_eq!(ledger.act(me, &Verb::Swap(Swap { mine, theirs })), Err(code(rejection)));
        }
        ledger.leave(you);
        ledger.ticks(3);
        let swap = Verb::Swap(Swap { mine, theirs: yours });
        assert_eq!(ledger.act(me, &swap), Err(code(CannotSwap::HolderAbsent)));
        assert_eq!((holder(&ledger, mine), holder(&ledger, yours)), (me, you));
    }
}
