//! What changed of one component.
//!
//! The ECS says which values were touched; the last collected value says whether they are different. Removals come from
//! an observer, since the ECS forgets them when a reader is late.

use std::collections::HashMap;
use std::sync::Arc;

use bevy_ecs::component::Component;
use bevy_ecs::lifecycle::Remove;
use bevy_ecs::observer::On;
use bevy_ecs::query::{Changed, With};
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{Query, Res, ResMut};
use holdfast_front::{Audience, PartChange};
use holdfast_protocol::{EntityId, PartTag, Tick};

use super::draft::Draft;
use crate::app::replicate::{PART_BYTES_MAX, Replicate};
use crate::persistence::durable::{Durable, Row};
use crate::persistence::rows::ComponentRow;
use crate::world::Now;
use crate::world::identity::{Entities, Identity};

/// What is known of one component: where it goes, and what was last collected of it.
#[derive(Resource)]
pub(crate) struct Collector<C: Component> {
    table: Option<Table<C>>,
    part: Option<Part<C>>,
    last: HashMap<EntityId, C>,
    removed: Vec<EntityId>,
}

struct Table<C> {
    index: usize,
    to_row: fn(&C) -> Row,
}

struct Part<C> {
    tag: PartTag,
    audience: Audience,
    to_body: fn(&C) -> Arc<[u8]>,
}

impl<C: Component + Clone + PartialEq> Collector<C> {
    pub(crate) fn new() -> Self {
        Self { table: None, part: None, last: HashMap::new(), removed: Vec::new() }
    }

    /// Its rows go into this table of the registry.
    pub(crate) fn keep(&mut self, index: usize)
    where
        C: Durable,
    {
        self.table = Some(Table { index, to_row: C::to_row });
    }

    /// Its values go to its audience.
    pub(crate) fn show(&mut self, tag: PartTag)
    where
        C: Replicate,
    {
        let to_body = |value: &C| holdfast_protocol::encode(&value.wire()).into();
        self.part = Some(Part { tag, audience: C::AUDIENCE, to_body });
    }

    /// A value came from the store, where it has stood since tick `changed`.
    pub(crate) fn remember(&mut self, id: EntityId, value: &C, changed: Tick, draft: &mut Draft) {
        self.last.insert(id, value.clone());
        self.draw_part(id, Some(value), changed, draft);
    }

    fn gain(&mut self, id: EntityId, value: &C, now: Tick, draft: &mut Draft) {
        let before = self.last.insert(id, value.clone());
        draft.look_at(id).is_changed = true;
        if let Some(Table { index, to_row }) = self.table {
            draft.rows.befores.components[index].insert(id, before.as_ref().map(to_row));
            let row = ComponentRow { tick: now, row: to_row(value) };
            draft.rows.components[index].insert(id, Some(row));
        }
        self.draw_part(id, Some(value), now, draft);
    }

    /// The entity is there, without the component.
    fn lose(&self, id: EntityId, now: Tick, draft: &mut Draft) {
        let findings = draft.look_at(id);
        findings.is_changed = true;
        findings.has_lost_part |= self.part.is_some();
        if let Some(Table { index, .. }) = self.table {
            draft.rows.components[index].insert(id, None);
        }
        self.draw_part(id, None, now, draft);
    }

    /// A row that was there goes.
    fn note_before(&self, id: EntityId, before: &C, draft: &mut Draft) {
        if let Some(Table { index, to_row }) = self.table
            && !draft.unloaded.contains(&id)
        {
            draft.rows.befores.components[index].insert(id, Some(to_row(before)));
        }
    }

    fn draw_part(&self, id: EntityId, value: Option<&C>, changed: Tick, draft: &mut Draft) {
        if let Some(Part { tag, audience, to_body }) = self.part {
            let body = value.map(to_body);
            let bytes = body.as_ref().map_or(0, |body| body.len());
            assert!(
                bytes <= PART_BYTES_MAX,
                "part {tag:?} of entity {id} ({}) comes to {bytes} bytes; {PART_BYTES_MAX} may travel",
                std::any::type_name::<C>(),
            );
            let change = PartChange { tag, audience, changed, body };
            draft.look_at(id).parts.insert(tag, change);
        }
    }
}

impl<C> Clone for Table<C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<C> Copy for Table<C> {}
impl<C> Clone for Part<C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<C> Copy for Part<C> {}

/// Takes what changed of `C` into the draft.
#[expect(clippy::needless_pass_by_value, reason = "systems take their parameters by value")]
pub(crate) fn collect<C: Component + Clone + PartialEq>(
    now: Res<'_, Now>,
    changed: Query<'_, '_, (&Identity, &C), Changed<C>>,
    bearers: Query<'_, '_, (), With<C>>,
    entities: Res<'_, Entities>,
    mut collector: ResMut<'_, Collector<C>>,
    mut draft: ResMut<'_, Draft>,
) {
    for id in std::mem::take(&mut collector.removed) {
        // Whoever has it again by now is among the changed ones.
        if entities.get(id).is_some_and(|entity| bearers.contains(entity)) {
            continue;
        }
        let Some(before) = collector.last.remove(&id) else { continue };
        collector.note_before(id, &before, &mut draft);
        if entities.get(id).is_some() {
            collector.lose(id, now.0, &mut draft);
        }
    }
    for (identity, value) in &changed {
        if collector.last.get(&identity.id()) != Some(value) {
            collector.gain(identity.id(), value, now.0, &mut draft);
        }
    }
}

/// Notes that `C` was taken off an entity, or went with it.
#[expect(clippy::needless_pass_by_value, reason = "observers take their parameters by value")]
pub(crate) fn notice_removal<C: Component + Clone + PartialEq>(
    removal: On<'_, '_, Remove<C>>,
    identities: Query<'_, '_, &Identity>,
    mut collector: ResMut<'_, Collector<C>>,
) {
    if let Ok(identity) = identities.get(removal.entity) {
        collector.removed.push(identity.id());
    }
}
