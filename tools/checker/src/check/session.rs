//! I6: nobody's time goes backwards, and every frame builds upon what its client holds.

use std::collections::BTreeMap;

use holdfast_protocol::{EntityId, TokenPoint};

use crate::finding::Finding;
use crate::history::view::Adopted;

/// Where each client stands.
#[derive(Clone, Debug)]
pub(crate) struct Sessions {
    held: BTreeMap<EntityId, TokenPoint>,
    forward: Finding,
    built: Finding,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            held: BTreeMap::new(),
            forward: Finding::new("I6 nobody's time goes backwards"),
            built: Finding::new("I6 every frame builds upon what its client holds"),
        }
    }
}

impl Sessions {
    pub(crate) fn adopt(&mut self, character: EntityId, adopted: &Adopted) {
        let before = self.held.insert(character, adopted.at);
        self.forward.looked_at += 1;
        if let Some(before) = before.filter(|before| *before > adopted.at) {
            self.forward.breach(|| {
                format!("character {character} went from {} to {}", point(before), point(adopted.at))
            });
        }
        if let Some(from) = adopted.from {
            self.built.looked_at += 1;
            if before != Some(from) {
                self.built.breach(|| {
                    let held = before.map_or_else(|| "nothing".to_owned(), point);
                    format!("character {character} held {held} and got what builds upon {}", point(from))
                });
            }
        }
    }

    pub(crate) fn forward(&self) -> Finding {
        self.forward.clone()
    }

    pub(crate) fn built_upon_what_is_held(&self) -> Finding {
        self.built.clone()
    }
}

/// A point, for people.
pub(crate) fn point(point: TokenPoint) -> String {
    format!("epoch {} tick {}", point.epoch, point.tick)
}
