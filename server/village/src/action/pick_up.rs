//! From the ground into the bag. Of two who reach, exactly one picks up.

use holdfast::protocol::EntityId;
use holdfast::{Action, Actor, Change, Look, Outcome};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::component::{BAG_SLOTS, Carried, Item, Position};

/// How many steps one reaches.
const REACH_STEPS: u16 = 1;

/// Picks an item up. The verdict's number is the place in the bag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct PickUp {
    /// What lies there.
    pub item: EntityId,
}

holdfast::rejections! {
    /// Why something cannot be picked up.
    pub enum CannotPickUp {
        1 NotThere "not_there" "It is not there any more.";
        2 OutOfReach "out_of_reach" "That is too far away.";
        3 BagFull "bag_full" "Your bag is full.";
    }
}

impl Action for PickUp {
    const NAME: &'static str = "pick_up";
    type Rejection = CannotPickUp;
    type Plan = (EntityId, Carried);

    fn validate(&self, me: Actor, world: &Look<'_>) -> Result<Self::Plan, CannotPickUp> {
        let there = world.get::<Position>(self.item).filter(|_| world.get::<Item>(self.item).is_some());
        let there = there.ok_or(CannotPickUp::NotThere)?.tile;
        let here = world.get::<Position>(me.character).ok_or(CannotPickUp::OutOfReach)?.tile;
        if here.steps_to(there) > REACH_STEPS {
            return Err(CannotPickUp::OutOfReach);
        }
        let slot = free_slot(me, world).ok_or(CannotPickUp::BagFull)?;
        Ok((self.item, Carried { slot }))
    }

    fn apply((item, place): Self::Plan, me: Actor, world: &mut Change<'_>) -> Outcome {
        world.remove::<Position>(item);
        world.set_home(item, Some(me.character));
        world.set(item, place);
        Outcome::number(u32::from(place.slot))
    }
}

/// The first place in the bag that nothing is in.
fn free_slot(me: Actor, world: &Look<'_>) -> Option<u8> {
    let things = world.belongings(me.character);
    let taken: Vec<u8> = things.filter_map(|id| world.get::<Carried>(id)).map(|place| place.slot).collect();
    (0..BAG_SLOTS).find(|slot| !taken.contains(slot))
}

#[cfg(test)]
mod tests {
    use holdfast::action::Rejection;
    use holdfast::protocol::Code;

    use super::*;
    use crate::action::{Drop, Verb};
    use crate::map::Terrain;
    use crate::rehearsal::{nearest_berry, tile_of, village, walk_to};
    use crate::tile_index::TileIndex;

    fn code(rejection: CannotPickUp) -> Code {
        Code::of_verb(4, rejection.number())
    }

    fn pick_up(item: EntityId) -> Verb {
        Verb::PickUp(PickUp { item })
    }

    #[test]
    fn of_two_who_reach_exactly_one_picks_up() {
        let mut village = village();
        let (first, second) = (village.player("Ada"), village.player("Bob"));
        let berry = nearest_berry(&village);
        let there = tile_of(&village, berry);
        walk_to(&mut village, first, there, 1);
        walk_to(&mut village, second, there, 1);
        village.send(second, &pick_up(berry));
        assert_eq!(village.act(first, &pick_up(berry)), Err(code(CannotPickUp::NotThere)));
        assert_eq!(village.look().home(berry), Some(second));
        assert_eq!(village.look().get::<Carried>(berry), Some(&Carried { slot: 0 }));
        assert_eq!(village.look().get::<Position>(berry), None);
    }

    #[test]
    fn what_is_far_away_or_no_item_is_refused() {
        let mut village = village();
        let (me, other) = (village.player("Ada"), village.player("Bob"));
        let far = village.look().resource::<Terrain>().berries()[0];
        let far = village.look().resource::<TileIndex>().on(far).next().expect("a berry lies there");
        assert_eq!(village.act(me, &pick_up(far)), Err(code(CannotPickUp::OutOfReach)));
        for id in [me, other, EntityId(0), EntityId(u64::MAX)] {
            assert_eq!(village.act(me, &pick_up(id)), Err(code(CannotPickUp::NotThere)));
        }
    }

    #[test]
    fn a_full_bag_takes_no_more() {
        let mut village = village();
        let me = village.player("Ada");
        let terrain = village.look().resource::<Terrain>();
        let mut berries = terrain.berries().to_vec();
        berries.sort_by_key(|tile| tile.steps_to(terrain.spawn()));
        let mut results = Vec::new();
        for tile in berries.into_iter().take(usize::from(BAG_SLOTS) + 1) {
            let berry = village.look().resource::<TileIndex>().on(tile).next().expect("a berry lies there");
            walk_to(&mut village, me, tile, 1);
            results.push(village.act(me, &pick_up(berry)));
        }
        let (last, first) = results.split_last().expect("thirteen were tried");
        assert!(first.iter().all(Result::is_ok));
        assert_eq!(*last, Err(code(CannotPickUp::BagFull)));
        let fourth = village
            .look()
            .belongings(me)
            .find(|id| village.look().get::<Carried>(*id).is_some_and(|place| place.slot == 3));
        let fourth = fourth.expect("every place is taken");
        village.act(me, &Verb::Drop(Drop { item: fourth })).expect("it is mine");
        assert_eq!(village.act(me, &pick_up(fourth)), Ok(Outcome::number(3)), "the free place is taken");
    }

    #[test]
    fn a_berry_in_a_bag_outlives_a_restart() {
        let mut village = village();
        let me = village.player("Ada");
        let berry = nearest_berry(&village);
        let there = tile_of(&village, berry);
        walk_to(&mut village, me, there, 1);
        village.act(me, &pick_up(berry)).expect("it lies there");
        village.restart();
        assert!(!village.look().is_present(berry), "it comes with its owner");
        village.join(me);
        assert_eq!(village.look().home(berry), Some(me));
        assert!(village.look().get::<Item>(berry).is_some());
    }
}
