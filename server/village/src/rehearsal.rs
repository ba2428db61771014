//! What the village's tests share: a village without a socket or a store, and words for what they look at.

use holdfast::Rehearsal;
use holdfast::protocol::EntityId;

use crate::component::Position;
use crate::map::Terrain;
use crate::tile::Tile;
use crate::tile_index::TileIndex;

pub(crate) type Village = Rehearsal<crate::Village>;

pub(crate) fn village() -> Village {
    Rehearsal::new()
}

/// Where somebody or something is.
pub(crate) fn tile_of(village: &Village, id: EntityId) -> Tile {
    village.look().get::<Position>(id).map(|position| position.tile).expect("it is somewhere")
}

/// The berry nearest to where newcomers arrive.
pub(crate) fn nearest_berry(village: &Village) -> EntityId {
    let terrain = village.look().resource::<Terrain>();
    let berry = terrain.berries().iter().min_by_key(|tile| tile.steps_to(terrain.spawn()));
    let tile = *berry.expect("the map has berries");
    village.look().resource::<TileIndex>().on(tile).next().expect("a berry lies there")
}

/// Walks the shortest way around everybody else until `goal` is at most `within` steps away.
pub(crate) fn walk_to(village: &mut Village, me: EntityId, goal: Tile, within: u16) {
    use std::collections::{BTreeMap, VecDeque};
    let terrain = village.look().resource::<Terrain>();
    let index = village.look().resource::<TileIndex>();
    let start = tile_of(village, me);
    let mut came_from = BTreeMap::from([(start, start)]);
    let mut open = VecDeque::from([start]);
    let mut end = loop {
        let tile = open.pop_front().expect("there is a way");
        if tile.steps_to(goal) <= within {
            break tile;
        }
        for next in tile.ring(1).filter(|next| terrain.is_walkable(*next) && !index.is_taken(*next, me)) {
            came_from.entry(next).or_insert_with(|| {
                open.push_back(next);
                tile
            });
        }
    };
    let mut way = Vec::new();
    while end != start {
        way.push(end);
        end = came_from[&end];
    }
    for to in way.into_iter().rev() {
        let step = crate::action::Verb::Move(crate::action::Move { to });
        village.act(me, &step).expect("the way is free");
    }
}
