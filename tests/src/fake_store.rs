//! A store without a database: a model of the same tables and the same fences.
//!
//! The core of a server steps on it in a test. A request waits until the test says what becomes of it: it is carried
//! out and answered ([`FakeStore::mark_durable`]), refused before it was carried out ([`FakeStore::fail_before`]), or
//! carried out and then answered with an error ([`FakeStore::fail_after`]), as when a connection is lost with the
//! reply on its way. That the model does what PostgreSQL does is a test of its own (`store_equality`).

pub mod tables;

use std::collections::BTreeMap;

use holdfast::persistence::characters::{CHARACTERS_PER_ACCOUNT_MAX, Created};
use holdfast::persistence::durable::TableDefinition;
use holdfast::persistence::loaded::{CharacterLoad, LoadedCharacter, LoadedEntity, LoadedWorld};
use holdfast::persistence::rows::{Batch, CharacterProfile};
use holdfast::persistence::store::{StoreError, StoreReply, StoreRequest, WorldMark};
use holdfast_front::{Account, EpochEnd};
use holdfast_protocol::{EntityId, EpochTag, WorldId};

use self::tables::Tables;

/// The world of every fake store: the first one that a new database would make.
pub const WORLD: WorldId = WorldId(1);

/// A store of one world, in memory.
#[derive(Clone, Debug)]
pub struct FakeStore {
    definitions: Vec<TableDefinition>,
    tables: Tables,
    profiles: BTreeMap<EntityId, CharacterProfile>,
    next_character: u64,
    request: Option<StoreRequest>,
}

impl FakeStore {
    /// An empty one, whose world nobody has owned.
    #[must_use]
    pub fn new(definitions: &[TableDefinition]) -> Self {
        Self {
            definitions: definitions.to_vec(),
            tables: Tables::new(definitions.len()),
            profiles: BTreeMap::new(),
            next_character: 1,
            request: None,
        }
    }

    /// Begins a new ownership and loads the world. Whatever was under way for the old one is forgotten: its backend
    /// has been ended.
    pub fn take_world(&mut self, tag: EpochTag) -> LoadedWorld {
        self.request = None;
        let tables = &mut self.tables;
        if tables.mark.epoch.0 > 0 {
            let WorldMark { epoch, tag, tick } = tables.mark;
            tables.history.push(EpochEnd { epoch, tag, end: tick });
        }
        tables.mark.epoch.0 += 1;
        tables.mark.tag = tag;
        tables.mark.tick = tables.mark.tick.next();
        LoadedWorld {
            world: WORLD,
            epoch: tables.mark.epoch,
            tag,
            tick: tables.mark.tick,
            history: tables.history.clone(),
            next_id: tables.next_id,
            resume_key: [7; 32],
            is_new: tables.entities.is_empty(),
            entities: self.entities_of(None),
        }
    }

    /// Loads a character, if it is the account's.
    #[must_use]
    pub fn load_character(&self, character: EntityId, account: &Account) -> CharacterLoad {
        let Some(profile) = self.profiles.get(&character).filter(|profile| profile.account == *account)
        else {
            return CharacterLoad::NoSuchCharacter;
        };
        let actions = self.tables.characters.get(&character);
        CharacterLoad::Found(Box::new(LoadedCharacter {
            profile: profile.clone(),
            last_seq: actions.map(|row| row.last_seq).unwrap_or_default(),
            session_epoch: actions.map(|row| row.session_epoch).unwrap_or_default(),
            ring: actions.map(|row| row.ring.clone()),
            entities: self.entities_of(Some(character)),
        }))
    }

    /// Makes a character.
    pub fn create_character(&mut self, account: &Account, name: &str, archetype: &str) -> Created {
        let own_count = self.profiles.values().filter(|profile| profile.account == *account).count();
        let mut letters = name.chars();
        if !(3..=16).contains(&name.len())
            || !letters.next().is_some_and(|first| first.is_ascii_uppercase())
            || !letters.all(|letter| letter.is_ascii_lowercase())
        {
            return Created::NameInvalid;
        }
        let again = |profile: &&CharacterProfile| {
            profile.account == *account && profile.name == name && profile.archetype == archetype
        };
        if let Some(profile) = self.profiles.values().find(again) {
            return Created::Done(profile.id);
        }
        if own_count >= CHARACTERS_PER_ACCOUNT_MAX as usize {
            return Created::TooMany;
        }
        if self.profiles.values().any(|profile| profile.name == name) {
            return Created::NameTaken;
        }
        let id = EntityId(self.next_character);
        self.next_character += 2;
        let profile = CharacterProfile {
            id,
            account: account.clone(),
            name: name.to_owned(),
            archetype: archetype.to_owned(),
        };
        self.profiles.insert(id, profile);
        Created::Done(id)
    }

