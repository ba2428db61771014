//! A long answer.

use holdfast::protocol::EntityId;
use holdfast::{Action, Actor, Change, Look, Outcome};
use ledger::component::Tape;
use postcard_schema::Schema;
use postcard_schema::schema::NamedType;
use serde::{Deserialize, Serialize};

/// Tells what is on a tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Recite {
    /// Which.
    pub tape: EntityId,
}

/// What is on a tape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Recital {
    /// Which.
    pub tape: EntityId,
    /// All of it.
    pub tokens: Vec<u64>,
}

holdfast::rejections! {
    /// Why nothing is told.
    pub enum CannotRecite {
        1 NoTapeToRecite "no_tape_to_recite" "There is no such tape.";
    }
}

impl Action for Recite {
    const NAME: &'static str = "recite";
    const REPLY: Option<&'static NamedType> = Some(Recital::SCHEMA);
    type Rejection = CannotRecite;
    type Plan = Recital;

    fn validate(&self, _me: Actor, world: &Look<'_>) -> Result<Self::Plan, CannotRecite> {
        let tape = world.get::<Tape>(self.tape).ok_or(CannotRecite::NoTapeToRecite)?;
        Ok(Recital { tape: self.tape, tokens: tape.tokens.clone() })
    }

    fn apply(told: Recital, _me: Actor, _world: &mut Change<'_>) -> Outcome {
        Outcome::reply(&told)
    }
}
