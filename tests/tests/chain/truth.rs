//! What a client must hold, worked out from the world itself instead of from what was published of it; and the law that
//! items are conserved.

use std::collections::BTreeMap;

use holdfast::{Look, Replicate};
use holdfast_client::copy::Parts;
use holdfast_protocol::{ChunkId, EntityId, PartTag, encode};
use holdfast_tests::{Player, Sim};
use village::Village;
use village::component::{Asleep, Carried, Item, Looks, Position, Utterance, Vitals};
use village::map::Terrain;
use village::tile::{CHUNK_TILES, Tile, chunk_place};
use village::tile_index::TileIndex;

type Sight = BTreeMap<(ChunkId, EntityId), Parts>;

fn part<C: Replicate>(world: Look<'_>, id: EntityId) -> Option<(PartTag, Vec<u8>)> {
    world.get::<C>(id).map(|value| (PartTag(C::TAG), encode(&value.wire())))
}

fn public_parts(world: Look<'_>, id: EntityId) -> Parts {
    let parts = [
        part::<Position>(world, id),
        part::<Looks>(world, id),
        part::<Item>(world, id),
        part::<Utterance>(world, id),
        part::<Asleep>(world, id),
    ];
    parts.into_iter().flatten().collect()
}

fn own_parts(world: Look<'_>, id: EntityId) -> Parts {
    let parts = if id.is_character() {
        [part::<Vitals>(world, id), None]
    } else {
        [part::<Item>(world, id), part::<Carried>(world, id)]
    };
    parts.into_iter().flatten().collect()
}

fn sight(sim: &Sim<Village>, center: ChunkId) -> Sight {
    let world = sim.world();
    let index = world.resource::<TileIndex>();
    let mut sight = Sight::new();
    for chunk in sim.interest().view(center) {
        let (column, row) = chunk_place(chunk).expect("a view is on the map");
        for place in 0..CHUNK_TILES * CHUNK_TILES {
            let (dx, dy) = (place % CHUNK_TILES, place / CHUNK_TILES);
            let tile = Tile { x: column * CHUNK_TILES + dx, y: row * CHUNK_TILES + dy };
            sight.extend(index.on(tile).map(|id| ((chunk, id), public_parts(world, id))));
        }
    }
    sight
}

/// The client's copy is the world as its player may see it. To be asked when all that the world has run is durable.
///
/// # Panics
/// Where it is not.
pub(crate) fn assert_copy_is_true(sim: &Sim<Village>, player: Player) {
    let (world, copy) = (sim.world(), sim.client(player).copy());
    let held = copy.held().expect("a client that plays holds something");
    let seen: Sight = copy
        .chunks()
        .flat_map(|(chunk, place)| place.entities().map(move |(id, parts)| ((chunk, id), parts.clone())))
        .collect();
    assert_eq!(seen, sight(sim, held.center), "what {player:?} sees");
    let own: Own = copy.own().entities().map(|(id, parts)| (id, parts.clone())).collect();
    let owned = world.belongings(sim.character(player)).map(|id| (id, own_parts(world, id))).collect();
    assert_eq!(own, owned, "what is {player:?}'s own");
}

type Own = BTreeMap<EntityId, Parts>;

/// Every berry that the map laid out is somewhere, once: on the ground or in a bag, in the store and, where it is
/// loaded, in the world. To be asked when all that the world has run is durable.
///
/// # Panics
/// Where it is not so.
pub(crate) fn assert_berries_are_conserved(sim: &Sim<Village>) {
    let (world, tables) = (sim.world(), sim.store().tables());
    let rows = |name: &str| {
        let place = sim.store().definitions().iter().position(|table| table.table == name);
        &tables.components[place.expect("the village has such a table")]
    };
    let (items, positions, carried) = (rows("items"), rows("positions"), rows("carried"));
    let laid_out = world.resource::<Terrain>().berries().len();
    assert_eq!(items.len(), laid_out, "berries in the store");
    let mut present = 0;
    for id in items.keys() {
        let home = tables.entities[id].home;
        assert_eq!(positions.contains_key(id), home.is_none(), "berry {id} lies on the ground");
        assert_eq!(carried.contains_key(id), home.is_some(), "berry {id} is in a bag");
        let is_loaded = home.is_none_or(|owner| world.is_present(owner));
        assert_eq!(world.is_present(*id), is_loaded, "berry {id} is in the world");
        if is_loaded {
            present += 1;
            assert_eq!(world.home(*id), home);
            assert_eq!(world.get::<Item>(*id).map(|item| item.count), Some(1));
            assert_eq!(world.get::<Position>(*id).is_some(), home.is_none());
            assert_eq!(world.get::<Carried>(*id).is_some(), home.is_some());
        }
    }
    let lying = world.resource::<TileIndex>();
    let terrain = world.resource::<Terrain>();
    let tiles = (0..terrain.height()).flat_map(|y| (0..terrain.width()).map(move |x| Tile { x, y }));
    let lying = tiles.flat_map(|tile| lying.on(tile)).filter(|id| world.get::<Item>(*id).is_some()).count();
    let absent = items.len() - present;
    let in_bags = carried.len() - absent;
    assert_eq!(lying + in_bags + absent, laid_out, "berries in the world and in bags");
}
