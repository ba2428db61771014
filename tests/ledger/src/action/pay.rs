//! From one pot into another: any two of them, all or nothing.

use holdfast::protocol::EntityId;
use holdfast::{Action, Actor, Change, Look, Outcome, Pace};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::component::Pot;

/// Moves money from one pot into another. Pots are nobody's, so anybody may. The verdict's number is what is left in the
/// first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Pay {
    /// The pot that it is taken from.
    pub from: EntityId,
    /// The pot that gets it.
    pub to: EntityId,
    /// How much; a number that can be wrong, so that it is the rules that say so.
    pub amount: i64,
}

holdfast::rejections! {
    /// Why nothing is paid.
    pub enum CannotPay {
        1 NothingToPay "nothing_to_pay" "There must be something to pay.";
        2 SamePot "same_pot" "That is the same pot.";
        3 NoSuchPot "no_such_pot" "There is no such pot.";
        4 PotTooSmall "pot_too_small" "The pot does not hold that much.";
        5 PotOverflow "pot_overflow" "That is more than the other pot holds.";
    }
}

/// Both pots, as they will be.
#[derive(Clone, Copy, Debug)]
pub struct Payment {
    from: (EntityId, Pot),
    to: (EntityId, Pot),
}

impl Action for Pay {
    const NAME: &'static str = "pay";
    // Whoever pays is a program: it may do so as fast as it is answered.
    const PACE: Pace = Pace::Unpaced;
    // As with plain steps, there are too many: three rows of index for each would be most of what a payment writes. The
    // journal has them all the same.
    const IN_HISTORY: bool = false;
    type Rejection = CannotPay;
    type Plan = Payment;

    fn validate(&self, _me: Actor, world: &Look<'_>) -> Result<Payment, CannotPay> {
        if self.amount <= 0 {
            return Err(CannotPay::NothingToPay);
        }
        if self.from == self.to {
            return Err(CannotPay::SamePot);
        }
        let pot = |id| world.get::<Pot>(id).ok_or(CannotPay::NoSuchPot);
        let (from, to) = (pot(self.from)?, pot(self.to)?);
        let amount = u32::try_from(self.amount).map_err(|_| CannotPay::PotTooSmall)?;
        let less = from.balance.checked_sub(amount).ok_or(CannotPay::PotTooSmall)?;
        let more = to.balance.checked_add(amount).ok_or(CannotPay::PotOverflow)?;
        Ok(Payment { from: (self.from, Pot { balance: less }), to: (self.to, Pot { balance: more }) })
    }

    fn apply(Payment { from, to }: Payment, _me: Actor, world: &mut Change<'_>) -> Outcome {
        world.set(from.0, from.1);
        world.set(to.0, to.1);
        Outcome::number(from.1.balance)
    }
}

#[cfg(test)]
mod tests {
    use holdfast::Rehearsal;
    use holdfast::action::Rejection;
    use holdfast::protocol::Code;

    use super::*;
    use crate::action::Verb;
    use crate::{KIND_POT, Ledger};

    fn pay(from: EntityId, to: EntityId, amount: i64) -> Verb {
        Verb::Pay(Pay { from, to, amount })
    }

    fn balance(ledger: &Rehearsal<Ledger>, pot: EntityId) -> u32 {
        ledger.look().get::<Pot>(pot).expect("it is a pot").balance
    }

    /// So many pots with 1,000 in each.
    fn pots<const COUNT: usize>(ledger: &mut Rehearsal<Ledger>) -> [EntityId; COUNT] {
        ledger.arrange(|world| {
            std::array::from_fn(|_| {
                let pot = world.spawn(KIND_POT, None);
                world.set(pot, Pot { balance: 1_000 });
                pot
            })
        })
    }

    #[test]
    fn what_leaves_one_pot_is_in_the_other_in_the_same_rows_and_is_shown_to_nobody() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let me = ledger.player("Ada");
        let [from, to] = pots(&mut ledger);
        ledger.tick();
        ledger.send(me, &pay(from, to, 300));
        let output = ledger.tick();
        assert_eq!((balance(&ledger, from), balance(&ledger, to)), (700, 1_300));
        let rows = output.rows.components.last().expect("pots have the last table");
        assert_eq!(rows.keys().copied().collect::<Vec<_>>(), [from, to]);
        assert!(output.changes.entities.is_empty(), "{:?}", output.changes.entities);
    }

    #[test]
    fn payments_in_a_tick_stand_upon_each_other() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let (me, you) = (ledger.player("Ada"), ledger.player("Bob"));
        let [one, two, three] = pots(&mut ledger);
        ledger.send(me, &pay(one, two, 1_000));
        ledger.send(you, &pay(two, three, 2_000));
        assert_eq!(ledger.act(me, &pay(three, one, 1)), Ok(Outcome::number(2_999)));
        ledger.restart();
        assert_eq!([one, two, three].map(|pot| balance(&ledger, pot)), [1, 0, 2_999]);
    }

    #[test]
    fn the_sum_of_all_pots_stays_what_they_were_opened_with() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let me = ledger.player("Ada");
        let pots: [EntityId; 7] = pots(&mut ledger);
        ledger.tick();
        for step in 0..200_u32 {
            if step == 150 {
                ledger.hold_flushes();
            }
            let at = |number: u32| pots[usize::try_from(number).expect("small") % pots.len()];
            drop(ledger.act(me, &pay(at(step * 3), at(step * 5 + step / 7), i64::from(step * 37 % 900))));
        }
        let sum = |ledger: &Rehearsal<Ledger>| pots.iter().map(|pot| balance(ledger, *pot)).sum::<u32>();
        assert_eq!(sum(&ledger), 7_000);
        assert!(pots.iter().any(|pot| balance(&ledger, *pot) != 1_000), "something was paid");
        ledger.restart();
        assert_eq!(sum(&ledger), 7_000);
    }

    #[test]
    fn what_the_rules_forbid_moves_nothing() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let me = ledger.player("Ada");
        let [from, to] = pots(&mut ledger);
        ledger.arrange(|world| world.set(to, Pot { balance: u32::MAX - 5 }));
        for (verb, rejection) in [
            (pay(from, to, 0), CannotPay::NothingToPay),
            (pay(from, to, i64::MIN), CannotPay::NothingToPay),
            (pay(from, from, 1), CannotPay::SamePot),
            (pay(me, to, 1), CannotPay::NoSuchPot),
            (pay(from, EntityId(2), 1), CannotPay::NoSuchPot),
            (pay(from, EntityId(0), 1), CannotPay::NoSuchPot),
            (pay(from, to, 1_001), CannotPay::PotTooSmall),
            (pay(from, to, i64::MAX), CannotPay::PotTooSmall),
            (pay(from, to, 6), CannotPay::PotOverflow),
        ] {
            let code = Code::of_verb(5, rejection.number());
            assert_eq!(ledger.act(me, &verb), Err(code), "{verb:?}");
        }
        assert_eq!((balance(&ledger, from), balance(&ledger, to)), (1_000, u32::MAX - 5));
    }
}
