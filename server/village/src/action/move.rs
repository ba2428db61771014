//! One step.

use holdfast::{Action, Actor, Change, Look, Outcome, Pace};
use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::component::Position;
use crate::map::Terrain;
use crate::tile::{Facing, Tile};
use crate::tile_index::TileIndex;

/// A step to a neighbouring tile, also a diagonal one. It names the tile, so that a step that was rejected does not
/// shift the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Move {
    /// Where to.
    pub to: Tile,
}

holdfast::rejections! {
    /// Why a step is not possible.
    pub enum CannotMove {
        1 NotAdjacent "not_adjacent" "That is not one step away.";
        2 Blocked "blocked" "Something is in the way.";
        3 Occupied "occupied" "Somebody stands there.";
    }
}

impl Action for Move {
    const NAME: &'static str = "move";
    const PACE: Pace = Pace::Move;
    const COOLDOWN_TICKS: u64 = 2;
    const IN_HISTORY: bool = false;
    type Rejection = CannotMove;
    type Plan = Position;

    fn validate(&self, me: Actor, world: &Look<'_>) -> Result<Position, CannotMove> {
        let from = world.get::<Position>(me.character).ok_or(CannotMove::NotAdjacent)?.tile;
        let facing = Facing::towards(from, self.to).ok_or(CannotMove::NotAdjacent)?;
        if from.steps_to(self.to) > 1 {
            return Err(CannotMove::NotAdjacent);
        }
        if !world.resource::<Terrain>().is_walkable(self.to) {
            return Err(CannotMove::Blocked);
        }
        if world.resource::<TileIndex>().is_taken(self.to, me.character) {
            return Err(CannotMove::Occupied);
        }
        Ok(Position { tile: self.to, facing })
    }

    fn apply(there: Position, me: Actor, world: &mut Change<'_>) -> Outcome {
        world.set(me.character, there);
        Outcome::done()
    }
}

#[cfg(test)]
mod tests {
    use holdfast::action::Rejection;
    use holdfast::protocol::{Code, EntityId};

    use super::*;
    use crate::action::Verb;
    use crate::rehearsal::{Village, tile_of, village, walk_to};

    fn code(rejection: CannotMove) -> Code {
        Code::of_verb(1, rejection.number())
    }

    fn step(village: &mut Village, me: EntityId, dx: i16, dy: i16) -> Result<Outcome, Code> {
        let to = tile_of(village, me).offset(dx, dy).expect("within the coordinates");
        village.act(me, &Verb::Move(Move { to }))
    }

    #[test]
    fn a_step_leads_to_a_neighbouring_tile_and_looks_that_way() {
        let mut village = village();
        let me = village.player("Ada");
        let from = tile_of(&village, me);
        assert_eq!(step(&mut village, me, 1, -1), Ok(Outcome::done()));
        let position = *village.look().get::<Position>(me).expect("I am somewhere");
        assert_eq!(position.tile, Tile { x: from.x + 1, y: from.y - 1 });
        assert_eq!(position.facing.number(), 1);
    }

    #[test]
    fn a_tile_that_is_not_adjacent_is_refused() {
        let mut village = village();
        let me = village.player("Ada");
        for (dx, dy) in [(0, 0), (2, 0), (-1, 2)] {
            assert_eq!(step(&mut village, me, dx, dy), Err(code(CannotMove::NotAdjacent)));
        }
        let far = Verb::Move(Move { to: Tile { x: u16::MAX, y: u16::MAX } });
        assert_eq!(village.act(me, &far), Err(code(CannotMove::NotAdjacent)));
    }

    #[test]
    fn water_rock_and_walls_are_in_the_way() {
        let mut village = village();
        let me = village.player("Ada");
        // The wall of the house north-east of the square.
        walk_to(&mut village, me, Tile { x: 36, y: 31 }, 0);
        assert_eq!(step(&mut village, me, 0, -1), Err(code(CannotMove::Blocked)));
    }

    #[test]
    fn of_two_who_step_on_one_tile_exactly_one_does() {
        let mut village = village();
        let (first, second) = (village.player("Ada"), village.player("Bob"));
        let (here, there) = (tile_of(&village, first), tile_of(&village, second));
        let between = here.ring(1).find(|tile| {
            there.steps_to(*tile) == 1
                && village.look().resource::<Terrain>().is_walkable(*tile)
                && *tile != there
        });
        let to = between.expect("there is a tile beside both");
        village.send(first, &Verb::Move(Move { to }));
        assert_eq!(village.act(second, &Verb::Move(Move { to })), Err(code(CannotMove::Occupied)));
        assert_eq!(tile_of(&village, first), to);
    }

    #[test]
    fn a_sleeper_keeps_its_tile() {
        let mut village = village();
        let (first, second) = (village.player("Ada"), village.player("Bob"));
        village.sleep(first);
        let to = tile_of(&village, first);
        assert_eq!(village.act(second, &Verb::Move(Move { to })), Err(code(CannotMove::Occupied)));
    }
}
