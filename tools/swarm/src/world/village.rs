//! The village, as bots play it: they mostly walk, and talk, look, gather and drop now and then.

use std::collections::BTreeSet;

use holdfast::Replicate as _;
use holdfast::action::Verbs as _;
use holdfast_client::WorldCopy;
use holdfast_protocol::{EntityId, PartTag, decode, encode};
use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use village::KIND_ITEM;
use village::action::look::Around;
use village::action::{Drop, Look, Move, PickUp, Say, Verb};
use village::component::{BAG_SLOTS, Carried, CarriedWire, Item, Position, PositionWire};
use village::map::Terrain;
use village::tile::Tile;

use super::{BotAction, Mark};
use holdfast_checker::Meaning;

/// The part that says where an entity is.
pub const POSITION: PartTag = PartTag(Position::TAG);

/// The part that says in which place of a bag an item is.
const CARRIED: PartTag = PartTag(Carried::TAG);

/// The part that makes an entity an item.
const ITEM: PartTag = PartTag(Item::TAG);

/// What bots say.
const WORDS: [&str; 4] = ["Good morning!", "Have you seen the berries?", "Nice weather today.", "I am off."];

/// Where a character has arrived.
pub(super) fn news(id: EntityId, _: &[u8], after: &[u8]) -> Vec<Mark> {
    if !id.is_character() {
        return Vec::new();
    }
    let position = decode::<PositionWire>(after).ok();
    position.map(|position| at(id, position.tile)).into_iter().collect()
}

fn at(id: EntityId, tile: Tile) -> Mark {
    Mark::At(id, tile.x, tile.y)
}

/// Walks in most cases, onto a tile that looks free in the bot's own copy.
pub(super) fn next_action(
    me: EntityId,
    copy: &WorldCopy,
    terrain: Option<&Terrain>,
    rng: &mut StdRng,
) -> BotAction {
    let Some((here, terrain)) = tile(copy, me).zip(terrain) else { return look() };
    deed(me, here, copy, &[], |rng| free_tile(me, here, copy, terrain, rng), rng)
}

/// What somebody on this tile does next, who walks where `step` leads and knows that these things are within reach besides
/// those in the copy.
pub(crate) fn deed(
    me: EntityId,
    here: Tile,
    copy: &WorldCopy,
    near: &[EntityId],
    step: impl FnOnce(&mut StdRng) -> Option<Tile>,
    rng: &mut StdRng,
) -> BotAction {
    let walk = |rng: &mut StdRng| step(rng).map(|to| move_to(me, to));
    match rng.random_range(0..100) {
        0..5 => plain(&Verb::Say(Say { text: (*WORDS.choose(rng).unwrap_or(&"Hello.")).to_owned() })),
        5..10 => look(),
        10..20 => gather(here, copy, near, rng).or_else(|| walk(rng)).unwrap_or_else(look),
        _ => walk(rng).unwrap_or_else(look),
    }
}

/// The items within reach that an answer to a look names.
pub(crate) fn within_reach(answer: &[u8], here: Tile) -> Vec<EntityId> {
    let seen = decode::<Around>(answer).map(|around| around.seen).unwrap_or_default();
    seen.iter()
        .filter(|seen| seen.kind == KIND_ITEM && seen.tile.steps_to(here) <= 1)
        .map(|seen| seen.id)
        .collect()
}

/// The name of the verb that these bytes are.
pub(super) fn verb_name(action: &[u8]) -> Option<&'static str> {
    decode::<Verb>(action).ok().map(|verb| verb.name())
}

fn plain(action: &Verb) -> BotAction {
    BotAction { bytes: encode(action), meaning: Meaning::Other, mark: None }
}

pub(crate) fn look() -> BotAction {
    plain(&Verb::Look(Look {}))
}

fn move_to(me: EntityId, to: Tile) -> BotAction {
    BotAction { mark: Some(at(me, to)), ..plain(&Verb::Move(Move { to })) }
}

/// A neighbouring tile where nobody stands, and to which the fewest others could step at the same time: bots
/// spread like people, and two of them seldom reach for one tile.
fn free_tile(
    me: EntityId,
    here: Tile,
    copy: &WorldCopy,
    terrain: &Terrain,
    rng: &mut StdRng,
) -> Option<Tile> {
    let others: Vec<Tile> = around(here, 2, copy)
        .filter(|(id, _)| id.is_character() && *id != me)
        .map(|(_, tile)| tile)
        .collect();
    let rivals = |tile: Tile| others.iter().filter(|other| other.steps_to(tile) <= 1).count();
    let free: Vec<_> = here
        .ring(1)
        .filter(|tile| terrain.is_walkable(*tile) && !others.contains(tile))
        .map(|tile| (rivals(tile), tile))
        .collect();
    let fewest = free.iter().map(|(rivals, _)| *rivals).min()?;
    let best: Vec<_> = free.iter().filter(|(rivals, _)| *rivals == fewest).collect();
    best.choose(rng).map(|(_, to)| *to)
}

