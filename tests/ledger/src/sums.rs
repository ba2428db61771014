//! The sums hold through whatever happens, also where a process dies with ticks that are not durable.

use std::collections::BTreeSet;

use holdfast::Rehearsal;
use holdfast::protocol::EntityId;

use crate::Ledger;
use crate::action::{Append, Swap, Transfer, Verb};
use crate::beginning::{BALANCE_AT_FIRST, ITEMS_AT_FIRST};
use crate::component::{Item, Purse, Tape};

/// A small generator of numbers: the same seed, the same story.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn one_of(&mut self, ids: &[EntityId]) -> EntityId {
        ids[usize::try_from(self.below(ids.len() as u64)).expect("an index")]
    }
}

fn all(ledger: &Rehearsal<Ledger>, is_wanted: impl Fn(EntityId) -> bool) -> Vec<EntityId> {
    (0..20_000).map(EntityId).filter(|id| ledger.look().is_present(*id) && is_wanted(*id)).collect()
}

#[test]
fn the_sums_hold_through_crashes() {
    let mut dice = Dice(7);
    let mut ledger = Rehearsal::<Ledger>::new();
    let accounts: Vec<_> = (0..6).map(|number| ledger.player(&format!("Account{number}"))).collect();
    let items = all(&ledger, |id| ledger.look().get::<Item>(id).is_some());
    let tapes = all(&ledger, |id| ledger.look().get::<Tape>(id).is_some());
    let mut token = 0;
    for round in 0..6 {
        for step in 0..60 {
            if step == 50 {
                ledger.hold_flushes();
            }
            let me = dice.one_of(&accounts);
            let verb = match dice.below(3) {
                0 => {
                    let amount = i64::try_from(dice.below(700)).expect("small");
                    Verb::Transfer(Transfer { to: dice.one_of(&accounts), amount })
                }
                1 => Verb::Swap(Swap { mine: dice.one_of(&items), theirs: dice.one_of(&items) }),
                _ => {
                    token += 1;
                    Verb::Append(Append { tape: dice.one_of(&tapes[..3]), token })
                }
            };
            drop(ledger.act(me, &verb));
        }
        ledger.restart();
        for account in &accounts {
            ledger.join(*account);
        }
        let look = ledger.look();
        let sum: u32 =
            accounts.iter().filter_map(|id| look.get::<Purse>(*id)).map(|purse| purse.balance).sum();
        assert_eq!(sum, BALANCE_AT_FIRST * 6, "round {round}");
        let owned = items.iter().filter_map(|id| look.get::<Item>(*id));
        assert_eq!(owned.filter(|item| accounts.contains(&item.holder)).count(), ITEMS_AT_FIRST * 6);
        let tokens: Vec<_> =
            tapes.iter().filter_map(|id| look.get::<Tape>(*id)).flat_map(|tape| &tape.tokens).collect();
        assert_eq!(tokens.iter().collect::<BTreeSet<_>>().len(), tokens.len(), "no token stands twice");
        assert!(!tokens.is_empty());
    }
}
