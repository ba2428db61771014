//! A tape, read aloud.

use holdfast::protocol::EntityId;
use holdfast::{Action, Actor, Change, Look, Outcome, Replicate};
use postcard_schema::Schema;
use postcard_schema::schema::NamedType;
use serde::{Deserialize, Serialize};

use crate::component::{Tape, TapeWire};

/// Reads a tape: answered with [`TapeWire`], what stands on it in the tick that decides this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Read {
    /// The tape.
    pub tape: EntityId,
}

holdfast::rejections! {
    /// Why nothing is read.
    pub enum CannotRead {
        1 NoTape "no_tape" "That is no tape.";
    }
}

impl Action for Read {
    const NAME: &'static str = "read";
    const REPLY: Option<&'static NamedType> = Some(TapeWire::SCHEMA);
    type Rejection = CannotRead;
    type Plan = TapeWire;

    fn validate(&self, _me: Actor, world: &Look<'_>) -> Result<TapeWire, CannotRead> {
        world.get::<Tape>(self.tape).map(Tape::wire).ok_or(CannotRead::NoTape)
    }

    fn apply(tape: TapeWire, _me: Actor, _world: &mut Change<'_>) -> Outcome {
        Outcome::reply(&tape)
    }
}

#[cfg(test)]
mod tests {
    use holdfast::Rehearsal;
    use holdfast::action::Rejection;
    use holdfast::protocol::{Code, decode};

    use super::*;
    use crate::Ledger;
    use crate::action::{Append, Verb};
    use crate::component::TAPE_TOKENS_MAX;

    const TAPE: EntityId = EntityId(2);

    #[test]
    fn what_is_read_is_what_was_appended_so_far() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let me = ledger.player("Ada");
        let append = |token| Verb::Append(Append { tape: TAPE, token });
        ledger.send(me, &append(9));
        ledger.send(me, &append(7));
        let outcome = ledger.act(me, &Verb::Read(Read { tape: TAPE })).expect("it can be read");
        let read: TapeWire = decode(&outcome.reply.expect("there is a reply")).expect("it is a tape");
        assert_eq!(read.tokens, [9, 7]);
    }

    #[test]
    fn a_full_tape_can_be_read_and_nothing_else() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let me = ledger.player("Ada");
        ledger.arrange(|world| world.set(TAPE, Tape { tokens: vec![u64::MAX; TAPE_TOKENS_MAX] }));
        assert!(ledger.act(me, &Verb::Read(Read { tape: TAPE })).is_ok());
        let no_tape = Code::of_verb(4, CannotRead::NoTape.number());
        assert_eq!(ledger.act(me, &Verb::Read(Read { tape: me })), Err(no_tape));
    }
}
