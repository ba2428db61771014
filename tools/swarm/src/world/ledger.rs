//! The ledger, as bots play it: entries on tapes, transfers and swaps between the holders of one group.

use holdfast_client::WorldCopy;
use holdfast_protocol::{EntityId, decode, encode};
use ledger::action::{Append, Read, Swap, Transfer, Verb};
use ledger::component::{ItemWire, TAPE_TOKENS_MAX, TapeWire};
use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::{Appends, BotAction, Mark};
use holdfast_checker::Meaning;
use ledger_reading::{ITEM, others, tapes, with};

/// What is on a tape now and was not before.
pub(super) fn news(_: EntityId, before: &[u8], after: &[u8]) -> Vec<Mark> {
    let read = |body| decode::<TapeWire>(body).map(|tape| tape.tokens).unwrap_or_default();
    read(after).into_iter().skip(read(before).len()).map(Mark::Entry).collect()
}

/// How many accounts of each group of eight play where the tapes are to last: a pair, that trades with each other and has
/// all tapes of its group.
pub(super) const PAIR: usize = 2;

/// How many accounts are made for so many that play.
pub(super) fn accounts_for(players: usize) -> usize {
    players.div_ceil(PAIR) * GROUP + players % PAIR
}
@@
/// Mostly transfers and appends, some swaps and readings, and now and then something that the rules refuse.
pub(super) fn next_action(me: EntityId, copy: &WorldCopy, entry: u64, rng: &mut StdRng) -> BotAction {
    match rng.random_range(0..100) {
        0..40 => append(copy, entry, rng).unwrap_or_else(|| transfer(me, copy, rng)),
        40..55 => swap(me, copy, rng).unwrap_or_else(|| transfer(me, copy, rng)),
        55..60 => read(copy, rng).unwrap_or_else(|| transfer(me, copy, rng)),
        _ => transfer(me, copy, rng),
    }
}

fn append(copy: &WorldCopy, entry: u64, rng: &mut StdRng) -> Option<BotAction> {
    let free: Vec<_> =
        tapes(copy).into_iter().filter(|(_, entries)| entries.len() < TAPE_TOKENS_MAX).collect();
    let (tape, _) = free.choose(rng)?;
    Some(BotAction {
        bytes: encode(&Verb::Append(Append { tape: *tape, token: entry })),
        meaning: Meaning::Append { tape: *tape, entry },
        mark: Some(Mark::Entry(entry)),
    })
}

fn read(copy: &WorldCopy, rng: &mut StdRng) -> Option<BotAction> {
    let tape = tapes(copy).choose(rng)?.0;
    Some(BotAction { bytes: encode(&Verb::Read(Read { tape })), meaning: Meaning::Read { tape }, mark: None })
}

fn swap(me: EntityId, copy: &WorldCopy, rng: &mut StdRng) -> Option<BotAction> {
    let (mine, theirs): (Vec<_>, Vec<_>) =
        with::<ItemWire>(copy, ITEM).into_iter().partition(|(_, item)| item.holder == me);
    let (mine, theirs) = (mine.choose(rng)?.0, theirs.choose(rng)?.0);
    Some(BotAction { bytes: encode(&Verb::Swap(Swap { mine, theirs })), meaning: Meaning::Other, mark: None })
}

fn transfer(me: EntityId, copy: &WorldCopy, rng: &mut StdRng) -> BotAction {
    // Who is alone gives to himself, which the rules refuse; and one in fifty gives nothing, which they refuse too.
    let to = others(copy, me).choose(rng).copied().unwrap_or(me);
    let amount = if rng.random_ratio(1, 50) { 0 } else { rng.random_range(1..=20) };
    BotAction {
        bytes: encode(&Verb::Transfer(Transfer { to, amount })),
        meaning: Meaning::Transfer { to, amount },
        mark: None,
    }
}
