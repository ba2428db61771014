//! A store without a database: a model of the same tables and the same fences.
//!
//! It has no connections and no time: whoever steps on it says when a batch is carried out and what becomes of the
//! answer. That the model does what PostgreSQL does is a test of its own (`store_equality`, in tests/).

pub mod tables;

use std::collections::BTreeMap;

use holdfast::persistence::characters::{CHARACTERS_PER_ACCOUNT_MAX, Created};
use holdfast::persistence::durable::{Cell, TableDefinition};
use holdfast::persistence::loaded::{CharacterLoad, LoadedCharacter, LoadedEntity, LoadedWorld};
use holdfast::persistence::rows::{Batch, CharacterProfile, ComponentRow};
use holdfast::persistence::store::{StoreError, StoreErrorClass, WorldMark};
#[cfg(feature = "sabotage")]
use holdfast_front::sabotage::{Sabotage::S10, is_on};
use holdfast_front::{Account, EpochEnd};
use holdfast_protocol::{EntityId, EpochTag, WorldId};

use self::tables::Tables;

/// The world of every model store: the first one that a new database would make.
pub const WORLD: WorldId = WorldId(1);

/// A store of one world, in memory.
#[derive(Clone, Debug)]
pub struct ModelStore {
    definitions: Vec<TableDefinition>,
    tables: Tables,
    profiles: BTreeMap<EntityId, CharacterProfile>,
    next_character: u64,
    unwritable: Option<u64>,
}

impl ModelStore {
    /// An empty one, whose world nobody has owned.
    #[must_use]
    pub fn new(definitions: &[TableDefinition]) -> Self {
        Self {
            definitions: definitions.to_vec(),
            tables: Tables::new(definitions.len()),
            profiles: BTreeMap::new(),
            next_character: 1,
            unwritable: None,
        }
    }

    /// Begins a new ownership and loads the world.
    pub fn take_world(&mut self, tag: EpochTag) -> LoadedWorld {
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

    /// What the world's row says of its ownership.
    #[must_use]
    pub fn mark(&self) -> WorldMark {
        self.tables.mark
    }

    /// From now on no list of numbers may hold this one, as if its column had a constraint.
    pub fn forbid(&mut self, number: u64) {
        self.unwritable = Some(number);
    }

    /// Writes a batch, whole or not at all, as `flush_tick` does.
    ///
    /// # Errors
    /// Those of `flush_tick`, in class and SQLSTATE.
    pub fn apply(&mut self, batch: &Batch) -> Result<(), StoreError> {
        // S10 breaks the promise that a flush is written whole or not at all.
        #[cfg(feature = "sabotage")]
        if is_on(S10) {
            return self.tables.apply(&self.definitions, &self.without_forbidden(batch));
        }
        self.check_forbidden(batch)?;
        self.tables.apply(&self.definitions, batch)
    }

    /// Forgets every entity of which this is not so, with its components: what is left is a smaller world.
    pub fn keep_only(&mut self, is_kept: impl Fn(EntityId) -> bool) {
        self.tables.entities.retain(|id, _| is_kept(*id));
        for table in &mut self.tables.components {
            table.retain(|id, _| is_kept(*id));
        }
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

    fn check_forbidden(&self, batch: &Batch) -> Result<(), StoreError> {
        if batch.rows.components.iter().any(|table| self.is_forbidden(table)) {
            return Err(StoreError::new(
                StoreErrorClass::Permanent,
                "23514",
                "a number that may not be there",
            ));
        }
        Ok(())
    }

    /// Whether a table's rows cannot be written.
    fn is_forbidden(&self, table: &BTreeMap<EntityId, Option<ComponentRow>>) -> bool {
        let Some(forbidden) = self.unwritable.map(u64::cast_signed) else { return false };
        let holds_it = |cell: &Cell| matches!(cell, Cell::BigInts(numbers) if numbers.contains(&forbidden));
        table.values().flatten().flat_map(|row| &row.row.0).any(holds_it)
    }

    /// The batch without the tables whose statements fail.
    #[cfg(feature = "sabotage")]
    fn without_forbidden(&self, batch: &Batch) -> Batch {
        let mut rest = batch.clone();
        rest.rows.components.iter_mut().filter(|table| self.is_forbidden(table)).for_each(BTreeMap::clear);
        rest
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
