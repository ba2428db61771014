//! I6: all copies of one view agree at one tick, by whatever way each came there; I7: so do they on whose an item is.
//!
//! A copy that a delta brought there stands beside one that a snapshot brought there: that compares the two at every
//! tick at which somebody asks for a snapshot. The server's own hashes, which every client compares with its copy, count
//! as well.

use std::collections::BTreeMap;

use holdfast_protocol::{ChunkId, EntityId, TokenPoint};

use super::session::point;
use crate::finding::Finding;
use crate::history::view::Adopted;

/// How many views are remembered, and how many ticks' owners. Clients that are further apart than that are not compared.
const REMEMBERED_MAX: usize = 4_096;

/// What views came to, and what each client's own came to.
#[derive(Clone, Debug)]
pub(crate) struct Agreement {
    views: BTreeMap<(TokenPoint, ChunkId), (u64, EntityId)>,
    own: BTreeMap<EntityId, (TokenPoint, u32)>,
    compared: BTreeMap<EntityId, u64>,
    owners: BTreeMap<TokenPoint, BTreeMap<EntityId, EntityId>>,
    agree: Finding,
    one_owner: Finding,
}

impl Default for Agreement {
    fn default() -> Self {
        Self {
            views: BTreeMap::new(),
            own: BTreeMap::new(),
            compared: BTreeMap::new(),
            owners: BTreeMap::new(),
            agree: Finding::new("I6 all copies agree, with each other and with the server"),
            one_owner: Finding::new("I7 an item is nobody's but its owner's, in every view"),
        }
    }
}

impl Agreement {
    pub(crate) fn adopt(&mut self, character: EntityId, adopted: &Adopted) {
        let compared = self.compared.insert(character, adopted.compared).unwrap_or_default();
        let compared = adopted.compared.checked_sub(compared).unwrap_or(adopted.compared);
        self.agree.looked_at += usize::try_from(compared).unwrap_or(0);
        let Adopted { at, center, shared_hash, own_hash, .. } = *adopted;
        match self.views.get(&(at, center)) {
            Some((hash, other)) => {
                self.agree.looked_at += 1;
                if *hash != shared_hash {
                    self.agree.breach(|| {
                        format!(
                            "characters {other} and {character} see chunk {center} differently at {}",
                            point(at)
                        )
                    });
                }
            }
            None => {
                self.views.insert((at, center), (shared_hash, character));
                self.look_at_owners(character, adopted);
            }
        }
        if let Some((_, own)) = self.own.insert(character, (at, own_hash)).filter(|(before, _)| *before == at)
        {
            self.agree.looked_at += 1;
            if own != own_hash {
                self.agree
                    .breach(|| format!("character {character} has two different bags at {}", point(at)));
            }
        }
        while self.views.len() > REMEMBERED_MAX {
            self.views.pop_first();
        }
    }

    fn look_at_owners(&mut self, character: EntityId, adopted: &Adopted) {
        let owners = self.owners.entry(adopted.at).or_default();
        for (item, owner) in &adopted.view.items {
            self.one_owner.looked_at += 1;
            let other = owners.insert(*item, *owner).filter(|other| other != owner);
            if let Some(other) = other {
                self.one_owner.breach(|| {
                    let at = point(adopted.at);
                    format!(
                        "item {item} is {owner}'s to character {character} and {other}'s to another, at {at}"
                    )
                });
            }
        }
        while self.owners.len() > REMEMBERED_MAX {
            self.owners.pop_first();
        }
    }

    pub(crate) fn diverged(&mut self, character: EntityId, how: &str) {
        self.agree.looked_at += 1;
        self.agree.breach(|| format!("character {character}: {how}"));
    }

    pub(crate) fn finding(&self) -> Finding {
        self.agree.clone()
    }

    pub(crate) fn one_owner_each(&self) -> Finding {
        self.one_owner.clone()
    }
}
