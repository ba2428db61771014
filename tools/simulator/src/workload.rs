//! What simulated players do: appends to tapes that all share, transfers, swaps, and what the rules refuse.

use holdfast_checker::Meaning;
use holdfast_client::WorldCopy;
use holdfast_protocol::{EntityId, encode};
use ledger::action::{Append, Read, Swap, Transfer};
use ledger::component::ItemWire;
use ledger_reading::{ITEM, others, tape_ids, with};
use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use crate::game::Verb;

/// A tape that the copy knows.
pub(crate) fn any_tape(copy: &WorldCopy, rng: &mut StdRng) -> Option<EntityId> {
    tape_ids(copy).choose(rng).copied()
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
            // Who is alone gives to himself, which the rules refuse; and one in twenty gives nothing.
            let to = others(copy, me).choose(rng).copied().unwrap_or(me);
            let amount = if rng.random_ratio(1, 20) { 0 } else { rng.random_range(1..=200) };
            (Verb::Transfer(Transfer { to, amount }), Meaning::Transfer { to, amount })
        }
        70..90 => {
            let (mine, theirs): (Vec<_>, Vec<_>) =
                with::<ItemWire>(copy, ITEM).into_iter().partition(|(_, item)| item.holder == me);
            let (mine, theirs) = (mine.choose(rng)?.0, theirs.choose(rng)?.0);
            (Verb::Swap(Swap { mine, theirs }), Meaning::Other)
        }
        _ => {
            let tape = any_tape(copy, rng)?;
            (Verb::Read(Read { tape }), Meaning::Read { tape })
        }
    };
    Some((encode(&verb), meaning))
}
