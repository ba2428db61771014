//! A look around.

use holdfast::protocol::EntityId;
use holdfast::{Action, Actor, Change, Outcome};
use postcard_schema::Schema;
use postcard_schema::schema::NamedType;
use serde::{Deserialize, Serialize};

use crate::component::Position;
use crate::tile::Tile;
use crate::tile_index::TileIndex;

/// How many steps one sees.
const STEPS_MAX: i16 = 2;

/// The most that an answer names, nearest first.
const SEEN_MAX: usize = 256;

/// Looks around: answered with [`Around`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Look {}

/// What is on the five by five tiles around, nearest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Around {
    /// At most 256 things, the looker included.
    pub seen: Vec<Seen>,
}

/// Something that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Seen {
    /// Which entity.
    pub id: EntityId,
    /// What it is: 1 a character, 2 an item, 3 words.
    pub kind: u16,
    /// Where it is.
    pub tile: Tile,
}

holdfast::rejections! {
    /// One can always look.
    pub enum CannotLook {}
}

impl Action for Look {
    const NAME: &'static str = "look";
    const REPLY: Option<&'static NamedType> = Some(Around::SCHEMA);
    type Rejection = CannotLook;
    type Plan = Around;

    fn validate(&self, me: Actor, world: &holdfast::Look<'_>) -> Result<Around, CannotLook> {
        let index = world.resource::<TileIndex>();
        let here = world.get::<Position>(me.character).map(|position| position.tile);
        let tiles = here.into_iter().flat_map(|here| (0..=STEPS_MAX).flat_map(move |steps| here.ring(steps)));
        let seen = tiles.flat_map(|tile| index.on(tile).map(move |id| (id, tile)));
        let seen = seen.filter_map(|(id, tile)| Some(Seen { id, kind: world.kind(id)?, tile }));
        Ok(Around { seen: seen.take(SEEN_MAX).collect() })
    }

    fn apply(around: Around, _me: Actor, _world: &mut Change<'_>) -> Outcome {
        Outcome::reply(&around)
    }
}

#[cfg(test)]
mod tests {
    use holdfast::protocol::decode;

    use super::*;
    use crate::action::Verb;
    use crate::rehearsal::{nearest_berry, tile_of, village, walk_to};
    use crate::{KIND_CHARACTER, KIND_ITEM};

    #[test]
    fn one_sees_who_and_what_is_around() {
        let mut village = village();
        let (me, other) = (village.player("Ada"), village.player("Bob"));
        let berry = nearest_berry(&village);
        let look = Verb::Look(Look {});
        let around = |village: &mut crate::rehearsal::Village| {
            let reply = village.act(me, &look).ok().and_then(|outcome| outcome.reply);
            decode::<Around>(&reply.expect("a look is answered")).expect("with what is around").seen
        };
        let seen = around(&mut village);
        let here = tile_of(&village, me);
        assert_eq!(seen[0], Seen { id: me, kind: KIND_CHARACTER, tile: here });
        assert!(seen.iter().any(|seen| seen.id == other));
        let there = tile_of(&village, berry);
        walk_to(&mut village, me, there, 2);
        assert!(around(&mut village).contains(&Seen { id: berry, kind: KIND_ITEM, tile: there }));
        walk_to(&mut village, me, here, 0);
        assert_eq!(around(&mut village).iter().any(|seen| seen.id == berry), here.steps_to(there) <= 2);
    }
}
