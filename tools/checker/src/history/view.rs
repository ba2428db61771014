//! What a client's copy shows when it adopts a token.

use holdfast_client::WorldCopy;
use holdfast_protocol::{ChunkId, EntityId, SyncToken, TokenPoint};
use serde::{Deserialize, Serialize};

/// What a view shows, as far as the checker must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The tapes in it, and what is on them.
    pub tapes: Vec<(EntityId, Vec<u64>)>,
    /// The items in it, and whose each is, in ascending order.
    pub items: Vec<(EntityId, EntityId)>,
    /// The accounts in it, and what each has, in ascending order.
    pub balances: Vec<(EntityId, i64)>,
}

/// How to read a view out of a copy.
pub type ReadView = fn(&WorldCopy) -> View;

/// A token that a client adopted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// Its point in the world's history.
    pub at: TokenPoint,
    /// Where the view is centred.
    pub center: ChunkId,
    /// The point that the frame built upon; none for a snapshot.
    pub from: Option<TokenPoint>,
    /// What all that the view holds comes to.
    pub shared_hash: u64,
    /// What all that is the client's alone comes to.
    pub own_hash: u32,
    /// How many of the server's hashes the client has compared with its copy so far, all of them equal.
    pub compared: u64,
    /// What it shows. A trace keeps it apart, since most of it was there before.
    #[serde(skip)]
    pub view: View,
}

impl Adopted {
    /// What `copy` holds now that it stands at `token`.
    #[must_use]
    pub fn of(token: &SyncToken, copy: &WorldCopy, view: View) -> Self {
        Self {
            at: token.point(),
            center: token.center,
            from: copy.base(),
            shared_hash: copy
                .chunks()
                .fold(0, |sum, (chunk, place)| mix(sum ^ mix(chunk.0) ^ u64::from(place.hash()))),
            own_hash: copy.own().hash(),
            compared: copy.compared_count(),
            view,
        }
    }
}

/// What the beginning of a list comes to, entry by entry: two lists of one length that come to the same are the same,
/// but for one chance in 2⁶⁴.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Digest(u64);

impl Digest {
    /// The list with one more entry.
    #[must_use]
    pub(crate) fn with(self, entry: u64) -> Self {
        Self(mix(self.0.rotate_left(23) ^ entry))
    }

    /// A whole list.
    #[must_use]
    pub(crate) fn of(entries: &[u64]) -> Self {
        entries.iter().fold(Self::default(), |digest, entry| digest.with(*entry))
    }
}

/// Spreads a number's bits over all 64 (the finisher of SplitMix64).
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_differ_come_to_something_else() {
        let lists: [&[u64]; 7] = [&[], &[0], &[0, 0], &[1, 2], &[2, 1], &[1], &[1, 2, 3]];
        let mut digests: Vec<_> = lists.iter().map(|list| Digest::of(list)).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), lists.len());
        assert_eq!(Digest::of(&[1]).with(2), Digest::of(&[1, 2]));
    }
}
