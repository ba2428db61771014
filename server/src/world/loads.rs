//! Joins that wait for the store.
//!
//! One load at a time per character, whoever asks. Bound: one waiting join an account, and four accounts a character
//! (all but one of them strangers, who will be refused); a fifth is refused `joins_busy`. The number of characters that are
//! being loaded is bounded by the front's number of sessions.

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

/// How many accounts may wait for one character.
const WAITING_ACCOUNTS_MAX: usize = 4;

/// The loads that are under way.
#[derive(Resource, Debug)]
pub(crate) struct Loads {
    epoch: Epoch,
    asked_count: u64,
    under_way: BTreeMap<EntityId, Load>,
}

#[derive(Debug)]
struct Load {
    number: LoadNumber,
    waiting: Vec<JoinRequest>,
}

impl Loads {
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self { epoch, asked_count: 0, under_way: BTreeMap::new() }
    }

    /// The join waits until the store has said what it has of the character.
    pub(crate) fn wait(&mut self, join: JoinRequest, draft: &mut Draft) {
        let Some(load) = self.under_way.get_mut(&join.character) else {
            return self.ask(vec![join], draft);
        };
        if let Some(earlier) = load.waiting.iter_mut().find(|earlier| earlier.account == join.account) {
            draft.refuse(earlier.conn, Code::REPLACED);
            *earlier = join;
        } else if load.waiting.len() < WAITING_ACCOUNTS_MAX {
            load.waiting.push(join);
        } else {
            draft.refuse(join.conn, Code::JOINS_BUSY);
        }
    }

    /// Asks the store on behalf of the first of `waiting`, all of whom want the same character.
    pub(crate) fn ask(&mut self, waiting: Vec<JoinRequest>, draft: &mut Draft) {
        let Some(first) = waiting.first() else { return };
        self.asked_count += 1;
        let number = LoadNumber { epoch: self.epoch, number: self.asked_count };
        let (character, account) = (first.character, first.account.clone());
        draft.loads.push(LoadRequest { character, account, number });
        self.under_way.insert(character, Load { number, waiting });
    }

    /// Ends the load with this number, and hands out who waits for it; none where it is not the one that is waited
    /// for.
    pub(crate) fn end(&mut self, character: EntityId, asked: LoadNumber) -> Option<Vec<JoinRequest>> {
        if self.under_way.get(&character)?.number != asked {
            return None;
        }
        self.under_way.remove(&character).map(|load| load.waiting)
    }

    /// The connection no longer waits for the character. Whether it did.
    pub(crate) fn forget(&mut self, character: EntityId, conn: Conn) -> bool {
        let Some(load) = self.under_way.get_mut(&character) else { return false };
        let before = load.waiting.len();
        load.waiting.retain(|join| join.conn != conn);
        load.waiting.len() < before
    }
}
