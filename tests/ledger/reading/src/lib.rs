//! How the checker reads the ledger: a crate of its own, since the checker shares no code with the engine, and the
//! ledger's server none with clients.

use holdfast::Replicate as _;
use holdfast_checker::View;
use holdfast_checker::recorder::Reading;
use holdfast_client::WorldCopy;
use holdfast_protocol::{EntityId, PartTag, decode};
use ledger::component::{Item, ItemWire, Purse, PurseWire, Tape, TapeWire};

/// The part that holds a tape's entries.
pub const TAPE: PartTag = PartTag(Tape::TAG);

/// The part that says whose an item is.
pub const ITEM: PartTag = PartTag(Item::TAG);

/// The part that holds a balance.
pub const PURSE: PartTag = PartTag(Purse::TAG);

/// How copies and replies are read.
pub const READING: Reading = Reading { view, reply: |body| Some(decode::<TapeWire>(body).ok()?.tokens) };

/// What a copy shows.
#[must_use]
pub fn view(copy: &WorldCopy) -> View {
    let items = with::<ItemWire>(copy, ITEM).into_iter().map(|(id, item)| (id, item.holder));
    let balances = with::<PurseWire>(copy, PURSE).into_iter().map(|(id, purse)| (id, purse.balance.into()));
    View { tapes: tapes(copy), items: items.collect(), balances: balances.collect() }
}

/// Every tape in a copy, with its entries.
#[must_use]
pub fn tapes(copy: &WorldCopy) -> Vec<(EntityId, Vec<u64>)> {
    with::<TapeWire>(copy, TAPE).into_iter().map(|(id, tape)| (id, tape.tokens)).collect()
}

/// Every tape in a copy, without reading its entries.
#[must_use]
pub fn tape_ids(copy: &WorldCopy) -> Vec<EntityId> {
    let entities = copy.chunks().flat_map(|(_, place)| place.entities());
    entities.filter(|(_, parts)| parts.contains_key(&TAPE)).map(|(id, _)| id).collect()
}

/// The accounts in a copy but `me`.
#[must_use]
pub fn others(copy: &WorldCopy, me: EntityId) -> Vec<EntityId> {
    let ids = copy.chunks().flat_map(|(_, place)| place.ids());
    ids.filter(|id| id.is_character() && *id != me).collect()
}

/// Every entity in a copy that has this part, with the part's value.
#[must_use]
pub fn with<T: serde::de::DeserializeOwned>(copy: &WorldCopy, tag: PartTag) -> Vec<(EntityId, T)> {
    let entities = copy.chunks().flat_map(|(_, place)| place.entities());
    entities.filter_map(|(id, parts)| Some((id, decode(parts.get(&tag)?).ok()?))).collect()
}