/// Picks up what lies in reach, or else drops something.
fn gather(here: Tile, copy: &WorldCopy, near: &[EntityId], rng: &mut StdRng) -> Option<BotAction> {
    let own = copy.own();
    let carried: Vec<_> =
        own.entities().filter(|(_, parts)| parts.contains_key(&CARRIED)).map(|(id, _)| id).collect();
    let slots = carried.iter().filter_map(|id| decode::<CarriedWire>(own.part(*id, CARRIED)?).ok()).count();
    let is_item = |id| copy.entity(id).is_some_and(|(_, parts)| parts.contains_key(&ITEM));
    let seen = around(here, 1, copy).map(|(id, _)| id).filter(|id| is_item(*id));
    let lying: Vec<_> = seen.chain(near.iter().copied()).collect();
    if let Some(item) = lying.choose(rng).copied()
        && slots < usize::from(BAG_SLOTS)
    {
        return Some(plain(&Verb::PickUp(PickUp { item })));
    }
    let item = *carried.choose(rng)?;
    Some(plain(&Verb::Drop(Drop { item })))
}

/// What stands or lies on a tile and on those at most so many steps away.
fn around(here: Tile, steps: u8, copy: &WorldCopy) -> impl Iterator<Item = (EntityId, Tile)> {
    let chunks: BTreeSet<_> = here.ring(i16::from(steps)).map(Tile::chunk).collect();
    let near = copy.chunks().filter(move |(chunk, _)| chunks.contains(chunk));
    near.flat_map(|(_, place)| place.entities())
        .filter_map(|(id, parts)| Some((id, decode::<PositionWire>(parts.get(&POSITION)?).ok()?.tile)))
        .filter(move |(_, tile)| tile.steps_to(here) <= u16::from(steps))
}

/// Where somebody is, as far as the copy tells.
pub(crate) fn tile(copy: &WorldCopy, id: EntityId) -> Option<Tile> {
    let (_, parts) = copy.entity(id)?;
    decode::<PositionWire>(parts.get(&POSITION)?).ok().map(|position| position.tile)
}

#[cfg(test)]
mod tests {
    use holdfast_protocol::codec::Blob;
    use holdfast_protocol::{
        ChunkWrite, EntityWrite, Epoch, EpochTag, Frame, Part, ResyncKind, Seq, Tick, TokenStamp, Welcome,
        WorldId,
    };
    use rand::SeedableRng as _;
    use village::action::look::Seen;

    use super::*;

    const ME: EntityId = EntityId(1);

    /// A copy in which these stand here, and nothing else is.
    fn copy_of(standing: &[(EntityId, Tile)]) -> WorldCopy {
        let mut copy = WorldCopy::new();
        copy.welcome(&Welcome {
            world: WorldId(1),
            epoch: Epoch(1),
            tag: EpochTag(1),
            character: ME,
            last_seq: Seq(0),
            conflict: false,
            resume: Blob::default(),
            resync: ResyncKind::SnapshotFresh,
            tick_ms: 50,
            addresses: Vec::new(),
        });
        let chunks = standing.iter().map(|(id, tile)| ChunkWrite {
            chunk: tile.chunk(),
            entities: vec![EntityWrite {
                id: *id,
                whole: true,
                parts: vec![Part {
                    tag: POSITION,
                    body: Blob(encode(&PositionWire { tile: *tile, facing: 0 })),
                }],
            }],
        });
        let token = TokenStamp { tick: Tick(1), center: holdfast_protocol::ChunkId(0) };
        copy.receive(Frame { chunks: chunks.collect(), token: Some(token), ..Frame::default() }).unwrap();
        copy
    }

    #[test]
    fn steps_lead_only_where_somebody_can_stand() {
        let terrain = Terrain::built_in();
        let here = terrain.spawn();
        let neighbours: Vec<_> = here.ring(1).filter(|tile| terrain.is_walkable(*tile)).collect();
        let (free, taken) = neighbours.split_last().unwrap();
        let mut standing = vec![(ME, here)];
        standing.extend(taken.iter().zip((3..).step_by(2)).map(|(tile, id)| (EntityId(id), *tile)));
        let copy = copy_of(&standing);
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..20 {
            assert_eq!(free_tile(ME, here, &copy, &terrain, &mut rng), Some(*free));
        }
    }

    #[test]
    fn who_looked_around_reaches_for_what_lies_there() {
        let here = Terrain::built_in().spawn();
        let seen = |id, kind, tile| Seen { id: EntityId(id), kind, tile };
        let far = here.offset(0, 2).unwrap();
        let answer =
            Around { seen: vec![seen(3, 1, here), seen(4, KIND_ITEM, here), seen(6, KIND_ITEM, far)] };
        let near = within_reach(&encode(&answer), here);
        assert_eq!(near, [EntityId(4)]);
        let copy = copy_of(&[(ME, here)]);
        let action = gather(here, &copy, &near, &mut StdRng::seed_from_u64(1)).unwrap();
        assert_eq!(decode::<Verb>(&action.bytes), Ok(Verb::PickUp(PickUp { item: EntityId(4) })));
        assert_eq!(verb_name(&action.bytes), Some("pick_up"));
    }

    #[test]
    fn who_is_nowhere_only_looks() {
        let action =
            next_action(ME, &copy_of(&[]), Some(&Terrain::built_in()), &mut StdRng::seed_from_u64(1));
        assert_eq!(decode::<Verb>(&action.bytes), Ok(Verb::Look(Look {})));
    }
}
