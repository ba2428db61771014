//! New pots, many at once.

use holdfast::protocol::EntityId;
use holdfast::{Action, Actor, Change, Look, Outcome, Pace};
use postcard_schema::Schema;
use postcard_schema::schema::NamedType;
use serde::{Deserialize, Serialize};

use crate::KIND_POT;
use crate::component::Pot;

/// How many pots are opened at once: as many as a tick can bear beside all else.
pub const POTS_AT_ONCE_MAX: u32 = 1_000;

/// Opens pots, the same in each. Answered with [`Opened`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct OpenPots {
    /// How many; from 1 to [`POTS_AT_ONCE_MAX`].
    pub count: u32,
    /// What each holds at first.
    pub balance: u32,
}

/// Pots that were opened: ids two apart, as the world hands them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Opened {
    /// The first one's id.
    pub first: EntityId,
    /// How many there are.
    pub count: u32,
}

impl Opened {
    /// All of them, in ascending order.
    pub fn ids(self) -> impl Iterator<Item = EntityId> {
        (0..u64::from(self.count)).map(move |number| EntityId(self.first.0 + 2 * number))
    }
}

holdfast::rejections! {
    /// Why no pots are opened.
    pub enum CannotOpenPots {
        1 NotSoMany "not_so_many_pots" "From one to a thousand pots are opened at once.";
    }
}

impl Action for OpenPots {
    const NAME: &'static str = "open_pots";
    // Whoever opens a hundred thousand is a program, and waits for each answer.
    const PACE: Pace = Pace::Unpaced;
    const REPLY: Option<&'static NamedType> = Some(Opened::SCHEMA);
    // What is new is of no interest to the history of whoever opened it: a thousand entries that nobody reads.
    const IN_HISTORY: bool = false;
    type Rejection = CannotOpenPots;
    type Plan = Self;

    fn validate(&self, _me: Actor, _world: &Look<'_>) -> Result<Self, CannotOpenPots> {
        let fits = (1..=POTS_AT_ONCE_MAX).contains(&self.count);
        if fits { Ok(*self) } else { Err(CannotOpenPots::NotSoMany) }
    }

    fn apply(Self { count, balance }: Self, _me: Actor, world: &mut Change<'_>) -> Outcome {
        let mut open = || {
            let pot = world.spawn(KIND_POT, None);
            world.set(pot, Pot { balance });
            pot
        };
        let first = open();
        (1..count).for_each(|_| {
            open();
        });
        Outcome::reply(&Opened { first, count })
    }
}

#[cfg(test)]
mod tests {
    use holdfast::Rehearsal;
    use holdfast::action::{Rejection, Verbs as _};
    use holdfast::protocol::{Code, decode};

    use super::*;
    use crate::Ledger;
    use crate::action::{Pay, Verb};

    fn open(count: u32) -> Verb {
        Verb::OpenPots(OpenPots { count, balance: 7 })
    }

    #[test]
    fn the_answer_names_every_pot_that_was_opened_and_no_other() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let me = ledger.player("Ada");
        // More than one block of ids.
        let mut known = Vec::new();
        for count in [1, POTS_AT_ONCE_MAX, POTS_AT_ONCE_MAX] {
            let outcome = ledger.act(me, &open(count)).expect("it is allowed");
            let opened: Opened = decode(&outcome.reply.expect("there is a reply")).expect("it tells of pots");
            known.extend(opened.ids());
        }
        ledger.restart();
        let is_pot = |id: &EntityId| ledger.look().get::<Pot>(*id) == Some(&Pot { balance: 7 });
        let pots: Vec<_> = (0..10_000).map(EntityId).filter(is_pot).collect();
        assert_eq!(known, pots);
        assert_eq!(pots.len(), 2_001);
    }

    #[test]
    fn only_answers_bound_how_fast_a_program_opens_and_pays() {
        let pay = Verb::Pay(Pay { from: EntityId(2), to: EntityId(4), amount: 1 });
        assert_eq!([open(1).pace(), pay.pace()], [Pace::Unpaced; 2]);
    }

    #[test]
    fn none_and_too_many_are_refused() {
        let mut ledger = Rehearsal::<Ledger>::new();
        let me = ledger.player("Ada");
        let code = Code::of_verb(6, CannotOpenPots::NotSoMany.number());
        for count in [0, POTS_AT_ONCE_MAX + 1, u32::MAX] {
            assert_eq!(ledger.act(me, &open(count)), Err(code), "{count}");
        }
    }
}
