//! What the action that is being decided has touched so far, for the journal.

use std::collections::BTreeMap;

use bevy_ecs::resource::Resource;
use holdfast_protocol::EntityId;

use crate::persistence::journal::{HomeChange, Touched};

/// Notes what an action touches; outside of actions it notes nothing.
#[derive(Resource, Debug, Default)]
pub(crate) struct Touches(Option<BTreeMap<EntityId, HomeChange>>);

impl Touches {
    /// An action is about to be decided.
    pub(crate) fn begin(&mut self) {
        self.0 = Some(BTreeMap::new());
    }

    /// The entity has changed.
    pub(crate) fn note(&mut self, entity: EntityId, change: HomeChange) {
        let Some(touched) = &mut self.0 else { return };
        let change = touched.remove(&entity).unwrap_or(HomeChange::Same).then(change);
        if let Some(change) = change {
            touched.insert(entity, change);
        }
    }

    /// The action of `actor` is decided: what it touched, in ascending order.
    pub(crate) fn end(&mut self, actor: EntityId) -> Vec<Touched> {
        let touched = self.0.take().unwrap_or_default();
        let touched = touched.into_iter().map(|(entity, home)| Touched { entity, home });
        touched.filter(|touched| touched.entity != actor || touched.home != HomeChange::Same).collect()
    }
}
