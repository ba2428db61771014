//! What became of each entity, each view and each character: the last thing a tick works out.

use std::collections::HashMap;

use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::{Mut, World};
use holdfast_front::{EntityChange, Fate, JoinOutcome};
use holdfast_protocol::{ChunkId, EntityId, Tick};

use super::draft::{Draft, Findings};
use crate::app::located::Locator;
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
                let tick = Conclusion { world, now: world.resource::<Now>().0 };
                let looked_at = std::mem::take(&mut draft.looked_at);
                for (id, findings) in looked_at {
                    match world.resource::<Entities>().get(id) {
                        Some(entity) => {
                            tick.stay(id, entity, findings, &mut draft, &mut headers, &mut characters);
                        }
                        None => tick.go(id, &mut draft, &mut headers, &mut characters),
                    }
                }
                tick.write_characters(&mut draft, &mut characters);
            });
        });
    });
}

struct Conclusion<'w> {
    world: &'w World,
    now: Tick,
}

impl Conclusion<'_> {
    fn stay(
        &self,
        id: EntityId,
        entity: Entity,
        findings: Findings,
        draft: &mut Draft,
        headers: &mut Headers,
        characters: &mut Characters,
    ) {
        let before = headers.0.get(&id).copied();
        let mut header = self.header(entity, before.map_or(self.now, |before| before.entered));
        let has_moved =
            before.is_none_or(|before| (before.chunk, before.home) != (header.chunk, header.home));
        if has_moved || findings.has_lost_part {
            header.entered = self.now;
        }
        if before == Some(header) && !findings.is_changed && !findings.is_loaded {
            return;
        }
        if before.is_none_or(|before| row(before) != row(header)) {
            let Header { kind, home, entered, .. } = header;
            draft.rows.entities.insert(id, Some(EntityRow { tick: self.now, kind, home, entered }));
        }
        headers.0.insert(id, header);
        for home in [header.home, before.and_then(|before| before.home)].into_iter().flatten() {
            characters.note_change(home, self.now);
        }
        self.move_view(id, entity, draft, characters);
        // A change that nobody may see is none outside.
        if !findings.parts.is_empty() || before != Some(header) || findings.is_loaded {
            let Header { chunk, home, entered, .. } = header;
            draft.entities.push(EntityChange {
                id,
                fate: Fate::Here { chunk, home, entered },
                parts: findings.parts.into_values().collect(),
            });
        }
    }

    fn go(&self, id: EntityId, draft: &mut Draft, headers: &mut Headers, characters: &mut Characters) {
        // What came and went within the tick was never there.
        let Some(before) = headers.0.remove(&id) else { return };
        if !draft.unloaded.remove(&id) {
            draft.rows.entities.insert(id, None);
            for table in &mut draft.rows.components {
                table.remove(&id);
            }
            if let Some(home) = before.home {
                characters.note_change(home, self.now);
            }
        }
        draft.entities.push(EntityChange { id, fate: Fate::Gone, parts: Vec::new() });
    }

    fn header(&self, entity: Entity, entered: Tick) -> Header {
        Header {
            kind: self.world.get::<Kind>(entity).map_or(0, |kind| kind.0),
            home: self.world.get::<Home>(entity).and_then(|home| home.0),
            chunk: self.world.resource::<Locator>().chunk(self.world, entity),
            entered,
        }
    }

    fn move_view(&self, id: EntityId, entity: Entity, draft: &mut Draft, characters: &mut Characters) {
        let Some(character) = characters.get_mut(id) else { return };
        let before = character.center;
        let center = self.world.resource::<Locator>().center(self.world, entity, before);
        character.center = Some(center);
        if before.is_some_and(|before| before != center) {
            draft.centers.push((id, center));
        }
    }

    fn write_characters(&self, draft: &mut Draft, characters: &mut Characters) {
        for (id, row) in characters.changed_rows(self.now) {
            draft.rows.characters.insert(id, row);
        }
        for join in &mut draft.joins {
            if let JoinOutcome::Attached(attachment) = join
                && let Some(center) =
                    characters.get(attachment.character).and_then(|character| character.center)
            {
                attachment.center = center;
            }
        }
    }
}

/// What of a header stands in the entity's row.
fn row(header: Header) -> (u16, Option<EntityId>, Tick) {
    (header.kind, header.home, header.entered)
}
