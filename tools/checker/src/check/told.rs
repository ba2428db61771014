//! I6: what was told of an action's number does not go back.
//!
//! A verdict says that its `seq` is decided, and so do Welcome's `last_seq` and the `seq` that a refusal expects. Whoever
//! was told so once must never be welcomed with less: then something was told that was not durable.

use std::collections::BTreeMap;

use holdfast_protocol::{EntityId, Seq};

use crate::finding::Finding;

/// The highest `seq` that each character was told to be decided.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    decided: BTreeMap<EntityId, Seq>,
    finding: Finding,
}

impl Default for Told {
    fn default() -> Self {
        let finding = Finding::new("I6 what was told of an action's number does not go back");
        Self { decided: BTreeMap::new(), finding }
    }
}

impl Told {
    /// Everything up to `seq` is decided, the character was told.
    pub(crate) fn hears_up_to(&mut self, character: EntityId, seq: Seq) {
        let decided = self.decided.entry(character).or_default();
        *decided = seq.max(*decided);
    }

    pub(crate) fn welcomed(&mut self, character: EntityId, last_seq: Seq) {
        self.finding.looked_at += 1;
        let decided = self.decided.get(&character).copied().unwrap_or_default();
        if last_seq < decided {
            self.finding.breach(|| {
                format!("character {character} is welcomed with {last_seq}, and was told that {decided} is decided")
            });
        }
        self.hears_up_to(character, last_seq);
    }

    pub(crate) fn finding(&self) -> Finding {
        self.finding.clone()
    }
}
