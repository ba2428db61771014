//! What became of each entity, each view and each character: the last thing a tick works out.

use std::collections::HashMap;

use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::{Mut, World};
use holdfast_front::{EntityChange, Fate, JoinOutcome};
use holdfast_protocol::{ChunkId, EntityId, Tick};

use super::draft::{Draft, Findings};
use crate::app::located::Locator;
use crate::persistence::images::EntityBefore;
use crate::persistence::rows::EntityRow;
use crate::world::Now;
use crate::world::characters::Characters;
use crate::world::identity::{Entities, Home, Kind};

/// What was last collected of an entity itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: u16,
    pub(crate) home: Option<EntityId>,
    pub(crate) chunk: Option<ChunkId>,
    pub(crate) entered: Tick,
}

/// The headers of everything that is in the world.
#[derive(Resource, Debug, Default)]
pub(crate) struct Headers(pub(crate) HashMap<EntityId, Header>);

/// Ends the draft.
pub(crate) fn conclude(world: &mut World) {
    world.resource_scope(|world, mut draft: Mut<'_, Draft>| {
        world.resource_scope(|world, mut headers: Mut<'_, Headers>| {
            world.resource_scope(|world, mut characters: Mut<'_, Characters>| {
                let looked_at = std::mem::take(&mut draft.looked_at);
                let mut tick = Conclusion {
                    world,
                    now: world.resource::<Now>().0,
                    draft: &mut draft,
                    headers: &mut headers,
                    characters: &mut characters,
                };
                for (id, findings) in looked_at {
                    match world.resource::<Entities>().get(id) {
                        Some(entity) => tick.stay(id, entity, findings),
                        None => tick.go(id),
                    }
                }
                tick.write_characters();
            });
        });
    });
}

/// The end of a tick: what is read, and what is written.
struct Conclusion<'t> {
    world: &'t World,
    now: Tick,
    draft: &'t mut Draft,
    headers: &'t mut Headers,
    characters: &'t mut Characters,
}

impl Conclusion<'_> {
    fn stay(&mut self, id: EntityId, entity: Entity, findings: Findings) {
        let before = self.headers.0.get(&id).copied();
        let mut header = self.header(entity, before.map_or(self.now, |before| before.entered));
        let has_moved =
            before.is_none_or(|before| (before.chunk, before.home) != (header.chunk, header.home));
        if has_moved || findings.has_lost_part {
            header.entered = self.now;
        }
        if before == Some(header) && !findings.is_changed && findings.loaded.is_none() {
            return;
        }
        if before.is_none_or(|before| row(before) != row(header)) {
            let Header { kind, home, entered, .. } = header;
            self.draft.rows.entities.insert(id, Some(EntityRow { tick: self.now, kind, home, entered }));
            let stored = before.map(entity_before).or(findings.loaded);
            self.draft.rows.befores.entities.insert(id, stored);
        }
        self.headers.0.insert(id, header);
        for home in [header.home, before.and_then(|before| before.home)].into_iter().flatten() {
            self.characters.note_change(home, self.now);
        }
        self.move_view(id, entity);
        // A change that nobody may see is none outside.
        if !findings.parts.is_empty() || before != Some(header) || findings.loaded.is_some() {
            let Header { chunk, home, entered, .. } = header;
            self.draft.entities.push(EntityChange {
                id,
                fate: Fate::Here { chunk, home, entered },
                parts: findings.parts.into_values().collect(),
            });
        }
    }

    fn go(&mut self, id: EntityId) {
        // What came and went within the tick was never there.
        let Some(before) = self.headers.0.remove(&id) else { return };
        if !self.draft.unloaded.remove(&id) {
            self.draft.rows.entities.insert(id, None);
            self.draft.rows.befores.entities.insert(id, Some(entity_before(before)));
            for table in &mut self.draft.rows.components {
                table.remove(&id);
            }
            if let Some(home) = before.home {
                self.characters.note_change(home, self.now);
            }
        }
        self.draft.entities.push(EntityChange { id, fate: Fate::Gone, parts: Vec::new() });
    }

    fn header(&self, entity: Entity, entered: Tick) -> Header {
        Header {
            kind: self.world.get::<Kind>(entity).map_or(0, |kind| kind.0),
            home: self.world.get::<Home>(entity).and_then(|home| home.0),
            chunk: self.world.resource::<Locator>().chunk(self.world, entity),
            entered,
        }
    }

    fn move_view(&mut self, id: EntityId, entity: Entity) {
        let Some(character) = self.characters.get_mut(id) else { return };
        let before = character.center;
        let center = self.world.resource::<Locator>().center(self.world, entity, before);
        character.center = Some(center);
        if before.is_some_and(|before| before != center) {
            self.draft.centers.push((id, center));
        }
    }

    fn write_characters(&mut self) {
        for (id, row) in self.characters.changed_rows(self.now) {
            self.draft.rows.characters.insert(id, row);
        }
        for join in &mut self.draft.joins {
            if let JoinOutcome::Attached(attachment) = join
                && let Some(center) =
                    self.characters.get(attachment.character).and_then(|character| character.center)
            {
                attachment.center = center;
            }
        }
    }
}

/// The entity's row of which a header was the last word.
fn entity_before(header: Header) -> EntityBefore {
    EntityBefore { kind: header.kind, home: header.home, entered: header.entered }
}

/// What of a header stands in the entity's row.
fn row(header: Header) -> (u16, Option<EntityId>, Tick) {
    (header.kind, header.home, header.entered)
}
