//! The ledger, as bots play it: entries on tapes, transfers and swaps between the holders of one group.

use holdfast::action::Verbs as _;
use holdfast_client::WorldCopy;
use holdfast_protocol::{EntityId, decode, encode};
use ledger::action::{Append, Read, Swap, Transfer, Verb};
use ledger::component::{ItemWire, TAPE_TOKENS_MAX, TapeWire};
use ledger::group::ACCOUNTS_A_GROUP;
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

/// The name of the verb that these bytes are.
pub(super) fn verb_name(action: &[u8]) -> Option<&'static str> {
    decode::<Verb>(action).ok().map(|verb| verb.name())
}

/// How many accounts of a group play where tapes are to last: a pair, which trades with each other, and has all tapes of
/// its group.
const PAIR: u64 = 2;

/// How many accounts have to be made so that so many of them play in pairs.
pub(super) fn accounts_for(players: usize) -> usize {
    let a_group = usize::try_from(ACCOUNTS_A_GROUP).unwrap_or(usize::MAX);
    players.saturating_mul(a_group).div_ceil(2)
}

/// Whether this account is one of its group's pair.
pub(super) fn is_of_pair(account: EntityId) -> bool {
    account.0 / 2 % ACCOUNTS_A_GROUP < PAIR
}

/// Mostly transfers and appends, some swaps and readings, and now and then something that the rules refuse.
pub(super) fn next_action(
    me: EntityId,
    copy: &WorldCopy,
    entry: u64,
    appends: Appends,
    rng: &mut StdRng,
) -> BotAction {
    let wanted = if rng.random_range(0..100) < appends.percent {
        append(copy, entry, appends, rng)
    } else {
        match rng.random_range(0..60) {
            0..15 => swap(me, copy, rng),
            15..20 => read(copy, rng),
            _ => None,
        }
    };
    wanted.unwrap_or_else(|| transfer(me, copy, rng))
}

fn append(copy: &WorldCopy, entry: u64, appends: Appends, rng: &mut StdRng) -> Option<BotAction> {
    let permille = usize::try_from(appends.full_permille).ok()?;
    let has_room = |entries: &[u64]| entries.len() * 1_000 < TAPE_TOKENS_MAX * permille;
    let free: Vec<_> = tapes(copy).into_iter().filter(|(_, entries)| has_room(entries)).collect();
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

#[cfg(test)]
mod tests {
    use ledger::group::group_of;

    use super::*;

    #[test]
    fn so_many_play_as_are_wanted_and_two_of_each_group() {
        let accounts = (0..accounts_for(16)).filter_map(|number| u64::try_from(number).ok());
        let players: Vec<_> =
            accounts.map(|number| EntityId(2 * number + 1)).filter(|id| is_of_pair(*id)).collect();
        assert_eq!(players.len(), 16);
        for pair in players.chunks(2) {
            assert_eq!(group_of(pair[0]), group_of(pair[1]));
        }
        assert_ne!(group_of(players[0]), group_of(players[2]));
    }
}
