//! Two hundred people who each do something twice a second, as the load's bots do: without a server, tick by tick.

use holdfast::persistence::rows::TickRows;
use holdfast::{Game, Look, Rehearsal};
use holdfast_protocol::EntityId;
use ledger::Ledger;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use village::Village;
use village::component::Position;
use village::map::Terrain;
use village::tile::Tile;
use village::tile_index::TileIndex;

/// How many people there are.
const CROWD: usize = 200;

/// How many of them do something in a tick.
const ACTIONS_A_TICK: usize = 20;

/// A game whose people know what to do.
pub(crate) trait Plays: Game {
    /// What `me` does next.
    fn next(me: EntityId, everybody: &[EntityId], look: Look<'_>, rng: &mut StdRng) -> Self::Verbs;
}

impl Plays for Village {
    fn next(me: EntityId, _: &[EntityId], look: Look<'_>, rng: &mut StdRng) -> Self::Verbs {
        use village::action::{Drop, Look, Move, PickUp, Say, Verb};
        let here = look.get::<Position>(me).unwrap().tile;
        let index = look.resource::<TileIndex>();
        let near: Vec<_> =
            (0..=1).flat_map(|steps| here.ring(steps)).flat_map(|tile| index.on(tile)).collect();
        let lying: Vec<_> =
            near.into_iter().filter(|id| look.kind(*id) == Some(village::KIND_ITEM)).collect();
        let mine: Vec<_> = look.belongings(me).filter(|id| *id != me).collect();
        match rng.random_range(0..100) {
            0..5 => Verb::Say(Say { text: "Have you seen the berries?".to_owned() }),
            5..10 => Verb::Look(Look {}),
            10..15 if !lying.is_empty() => Verb::PickUp(PickUp { item: *lying.choose(rng).unwrap() }),
            15..20 if !mine.is_empty() => Verb::Drop(Drop { item: *mine.choose(rng).unwrap() }),
            _ => {
                let terrain = look.resource::<Terrain>();
                let is_free = |tile: &Tile| terrain.is_walkable(*tile) && !index.is_taken(*tile, me);
                let free: Vec<_> = here.ring(1).filter(is_free).collect();
                free.choose(rng).map_or(Verb::Look(Look {}), |to| Verb::Move(Move { to: *to }))
            }
        }
    }
}

impl Plays for Ledger {
    fn next(me: EntityId, everybody: &[EntityId], _: Look<'_>, rng: &mut StdRng) -> Self::Verbs {
        use ledger::action::{Transfer, Verb};
        let others: Vec<_> = everybody.iter().filter(|id| **id != me).collect();
        Verb::Transfer(Transfer { to: **others.choose(rng).unwrap(), amount: 1 })
    }
}

/// People who play.
pub(crate) struct Crowd<G: Plays> {
    world: Rehearsal<G>,
    people: Vec<EntityId>,
    rng: StdRng,
}

impl<G: Plays> Crowd<G> {
    /// A crowd that has come into a new world.
    pub(crate) fn new() -> Self {
        let mut world = Rehearsal::new();
        let people = (0..CROWD).map(|number| world.player(&format!("P{number}"))).collect();
        Self { world, people, rng: StdRng::seed_from_u64(7) }
    }

    /// The next tick's rows.
    pub(crate) fn tick(&mut self) -> TickRows {
        for me in self.people.sample(&mut self.rng, ACTIONS_A_TICK).copied().collect::<Vec<_>>() {
            let verb = G::next(me, &self.people, self.world.look(), &mut self.rng);
            self.world.send(me, &verb);
        }
        self.world.tick().rows
    }
}
