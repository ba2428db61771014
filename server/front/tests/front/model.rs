//! A small world as the test knows it: what there is, where, and since when. It says what a client must see, and
//! what a tick changed, by comparing itself with how it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_client::copy::Parts;
use holdfast_front::{Audience, EntityChange, Fate, Interest, PartChange};
use holdfast_protocol::{ChunkId, EntityId, PartTag, Tick};

use crate::harness::Line;

pub(crate) const CHUNK_COUNT: u64 = 6;

/// The parts that a thing may have: (tag, audience, durable). The one that is not durable is always there, since
/// nobody could tell after a restart that it was.
pub(crate) const PARTS: [(PartTag, Audience, bool); 4] = [
    (PartTag(1), Audience::View, true),
    (PartTag(2), Audience::Owner, true),
    (PartTag(3), Audience::View, false),
    (PartTag(4), Audience::View, true),
];

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Thing {
    pub(crate) chunk: Option<ChunkId>,
    pub(crate) home: Option<EntityId>,
    pub(crate) entered: Tick,
    pub(crate) durable: bool,
    /// By tag: value, and the tick at which it got it.
    pub(crate) parts: BTreeMap<PartTag, (u8, Tick)>,
}

impl Thing {
    pub(crate) fn new(chunk: ChunkId, home: Option<EntityId>, durable: bool, tick: Tick) -> Self {
        let parts = PARTS.iter().map(|(tag, ..)| (*tag, (0, tick))).collect();
        Self { chunk: Some(chunk), home, entered: tick, durable, parts }
    }

    pub(crate) fn set(&mut self, index: usize, value: u8, tick: Tick) {
        self.parts.insert(PARTS[index].0, (value, tick));
    }

    pub(crate) fn strip(&mut self, index: usize, tick: Tick) {
        let (tag, audience, durable) = PARTS[index];
        if durable && self.parts.remove(&tag).is_some() && audience == Audience::View {
            self.entered = tick;
        }
    }

    pub(crate) fn lie(&mut self, chunk: Option<ChunkId>, home: Option<EntityId>, tick: Tick) {
        if self.chunk != chunk {
            self.entered = tick;
        }
        self.chunk = chunk;
        self.home = home;
    }

    /// The thing as the store has it, which does not have everything, come back at `tick`.
    fn reloaded(&self, tick: Tick) -> Self {
        let mut thing = self.clone();
        for (tag, _, durable) in PARTS {
            if !durable {
                thing.parts.insert(tag, (0, tick));
            }
        }
        thing
    }

    fn fate(&self) -> Fate {
        Fate::Here { chunk: self.chunk, home: self.home, entered: self.entered }
    }

    fn shown(&self, shown: impl Fn(Audience) -> bool) -> Parts {
        let audience = |tag: &PartTag| PARTS.iter().find(|part| part.0 == *tag).unwrap().1;
        self.parts
            .iter()
            .filter(|(tag, _)| shown(audience(tag)))
            .map(|(tag, (value, _))| (*tag, vec![*value]))
            .collect()
    }
}

/// A character, whether it is in the world or not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Character {
    pub(crate) center: ChunkId,
    pub(crate) session_epoch: u64,
    pub(crate) ended: bool,
    /// Its body and bag while it is not in the world.
    pub(crate) stored: Option<BTreeMap<EntityId, Thing>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    pub(crate) things: BTreeMap<EntityId, Thing>,
    pub(crate) characters: BTreeMap<EntityId, Character>,
}

/// What a client must see: chunks with something in them, and its own.
pub(crate) type Sight = (BTreeMap<ChunkId, BTreeMap<EntityId, Parts>>, BTreeMap<EntityId, Parts>);

impl Model {
    pub(crate) fn present(&self, character: EntityId) -> bool {
        self.things.contains_key(&character)
    }

    /// The character's body and bag come into the world.
    pub(crate) fn load(&mut self, id: EntityId, tick: Tick) {
        let home = ChunkId(id.0 % CHUNK_COUNT);
        let character = self.characters.entry(id).or_insert_with(|| {
            let body = Thing::new(home, Some(id), true, tick);
            Character {
                center: home,
                session_epoch: 0,
                ended: false,
                stored: Some(BTreeMap::from([(id, body)])),
            }
        });
        for (id, thing) in character.stored.take().unwrap_or_default() {
            self.things.insert(id, Thing { entered: tick, ..thing.reloaded(tick) });
        }
    }

    /// They leave it.
    pub(crate) fn unload(&mut self, id: EntityId) {
        let goes =
            |of: &EntityId, thing: &Thing| *of == id || (thing.home == Some(id) && thing.chunk.is_none());
        let stored: BTreeMap<_, _> = self.things.extract_if(.., |of, thing| goes(of, thing)).collect();
        let stored = stored.into_iter().filter(|(_, thing)| thing.durable).collect();
        if let Some(character) = self.characters.get_mut(&id) {
            character.stored = Some(stored);
        }
    }

    /// What the store keeps of this world.
    pub(crate) fn durable(&self) -> Self {
        self.restarted(Tick(0))
    }

    /// The world as its next owner loads it.
    pub(crate) fn restarted(&self, start: Tick) -> Self {
        let mut next = self.clone();
        let present: Vec<_> = next.characters.keys().copied().filter(|id| next.present(*id)).collect();
        present.into_iter().for_each(|id| next.unload(id));
        next.things.retain(|_, thing| thing.durable);
        for thing in next.things.values_mut() {
            *thing = thing.reloaded(start);
        }
        for thing in next.characters.values_mut().filter_map(|character| character.stored.as_mut()) {
            thing.values_mut().for_each(|thing| *thing = thing.reloaded(start));
        }
        next
    }

    /// What happened between `before` and now, as a world tells it.
    pub(crate) fn changes_since(&self, before: &Self) -> Vec<EntityChange> {
        let mut ids: Vec<_> = self.things.keys().chain(before.things.keys()).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let change = |id: EntityId| {
            let (old, new) = (before.things.get(&id), self.things.get(&id));
            let Some(new) = new else {
                return Some(EntityChange { id, fate: Fate::Gone, parts: Vec::new() });
            };
            let parts = PARTS.iter().filter_map(|(tag, audience, _)| {
                let (old, new) = (old.and_then(|thing| thing.parts.get(tag)), new.parts.get(tag));
                let body = new.map(|(value, _)| Arc::from([*value]));
                let changed = new.or(old).map(|(_, changed)| *changed)?;
                (old != new).then_some(PartChange { tag: *tag, audience: *audience, changed, body })
            });
            (old != Some(new)).then(|| EntityChange { id, fate: new.fate(), parts: parts.collect() })
        };
        ids.into_iter().filter_map(change).collect()
    }

    /// What the character's player must see.
    pub(crate) fn sight(&self, character: EntityId, center: ChunkId) -> Sight {
        let view = Line.view(center);
        let (mut chunks, mut own) = Sight::default();
        for (&id, thing) in &self.things {
            if let Some(chunk) = thing.chunk.filter(|chunk| view.contains(chunk)) {
                let parts = thing.shown(|audience| audience == Audience::View);
                chunks.entry(chunk).or_default().insert(id, parts);
            }
            if thing.home == Some(character) {
                let parts = thing.shown(|audience| audience == Audience::Owner || thing.chunk.is_none());
                own.insert(id, parts);
            }
        }
        (chunks, own)
    }
}
