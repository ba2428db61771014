//! One more token on a tape.

use holdfast::protocol::EntityId;
use holdfast::{Action, Actor, Change, Look, Outcome};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::component::{TAPE_TOKENS_MAX, Tape};

/// Appends a token to a tape. The verdict's number is how many are on it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Append {
    /// The tape.
    pub tape: EntityId,
    /// The token: whoever appends it takes care that it is found again.
    pub token: u64,
}

holdfast::rejections! {
    /// Why nothing is appended.
    pub enum CannotAppend {
        1 NoSuchTape "no_such_tape" "There is no such tape.";
        2 TapeFull "tape_full" "The tape is full. Take the next.";
    }
}

impl Action for Append {
    const NAME: &'static str = "append";
    type Rejection = CannotAppend;
    type Plan = (EntityId, Tape, u32);

    fn validate(&self, _me: Actor, world: &Look<'_>) -> Result<Self::Plan, CannotAppend> {
        let tape = world.get::<Tape>(self.tape).ok_or(CannotAppend::NoSuchTape)?;
        if tape.tokens.len() >= TAPE_TOKENS_MAX {
            return Err(CannotAppend::TapeFull);
        }
        let mut tokens = tape.tokens.clone();
        tokens.push(self.token);
        let count = u32::try_from(tokens.len()).map_err(|_| CannotAppend::TapeFull)?;
        Ok((self.tape, Tape { tokens }, count))
    }

    fn apply((id, tape, count): Self::Plan, _me: Actor, world: &mut Change<'_>) -> Outcome {
        world.set(id, tape);
        Outcome::number(count)
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

    const TAPE: EntityId = EntityId(2);

    fn append(tape: EntityId, token: u64) -> Verb {
        Verb::Append(Append { tape, token })
    }

    #[test]
    fn tokens_stand_in_the_order_in_which_they_came() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let (me, you) = (ledger.player("Ada"), ledger.player("Bob"));
        ledger.send(you, &append(TAPE, 9));
        ledger.send(me, &append(TAPE, u64::MAX));
        assert_eq!(ledger.act(you, &append(TAPE, 7)), Ok(Outcome::number(3)));
        ledger.restart();
        let tape = ledger.look().get::<Tape>(TAPE).expect("tapes belong to the world");
        assert_eq!(tape.tokens, [9, u64::MAX, 7]);
    }

    #[test]
    fn a_full_tape_takes_no_more() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let me = ledger.player("Ada");
        let almost = Tape { tokens: vec![1; TAPE_TOKENS_MAX - 1] };
        ledger.arrange(|world| world.set(TAPE, almost));
        assert_eq!(ledger.act(me, &append(TAPE, 2)), Ok(Outcome::number(256)));
        let full = Code::of_verb(2, CannotAppend::TapeFull.number());
        assert_eq!(ledger.act(me, &append(TAPE, 3)), Err(full));
        assert!(ledger.act(me, &append(EntityId(4), 3)).is_ok(), "there is a next one");
    }

    #[test]
    fn what_is_no_tape_is_refused() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let me = ledger.player("Ada");
        let no_such = Code::of_verb(2, CannotAppend::NoSuchTape.number());
        for id in [me, EntityId(0), EntityId(100_000)] {
            assert_eq!(ledger.act(me, &append(id, 1)), Err(no_such));
        }
    }
}
