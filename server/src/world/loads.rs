//! Joins that wait for the store.
//!
//! One load at a time per character and account. Strangers, who will be refused, have loads of their own, so that they
//! cannot keep the owner waiting; only the owner's finds the character. Bound: the front's number of joins.

use std::collections::BTreeMap;

use bevy_ecs::resource::Resource;
use holdfast_front::{Account, Conn, JoinRequest};
use holdfast_protocol::{Code, EntityId, Epoch};

use crate::collect::Draft;

/// Names one request to load a character. A result with another number than is waited for is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LoadNumber {
    /// The ownership that asked: what an earlier one asked is of no use to a world that was loaded anew.
    pub epoch: Epoch,
    /// Counts this ownership's requests.
    pub number: u64,
}

/// A character that the store is asked for. Every request must be answered, if only by
/// [`Failed`](crate::persistence::loaded::CharacterLoad::Failed).
#[derive(Clone, Debug, PartialEq)]
pub struct LoadRequest {
    /// The character.
    pub character: EntityId,
    /// The account that wants to play it; it must be this account's.
    pub account: Account,
    /// The number that the answer must bear.
    pub number: LoadNumber,
}

/// The loads that are under way.
#[derive(Resource, Debug)]
pub(crate) struct Loads {
    epoch: Epoch,
    asked_count: u64,
    /// By character and number of the request.
    under_way: BTreeMap<(EntityId, u64), JoinRequest>,
}

impl Loads {
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self { epoch, asked_count: 0, under_way: BTreeMap::new() }
    }

    /// The join waits until the store has said what it has of the character for this account.
    pub(crate) fn wait(&mut self, join: JoinRequest, draft: &mut Draft) {
        let of_character = (join.character, 0)..=(join.character, u64::MAX);
        let mut waiting = self.under_way.range_mut(of_character);
        if let Some((_, earlier)) = waiting.find(|(_, earlier)| earlier.account == join.account) {
            draft.refuse(earlier.conn, Code::REPLACED);
            *earlier = join;
            return;
        }
        self.asked_count += 1;
        let number = LoadNumber { epoch: self.epoch, number: self.asked_count };
        let (character, account) = (join.character, join.account.clone());
        draft.loads.push(LoadRequest { character, account, number });
        self.under_way.insert((character, number.number), join);
    }

    /// Ends the load with this number, and hands out who waits for it; none where nobody does.
    pub(crate) fn end(&mut self, character: EntityId, asked: LoadNumber) -> Option<JoinRequest> {
        if asked.epoch != self.epoch {
            return None;
        }
        self.under_way.remove(&(character, asked.number))
    }

    /// The connection no longer waits for the character. Whether it did.
    pub(crate) fn forget(&mut self, character: EntityId, conn: Conn) -> bool {
        let before = self.under_way.len();
        self.under_way.retain(|(of, _), join| *of != character || join.conn != conn);
        self.under_way.len() < before
    }
}
