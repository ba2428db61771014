//! From the bag onto the ground.

use holdfast::protocol::EntityId;
use holdfast::{Action, Actor, Change, Look, Outcome};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::component::{Carried, Position};

/// Lets an item fall where one stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Drop {
    /// What is in the bag.
    pub item: EntityId,
}

holdfast::rejections! {
    /// Why something cannot be dropped.
    pub enum CannotDrop {
        1 NotYours "not_yours" "You do not carry that.";
    }
}

impl Action for Drop {
    const NAME: &'static str = "drop";
    type Rejection = CannotDrop;
    type Plan = (EntityId, Position);

    fn validate(&self, me: Actor, world: &Look<'_>) -> Result<Self::Plan, CannotDrop> {
        let is_carried = world.get::<Carried>(self.item).is_some();
        if !is_carried || world.home(self.item) != Some(me.character) {
            return Err(CannotDrop::NotYours);
        }
        let here = world.get::<Position>(me.character).ok_or(CannotDrop::NotYours)?.tile;
        Ok((self.item, Position::on(here)))
    }

    fn apply((item, here): Self::Plan, _me: Actor, world: &mut Change<'_>) -> Outcome {
        world.remove::<Carried>(item);
        world.set_home(item, None);
        world.set(item, here);
        Outcome::done()
    }
}

#[cfg(test)]
mod tests {
    use holdfast::action::Rejection;
    use holdfast::protocol::Code;

    use super::*;
    use crate::action::{PickUp, Verb};
    use crate::rehearsal::{nearest_berry, tile_of, village, walk_to};

    #[test]
    fn what_is_dropped_lies_where_one_stands_and_outlives_its_owners_leaving() {
        let mut village = village();
        let me = village.player("Ada");
        let berry = nearest_berry(&village);
        let there = tile_of(&village, berry);
        walk_to(&mut village, me, there, 1);
        village.act(me, &Verb::PickUp(PickUp { item: berry })).expect("it lies there");
        village.act(me, &Verb::Drop(Drop { item: berry })).expect("it is mine");
        assert_eq!(tile_of(&village, berry), tile_of(&village, me));
        assert_eq!(village.look().get::<Carried>(berry), None);
        village.leave(me);
        village.ticks(3);
        assert!(!village.look().is_present(me));
        assert!(village.look().is_present(berry));
    }

    #[test]
    fn only_ones_own_can_be_dropped() {
        let mut village = village();
        let (me, other) = (village.player("Ada"), village.player("Bob"));
        let berry = nearest_berry(&village);
        let there = tile_of(&village, berry);
        walk_to(&mut village, other, there, 1);
        village.act(other, &Verb::PickUp(PickUp { item: berry })).expect("it lies there");
        let not_yours = Code::of_verb(5, CannotDrop::NotYours.number());
        for item in [berry, me, other, EntityId(0)] {
            assert_eq!(village.act(me, &Verb::Drop(Drop { item })), Err(not_yours));
        }
        assert_eq!(village.look().home(berry), Some(other));
    }
}
