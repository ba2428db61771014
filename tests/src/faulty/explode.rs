//! A plan that is wrong.

use holdfast::{Action, Actor, Change, Look, Outcome};
use ledger::component::Purse;
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// Takes all that one has, and then panics: half an effect, if anybody were shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Explode {}

holdfast::rejections! {
    /// This is always allowed.
    pub enum CannotExplode {}
}

impl Action for Explode {
    const NAME: &'static str = "explode";
    type Rejection = CannotExplode;
    type Plan = ();

    fn validate(&self, _me: Actor, _world: &Look<'_>) -> Result<(), CannotExplode> {
        Ok(())
    }

    fn apply((): (), me: Actor, world: &mut Change<'_>) -> Outcome {
        world.set(me.character, Purse { balance: 0 });
        panic!("exploded on purpose");
    }
}
