//! I2: every action is answered as its client's own.

use holdfast_protocol::{ActionName, EntityId};

use crate::finding::Finding;
use crate::history::action::End;

/// Counts answers, and what nobody will answer any more.
#[derive(Clone, Debug)]
pub(crate) struct Answered(Finding);

impl Default for Answered {
    fn default() -> Self {
        Self(Finding::new("I2 every action is answered as its client's own"))
    }
}

impl Answered {
    pub(crate) fn ended(&mut self, character: EntityId, name: ActionName, end: End) {
        self.0.looked_at += 1;
        if let End::GivenUp(code) = end {
            self.0.breach(|| format!("character {character} had to give up its seq {} ({code})", name.seq));
        }
    }

    pub(crate) fn finding(&self) -> Finding {
        self.0.clone()
    }
}
