//! A rule that is forgotten.

use holdfast::{Action, Actor, Change, Look, Outcome};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use super::debt::Debt;

/// Sets what one owes, also to more than the database takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Overdraw {
    /// What is owed from now on.
    pub amount: u32,
}

holdfast::rejections! {
    /// The rule that should stand here does not.
    pub enum CannotOverdraw {}
}

impl Action for Overdraw {
    const NAME: &'static str = "overdraw";
    type Rejection = CannotOverdraw;
    type Plan = Debt;

    fn validate(&self, _me: Actor, _world: &Look<'_>) -> Result<Debt, CannotOverdraw> {
        Ok(Debt { amount: self.amount })
    }

    fn apply(debt: Debt, me: Actor, world: &mut Change<'_>) -> Outcome {
        world.set(me.character, debt);
        Outcome::done()
    }
}
