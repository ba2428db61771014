//! What no verb should do.

use holdfast::protocol::EntityId;
use holdfast::{Action, Actor, Change, Look, Outcome};
use ledger::component::Tape;
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// A token that the store does not take.
pub const UNWRITABLE: u64 = u64::MAX - 1;

/// A token over which the simulation panics.
pub const HAUNTED: u64 = u64::MAX - 2;

/// Goes wrong, in one way or another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Blunder {
    /// The tape on which it shows.
    pub tape: EntityId,
    /// How.
    pub way: Way,
}

/// How an action goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Its rules panic.
    Deciding,
    /// It panics with one half of its effect done.
    HalfDone,
    /// What it has done makes a system of the simulation panic.
    Haunting,
    /// What it has done can never be written.
    Unwritable,
}

holdfast::rejections! {
    /// A blunder is never rejected by its own rules.
    pub enum CannotBlunder {
        1 NoTapeHere "no_tape_here" "There is no tape to blunder on.";
    }
}

impl Action for Blunder {
    const NAME: &'static str = "blunder";
    type Rejection = CannotBlunder;
    type Plan = Self;

    fn validate(&self, _me: Actor, world: &Look<'_>) -> Result<Self, CannotBlunder> {
        world.get::<Tape>(self.tape).ok_or(CannotBlunder::NoTapeHere)?;
        assert!(self.way != Way::Deciding, "a verb panics over a decision");
        Ok(*self)
    }

    fn apply(plan: Self, _me: Actor, world: &mut Change<'_>) -> Outcome {
        let mut tokens = world.get::<Tape>(plan.tape).map(|tape| tape.tokens.clone()).unwrap_or_default();
        tokens.push(if plan.way == Way::Unwritable { UNWRITABLE } else { HAUNTED });
        world.set(plan.tape, Tape { tokens });
        assert!(plan.way != Way::HalfDone, "a verb panics with one half done");
        Outcome::done()
    }
}