    /// Takes in what the writer asks for; it waits until the test says what becomes of it.
    ///
    /// # Panics
    /// Where another request is under way: the writer has one at a time.
    pub fn request(&mut self, request: StoreRequest) {
        assert!(self.request.is_none(), "one request at a time");
        self.request = Some(request);
    }

    /// What waits.
    #[must_use]
    pub fn waiting(&self) -> Option<&StoreRequest> {
        self.request.as_ref()
    }

    /// Carries out what waits, and answers.
    pub fn mark_durable(&mut self) -> Option<StoreReply> {
        Some(match self.request.take()? {
            StoreRequest::Flush(batch) => match self.apply(&batch) {
                Ok(()) => StoreReply::Flushed,
                Err(error) => StoreReply::FlushFailed(error),
            },
            StoreRequest::Reconnect => StoreReply::Reconnected(self.tables.mark),
        })
    }

    /// Answers what waits with this error; it has no effect.
    pub fn fail_before(&mut self, error: StoreError) -> Option<StoreReply> {
        Some(match self.request.take()? {
            StoreRequest::Flush(_) => StoreReply::FlushFailed(error),
            StoreRequest::Reconnect => StoreReply::ReconnectFailed(error),
        })
    }

    /// Carries out what waits, and answers with this error all the same.
    pub fn fail_after(&mut self, error: StoreError) -> Option<StoreReply> {
        if let Some(StoreRequest::Flush(batch)) = &self.request {
            // What the store would have said is lost on the way.
            let _ = self.tables.apply(&self.definitions, batch);
        }
        self.fail_before(error)
    }

    /// Writes a batch, whole or not at all, as `flush_tick` does.
    ///
    /// # Errors
    /// Those of `flush_tick`, in class and SQLSTATE.
    pub fn apply(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.tables.apply(&self.definitions, batch)
    }

    /// The game's tables, in the order of the registry.
    #[must_use]
    pub fn definitions(&self) -> &[TableDefinition] {
        &self.definitions
    }

    /// Everything that is stored.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    fn entities_of(&self, home: Option<EntityId>) -> Vec<LoadedEntity> {
        let entities = self.tables.entities.iter().filter(|(_, row)| row.home == home);
        entities
            .map(|(id, row)| LoadedEntity {
                id: *id,
                kind: row.kind,
                home: row.home,
                entered: row.entered,
                components: self
                    .tables
                    .components
                    .iter()
                    .enumerate()
                    .filter_map(|(index, rows)| Some((index, rows.get(id)?.clone())))
                    .collect(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use holdfast::persistence::rows::TickRows;
    use holdfast::persistence::store::StoreErrorClass;
    use holdfast_protocol::{Epoch, Tick};

    use super::*;

    fn lost() -> StoreError {
        StoreError::new(StoreErrorClass::Unknown, "", "lost")
    }

    fn beat(from: u64, to: u64) -> StoreRequest {
        let rows = TickRows::new(0);
        StoreRequest::Flush(Arc::new(Batch {
            world: WORLD,
            epoch: Epoch(1),
            tag: EpochTag(5),
            from: Tick(from),
            to: Tick(to),
            rows,
        }))
    }

    fn tick_found(store: &mut FakeStore) -> Tick {
        store.request(StoreRequest::Reconnect);
        match store.mark_durable() {
            Some(StoreReply::Reconnected(mark)) => mark.tick,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_error_may_come_before_or_after_the_effect() {
        let mut store = FakeStore::new(&[]);
        assert_eq!(store.take_world(EpochTag(5)).tick, Tick(1));
        store.request(beat(1, 2));
        assert_eq!(store.fail_before(lost()), Some(StoreReply::FlushFailed(lost())));
        assert_eq!(tick_found(&mut store), Tick(1));
        store.request(beat(1, 2));
        assert_eq!(store.fail_after(lost()), Some(StoreReply::FlushFailed(lost())));
        assert_eq!(tick_found(&mut store), Tick(2));
        assert_eq!(store.mark_durable(), None, "nothing waits");
    }

    #[test]
    fn nothing_is_stored_before_it_is_marked_durable() {
        let mut store = FakeStore::new(&[]);
        store.take_world(EpochTag(5));
        store.request(beat(1, 9));
        assert_eq!(store.tables().mark.tick, Tick(1));
        assert_eq!(store.mark_durable(), Some(StoreReply::Flushed));
        assert_eq!(store.tables().mark.tick, Tick(9));
    }
}
