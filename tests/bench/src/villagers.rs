//! A village whose people walk to and fro, and berries that lie about in it.
//!
//! Each villager has two tiles to itself, side by side in one chunk, so every step is accepted, however many there are;
//! they are spread over the whole map.

use holdfast::persistence::durable::Durable;
use holdfast::persistence::loaded::{LoadedCharacter, LoadedEntity, LoadedWorld};
use holdfast::persistence::rows::ComponentRow;
use holdfast::{Action as _, App, TickOutput};
use holdfast_protocol::{EntityId, SessionEpoch, Tick};
use village::action::{Move, Verb};
use village::component::{Item, ItemKind, Position, Vitals};
use village::map::Terrain;
use village::tile::Tile;
use village::{KIND_CHARACTER, KIND_ITEM, Village};

use crate::people::{Peopled, newcomer};

/// Villagers in a world of their own.
pub struct Villagers {
    /// The world.
    pub world: Peopled<Village>,
    walks: Vec<Walk>,
}

/// Where a villager walks: it stands on the first tile.
type Walk = [Tile; 2];

impl Villagers {
    /// So many villagers who have come into this world, and everything that caused, tick by tick.
    ///
    /// # Panics
    /// Where the map has no room for them: it has for about 20,000.
    #[must_use]
    pub fn new(loaded: &LoadedWorld, count: usize) -> (Self, Vec<TickOutput>) {
        let all = walks();
        assert!(count <= all.len(), "there is room for {} villagers", all.len());
        let walks: Vec<_> = (0..count).map(|number| all[number * all.len() / count]).collect();
        let villagers = walks.iter().enumerate().map(|(number, walk)| villager(number, walk[0])).collect();
        let (world, begun) = Peopled::new(loaded, villagers);
        (Self { world, walks }, begun)
    }

    /// These villagers each ask for a step. Nobody asks again before [`Self::rest`].
    pub fn step(&mut self, numbers: impl Iterator<Item = usize>) {
        for number in numbers {
            let walk = &mut self.walks[number];
            walk.swap(0, 1);
            self.world.send(number, &Verb::Move(Move { to: walk[0] }));
        }
    }

    /// Runs the ticks that must lie between two steps of one villager.
    pub fn rest(&mut self) -> Vec<TickOutput> {
        (0..Move::COOLDOWN_TICKS).map(|_| self.world.tick()).collect()
    }
}

/// All pairs of tiles on which one can walk to and fro.
fn walks() -> Vec<Walk> {
    let terrain = Terrain::built_in();
    let row = |y| (0..terrain.width() - 1).step_by(2).map(move |x| [Tile { x, y }, Tile { x: x + 1, y }]);
    let is_free = |walk: &Walk| walk.iter().all(|tile| terrain.is_walkable(*tile));
    (0..terrain.height()).flat_map(row).filter(is_free).collect()
}

/// A villager who has played before.
fn villager(number: usize, tile: Tile) -> LoadedCharacter {
    let newcomer = newcomer(number);
    let body = LoadedEntity {
        id: newcomer.profile.id,
        kind: KIND_CHARACTER,
        home: Some(newcomer.profile.id),
        entered: Tick(1),
        components: vec![row(&Position::on(tile)), row(&Vitals::FULL)],
    };
    LoadedCharacter { session_epoch: SessionEpoch(1), entities: vec![body], ..newcomer }
}

/// So many berries, one after the other where one can walk.
#[must_use]
pub fn berries(count: usize) -> Vec<LoadedEntity> {
    let tiles = walks().into_iter().flatten().collect::<Vec<_>>();
    let berry = |number: usize| LoadedEntity {
        id: EntityId(2 * number as u64 + 2),
        kind: KIND_ITEM,
        home: None,
        entered: Tick(1),
        components: vec![
            row(&Position::on(tiles[number % tiles.len()])),
            row(&Item { kind: ItemKind::Berry, count: 1 }),
        ],
    };
    (0..count).map(berry).collect()
}

/// A component as the store has it.
fn row<C: Durable>(value: &C) -> (usize, ComponentRow) {
    let tables = App::of::<Village>().tables();
    let index = tables.iter().position(|table| table.table == C::TABLE);
    (index.expect("the village has the component"), ComponentRow { tick: Tick(1), row: value.to_row() })
}
