//! How a new village is laid out, and how people come, sleep and wake.

use holdfast::persistence::rows::CharacterProfile;
use holdfast::protocol::EntityId;
use holdfast::{Change, Look};

use crate::KIND_ITEM;
use crate::component::{Asleep, Item, ItemKind, Looks, Position, Vitals};
use crate::map::Terrain;
use crate::tile::Tile;
use crate::tile_index::TileIndex;

/// A new world's berries lie where the map has them.
pub fn lay_out(world: &mut Change<'_>) {
    let berries = world.look().resource::<Terrain>().berries().to_vec();
    for tile in berries {
        let berry = world.spawn(KIND_ITEM, None);
        world.set(berry, Item { kind: ItemKind::Berry, count: 1 });
        world.set(berry, Position::on(tile));
    }
}

/// A new character begins in good health, where the map says.
pub fn begin_life(profile: &CharacterProfile, world: &mut Change<'_>) {
    let spawn = world.look().resource::<Terrain>().spawn();
    world.set(profile.id, Vitals::FULL);
    world.set(profile.id, Position::on(spawn));
}

/// Whoever comes into the world shows itself, and steps aside where somebody stands on its tile by now.
pub fn arrive(profile: &CharacterProfile, world: &mut Change<'_>) {
    let looks = Looks { name: profile.name.clone(), archetype: profile.archetype.clone() };
    world.set(profile.id, looks);
    if let Some(&position) = world.get::<Position>(profile.id) {
        let tile = nearest_free(world.look(), position.tile, profile.id);
        world.set(profile.id, Position { tile, ..position });
    }
}

/// The player is away.
pub fn fall_asleep(character: EntityId, world: &mut Change<'_>) {
    world.set(character, Asleep);
}

/// The player is back.
pub fn wake(character: EntityId, world: &mut Change<'_>) {
    world.remove::<Asleep>(character);
}

/// The nearest tile to `around` on which one can stand and nobody but `me` does. Where there is none left on the whole
/// map, it is `around` itself: two on a tile is better than nobody.
fn nearest_free(world: Look<'_>, around: Tile, me: EntityId) -> Tile {
    let terrain = world.resource::<Terrain>();
    let index = world.resource::<TileIndex>();
    let steps_max = i16::try_from(terrain.width().max(terrain.height())).unwrap_or(i16::MAX);
    let mut tiles = (0..=steps_max).flat_map(|steps| around.ring(steps));
    tiles.find(|tile| terrain.is_walkable(*tile) && !index.is_taken(*tile, me)).unwrap_or(around)
}

#[cfg(test)]
mod tests {
    use crate::component::{Looks, Position, Vitals};
    use crate::map::Terrain;
    use crate::rehearsal::{Village, tile_of, village};
    use crate::tile_index::TileIndex;

    #[test]
    fn no_two_arrive_on_one_tile() {
        let mut village = village();
        let first = village.player("Ada");
        let second = village.player("Bob");
        let (here, there) = (tile_of(&village, first), tile_of(&village, second));
        assert_eq!(here.steps_to(there), 1);
        assert_eq!(village.look().get::<Vitals>(first), Some(&Vitals::FULL));
        assert_eq!(village.look().get::<Looks>(second).map(|looks| looks.name.as_str()), Some("Bob"));
    }

    #[test]
    fn whoever_comes_back_to_a_taken_tile_steps_aside() {
        let mut village: Village = village();
        let first = village.player("Ada");
        let here = tile_of(&village, first);
        village.leave(first);
        village.ticks(3);
        let second = village.player("Bob");
        assert_eq!(tile_of(&village, second), here);
        village.join(first);
        assert_eq!(tile_of(&village, first).steps_to(here), 1);
        assert!(village.look().get::<Position>(second).is_some());
    }

    #[test]
    fn berries_are_laid_out_once() {
        let mut village = village();
        let count = |village: &Village| {
            let index = village.look().resource::<TileIndex>();
            let berries = village.look().resource::<Terrain>().berries();
            berries.iter().filter(|tile| index.on(**tile).count() == 1).count()
        };
        let laid_out = count(&village);
        assert!(laid_out > 100);
        village.restart();
        village.ticks(3);
        assert_eq!(count(&village), laid_out);
    }
}
