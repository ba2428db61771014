//! What a rehearsal keeps in place of a store: the rows of its ticks, and what is not flushed yet apart from them.

use std::collections::BTreeMap;

use holdfast_front::Account;
use holdfast_protocol::{EntityId, Epoch, EpochTag, Seq, SessionEpoch, Tick, WorldId};

use crate::persistence::loaded::{CharacterLoad, LoadedCharacter, LoadedEntity, LoadedWorld};
use crate::persistence::rows::{CharacterProfile, CharacterRow, ComponentRow, EntityRow, TickRows};

pub(super) struct Kept {
    durable: Tick,
    profiles: BTreeMap<EntityId, CharacterProfile>,
    entities: BTreeMap<EntityId, EntityRow>,
    components: Vec<BTreeMap<EntityId, ComponentRow>>,
    characters: BTreeMap<EntityId, CharacterRow>,
    next_id: u64,
    unflushed: Vec<(Tick, TickRows)>,
}

impl Kept {
    pub(super) fn new(table_count: usize) -> Self {
        Self {
            durable: Tick(0),
            profiles: BTreeMap::new(),
            entities: BTreeMap::new(),
            components: vec![BTreeMap::new(); table_count],
            characters: BTreeMap::new(),
            next_id: 2,
            unflushed: Vec::new(),
        }
    }

    pub(super) fn make_character(&mut self, name: &str) -> EntityId {
        let id = EntityId(2 * self.profiles.len() as u64 + 1);
        let profile = CharacterProfile {
            id,
            account: account(name),
            name: name.to_owned(),
            archetype: "wanderer".to_owned(),
        };
        self.profiles.insert(id, profile);
        id
    }

    pub(super) fn profile(&self, character: EntityId) -> Option<&CharacterProfile> {
        self.profiles.get(&character)
    }

    pub(super) fn durable(&self) -> Tick {
        self.durable
    }

    pub(super) fn hold(&mut self, tick: Tick, rows: TickRows) {
        self.unflushed.push((tick, rows));
    }

    pub(super) fn forget_unflushed(&mut self) {
        self.unflushed.clear();
    }

    pub(super) fn flush(&mut self) {
        for (tick, rows) in std::mem::take(&mut self.unflushed) {
            self.durable = tick;
            self.next_id = rows.ids_reserved.unwrap_or(self.next_id);
            self.characters.extend(rows.characters);
            for (id, row) in rows.entities {
                if row.is_none() {
                    self.components.iter_mut().for_each(|table| drop(table.remove(&id)));
                }
                set(&mut self.entities, id, row);
            }
            for (table, changed) in self.components.iter_mut().zip(rows.components) {
                changed.into_iter().for_each(|(id, row)| set(table, id, row));
            }
        }
    }

    /// Takes the ownership, and loads what belongs to the world.
    pub(super) fn load(&mut self) -> LoadedWorld {
        self.durable = self.durable.next();
        let tick = self.durable;
        LoadedWorld {
            world: WorldId(1),
            // Any number will do that grows with each restart.
            epoch: Epoch(tick.0),
            tag: EpochTag(tick.0),
            tick,
            history: Vec::new(),
            next_id: self.next_id,
            resume_key: [0; 32],
            is_new: self.entities.is_empty(),
            entities: self.load_entities(None),
        }
    }

    pub(super) fn load_character(&self, character: EntityId, account: &Account) -> CharacterLoad {
        let Some(profile) = self.profiles.get(&character).filter(|profile| profile.account == *account)
        else {
            return CharacterLoad::NoSuchCharacter;
        };
        let row = self.characters.get(&character);
        CharacterLoad::Found(Box::new(LoadedCharacter {
            profile: profile.clone(),
            last_seq: row.map_or(Seq(0), |row| row.last_seq),
            session_epoch: row.map_or(SessionEpoch(0), |row| row.session_epoch),
            ring: row.map(|row| row.ring.clone()),
            entities: self.load_entities(Some(character)),
        }))
    }

    fn load_entities(&self, home: Option<EntityId>) -> Vec<LoadedEntity> {
        let ours = self.entities.iter().filter(|(_, row)| row.home == home);
        let load = |(&id, row): (&EntityId, &EntityRow)| LoadedEntity {
            id,
            kind: row.kind,
            home,
            entered: row.entered,
            components: self.components_of(id),
        };
        ours.map(load).collect()
    }

    fn components_of(&self, id: EntityId) -> Vec<(usize, ComponentRow)> {
        let row = |(index, table): (usize, &BTreeMap<EntityId, ComponentRow>)| {
            Some((index, table.get(&id)?.clone()))
        };
        self.components.iter().enumerate().filter_map(row).collect()
    }
}

pub(super) fn account(subject: &str) -> Account {
    Account { issuer: "rehearsal".into(), subject: subject.into() }
}

fn set<R>(table: &mut BTreeMap<EntityId, R>, id: EntityId, row: Option<R>) {
    match row {
        Some(row) => drop(table.insert(id, row)),
        None => drop(table.remove(&id)),
    }
}
