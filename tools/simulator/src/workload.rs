//! What simulated players do: appends to tapes that all share, transfers, swaps, and what the rules refuse.

use holdfast::Replicate as _;
use holdfast_checker::Meaning;
use holdfast_checker::recorder::Reading;
use holdfast_client::WorldCopy;
use holdfast_protocol::{EntityId, PartTag, decode, encode};
use ledger::action::{Append, Swap, Transfer};
use ledger::component::{Item, ItemWire, Tape};
use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use crate::game::{Recital, Recite, Verb};

const TAPE: PartTag = PartTag(Tape::TAG);
const ITEM: PartTag = PartTag(Item::TAG);

/// How the checker reads what players hold and are told.
pub(crate) const READING: Reading =
    Reading { view: ledger_reading::view, reply: |body| Some(decode::<Recital>(body).ok()?.tokens) };

/// A tape that the copy knows.
pub(crate) fn any_tape(copy: &WorldCopy, rng: &mut StdRng) -> Option<EntityId> {
    with_part(copy, TAPE).map(|(id, _)| id).collect::<Vec<_>>().choose(rng).copied()
}

/// What the player `me` does next, and what that means. `entry` is a number that is used only once in a run.
pub(crate) fn next_action(
    me: EntityId,
    copy: &WorldCopy,
    entry: u64,
    rng: &mut StdRng,
) -> Option<(Vec<u8>, Meaning)> {
    let (verb, meaning) = match rng.random_range(0..100) {
        0..50 => {
            let tape = any_tape(copy, rng)?;
            (Verb::Append(Append { tape, token: entry }), Meaning::Append { tape, entry })
        }
        50..70 => {
            let others: Vec<_> = copy
                .chunks()
                .flat_map(|(_, place)| place.ids())
                .filter(|id| id.is_character() && *id != me)
                .collect();
            // Who is alone gives to himself, which the rules refuse; and one in twenty gives nothing.
            let to = others.choose(rng).copied().unwrap_or(me);
            let amount = if rng.random_ratio(1, 20) { 0 } else { rng.random_range(1..=200) };
            (Verb::Transfer(Transfer { to, amount }), Meaning::Transfer { to, amount })
        }
        70..90 => {
            let (mine, theirs): (Vec<_>, Vec<_>) =
                with::<ItemWire>(copy, ITEM).partition(|(_, item)| item.holder == me);
            let (mine, theirs) = (mine.choose(rng)?.0, theirs.choose(rng)?.0);
            (Verb::Swap(Swap { mine, theirs }), Meaning::Other)
        }
        _ => {
            let tape = any_tape(copy, rng)?;
            (Verb::Recite(Recite { tape }), Meaning::Read { tape })
        }
    };
    Some((encode(&verb), meaning))
}

fn with_part(copy: &WorldCopy, tag: PartTag) -> impl Iterator<Item = (EntityId, &[u8])> {
    let entities = copy.chunks().flat_map(|(_, place)| place.entities());
    entities.filter_map(move |(id, parts)| Some((id, parts.get(&tag)?.as_slice())))
}

fn with<T: serde::de::DeserializeOwned>(
    copy: &WorldCopy,
    tag: PartTag,
) -> impl Iterator<Item = (EntityId, T)> {
    with_part(copy, tag).filter_map(|(id, body)| Some((id, decode(body).ok()?)))
}
