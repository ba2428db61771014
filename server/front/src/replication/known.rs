//! An entity with all its parts, for whomever they are: what its twins in the places where it is seen are made from.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_protocol::{ChunkId, EntityId, PartTag, Tick};

use super::place::{Twin, TwinPart};
use crate::changes::{Audience, PartChange};

/// An entity, where it lies and whose it is.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) chunk: Option<ChunkId>,
    pub(super) home: Option<EntityId>,
    parts: BTreeMap<PartTag, KnownPart>,
}

#[derive(Debug)]
struct KnownPart {
    audience: Audience,
    body: Arc<[u8]>,
    changed: Tick,
}

/// What a change did to the parts of one audience.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Touch {
    pub(super) changed: bool,
    /// A part went away. There is no way to write that but to write the entity whole.
    pub(super) lost: bool,
}

impl Known {
    /// Takes the parts in, and tells what that did to either audience. `changed` overrides the parts' own ticks.
    pub(super) fn take_parts(&mut self, parts: &[PartChange], changed: Option<Tick>) -> (Touch, Touch) {
        let (mut view, mut own) = (Touch::default(), Touch::default());
        for part in parts {
            let before = match &part.body {
                Some(body) => {
                    let known = KnownPart {
                        audience: part.audience,
                        body: Arc::clone(body),
                        changed: changed.unwrap_or(part.changed),
                    };
                    self.parts.insert(part.tag, known)
                }
                None => self.parts.remove(&part.tag),
            };
            let mut touch = |audience, lost| {
                let touch = match audience {
                    Audience::View => &mut view,
                    Audience::Owner => &mut own,
                };
                touch.changed = true;
                touch.lost |= lost;
            };
            touch(part.audience, part.body.is_none());
            if let Some(before) = before.filter(|before| before.audience != part.audience) {
                touch(before.audience, true);
            }
        }
        (view, own)
    }

    /// The entity as those see it to whom the parts of an audience are shown.
    pub(super) fn twin(&self, id: EntityId, entered: Tick, shown: impl Fn(Audience) -> bool) -> Twin {
        let parts = self
            .parts
            .iter()
            .filter(|(_, part)| shown(part.audience))
            .map(|(&tag, part)| TwinPart { tag, body: Arc::clone(&part.body), changed: part.changed })
            .collect();
        Twin::new(id, entered, parts)
    }
}
