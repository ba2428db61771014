//! From one purse into another: two accounts, all or nothing.

use holdfast::protocol::EntityId;
use holdfast::{Action, Actor, Change, Look, Outcome};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::component::Purse;

/// Gives somebody something. The verdict's number is what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Transfer {
    /// The account that gets it. It must be in the world.
    pub to: EntityId,
    /// How much; a number that can be wrong, so that it is the rules that say so.
    pub amount: i64,
}

holdfast::rejections! {
    /// Why nothing is transferred.
    pub enum CannotTransfer {
        1 AmountNotPositive "amount_not_positive" "There must be something to give.";
        2 ToSelf "to_self" "That is your own account.";
        3 NoSuchAccount "no_such_account" "There is no such account here.";
        4 BalanceTooSmall "balance_too_small" "You do not have that much.";
        5 BalanceOverflow "balance_overflow" "That is more than the other purse holds.";
    }
}

/// Both purses, as they will be.
#[derive(Clone, Copy, Debug)]
pub struct Purses {
    to: EntityId,
    theirs: Purse,
    mine: Purse,
}

impl Action for Transfer {
    const NAME: &'static str = "transfer";
    type Rejection = CannotTransfer;
    type Plan = Purses;

    fn validate(&self, me: Actor, world: &Look<'_>) -> Result<Purses, CannotTransfer> {
        if self.amount <= 0 {
            return Err(CannotTransfer::AmountNotPositive);
        }
        if self.to == me.character {
            return Err(CannotTransfer::ToSelf);
        }
        let theirs = world.get::<Purse>(self.to).ok_or(CannotTransfer::NoSuchAccount)?;
        let mine = world.get::<Purse>(me.character).ok_or(CannotTransfer::BalanceTooSmall)?;
        let amount = u32::try_from(self.amount).map_err(|_| CannotTransfer::BalanceTooSmall)?;
        let less = mine.balance.checked_sub(amount).ok_or(CannotTransfer::BalanceTooSmall)?;
        let more = theirs.balance.checked_add(amount).ok_or(CannotTransfer::BalanceOverflow)?;
        Ok(Purses { to: self.to, theirs: Purse { balance: more }, mine: Purse { balance: less } })
    }

    fn apply(Purses { to, theirs, mine }: Purses, me: Actor, world: &mut Change<'_>) -> Outcome {
        world.set(me.character, mine);
        world.set(to, theirs);
        Outcome::number(mine.balance)
    }
}

#[cfg(test)]
mod tests {
    use holdfast::Rehearsal;
    use holdfast::action::Rejection;
    use holdfast::protocol::Code;

    use super::*;
    use crate::Ledger;
    use crate::action::Verb;

    fn transfer(to: EntityId, amount: i64) -> Verb {
        Verb::Transfer(Transfer { to, amount })
    }

    fn code(rejection: CannotTransfer) -> Code {
        Code::of_verb(1, rejection.number())
    }

    fn balance(ledger: &Rehearsal<Ledger>, account: EntityId) -> u32 {
        ledger.look().get::<Purse>(account).expect("it has a purse").balance
    }

    #[test]
    fn what_one_gives_the_other_gets_in_the_same_rows() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let (me, you) = (ledger.player("Ada"), ledger.player("Bob"));
        ledger.send(me, &transfer(you, 300));
        let output = ledger.tick();
        assert_eq!((balance(&ledger, me), balance(&ledger, you)), (700, 1_300));
        let purses = &output.rows.components[1];
        assert!(purses.contains_key(&me) && purses.contains_key(&you));
        let shown: Vec<_> = output.changes.entities.iter().map(|change| change.id).collect();
        assert_eq!(shown, [me, you], "both are shown in one tick");
    }

    #[test]
    fn the_verdict_says_what_is_left() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let (me, you) = (ledger.player("Ada"), ledger.player("Bob"));
        assert_eq!(ledger.act(me, &transfer(you, 1)), Ok(Outcome::number(999)));
        assert_eq!(ledger.act(me, &transfer(you, 999)), Ok(Outcome::number(0)));
        ledger.restart();
        ledger.join(you);
        ledger.join(me);
        assert_eq!((balance(&ledger, me), balance(&ledger, you)), (0, 2_000));
    }

    #[test]
    fn what_the_rules_forbid_moves_nothing() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let (me, you) = (ledger.player("Ada"), ledger.player("Bob"));
        let absent = ledger.make_character("Cid");
        for (to, amount, rejection) in [
            (you, 0, CannotTransfer::AmountNotPositive),
            (you, -1, CannotTransfer::AmountNotPositive),
            (you, i64::MIN, CannotTransfer::AmountNotPositive),
            (me, 1, CannotTransfer::ToSelf),
            (absent, 1, CannotTransfer::NoSuchAccount),
            (EntityId(2), 1, CannotTransfer::NoSuchAccount),
            (you, 1_001, CannotTransfer::BalanceTooSmall),
            (you, i64::from(u32::MAX) + 1, CannotTransfer::BalanceTooSmall),
            (you, i64::MAX, CannotTransfer::BalanceTooSmall),
        ] {
            assert_eq!(ledger.act(me, &transfer(to, amount)), Err(code(rejection)), "{amount} to {to}");
        }
        ledger.arrange(|world| world.set(you, Purse { balance: u32::MAX - 5 }));
        assert_eq!(ledger.act(me, &transfer(you, 6)), Err(code(CannotTransfer::BalanceOverflow)));
        assert_eq!((balance(&ledger, me), balance(&ledger, you)), (1_000, u32::MAX - 5));
    }
}
