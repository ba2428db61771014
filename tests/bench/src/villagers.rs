//! Villagers who walk to and fro on the meadow, and berries that lie about on it.
//!
//! Each villager has two tiles to itself, side by side in one chunk, so every step is accepted, however many there are.

use holdfast::persistence::durable::{Durable, TableDefinition};
use holdfast::persistence::loaded::{LoadedCharacter, LoadedEntity, LoadedWorld};
use holdfast::persistence::rows::ComponentRow;
use holdfast::{Action as _, App, TickOutput};
use holdfast_protocol::{EntityId, SessionEpoch, Tick};
use meadow::{Meadow, SIDE};
use village::action::{Move, Verb};
use village::component::{Item, ItemKind, Position, Vitals};
use village::tile::Tile;
use village::{KIND_CHARACTER, KIND_ITEM};

use crate::people::{Peopled, newcomer};

/// Villagers in a world of their own.
pub struct Villagers {
    /// The world.
    pub world: Peopled<Meadow>,
    walks: Vec<Walk>,
}

/// Where a villager walks: it stands on the first tile.
type Walk = [Tile; 2];

impl Villagers {
    /// So many villagers who have come into this world, all over the meadow, and everything that caused, tick by tick.
    ///
    /// # Panics
    /// Where the meadow has no room for them: it has for 20,000.
    #[must_use]
    pub fn new(loaded: &LoadedWorld, count: usize) -> (Self, Vec<TickOutput>) {
        Self::within(SIDE, loaded, count)
    }

    /// The same in a square of so many tiles each way.
    ///
    /// # Panics
    /// Where there is no room for them there: two tiles each.
    #[must_use]
    pub fn within(side: u16, loaded: &LoadedWorld, count: usize) -> (Self, Vec<TickOutput>) {
        let all: Vec<Walk> = walks(side).collect();
        assert!(count <= all.len(), "there is room for {} villagers", all.len());
        let walks: Vec<_> = (0..count).map(|number| all[number * all.len() / count]).collect();
        let tables = App::of::<Meadow>().tables();
        let villager = |(number, walk): (usize, &Walk)| villager(&tables, number, walk[0]);
        let (world, begun) = Peopled::new(loaded, walks.iter().enumerate().map(villager).collect());
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

/// All pairs of neighbouring tiles in the meadow's corner of so many tiles each way.
fn walks(side: u16) -> impl Iterator<Item = Walk> {
    (0..side).flat_map(move |y| (0..side).step_by(2).map(move |x| [Tile { x, y }, Tile { x: x + 1, y }]))
}

/// A villager who has played before.
fn villager(tables: &[TableDefinition], number: usize, tile: Tile) -> LoadedCharacter {
    let newcomer = newcomer(number);
    let body = LoadedEntity {
        id: newcomer.profile.id,
        kind: KIND_CHARACTER,
        home: Some(newcomer.profile.id),
        entered: Tick(1),
        components: vec![row(tables, &Position::on(tile)), row(tables, &Vitals::FULL)],
    };
    LoadedCharacter { session_epoch: SessionEpoch(1), entities: vec![body], ..newcomer }
}

/// So many berries, each on a tile of its own: at most 40,000.
#[must_use]
pub fn berries(count: usize) -> Vec<LoadedEntity> {
    let tables = App::of::<Meadow>().tables();
    let berry = |(number, tile): (usize, Tile)| LoadedEntity {
        id: EntityId(2 * number as u64 + 2),
        kind: KIND_ITEM,
        home: None,
        entered: Tick(1),
        components: vec![
            row(&tables, &Position::on(tile)),
            row(&tables, &Item { kind: ItemKind::Berry, count: 1 }),
        ],
    };
    walks(SIDE).flatten().take(count).enumerate().map(berry).collect()
}

/// A component as the store has it.
fn row<C: Durable>(tables: &[TableDefinition], value: &C) -> (usize, ComponentRow) {
    let index = tables.iter().position(|table| table.table == C::TABLE);
    (index.expect("the village has the component"), ComponentRow { tick: Tick(1), row: value.to_row() })
}
