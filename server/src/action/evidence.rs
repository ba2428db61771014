//! What the world notes down in case that a tick fails: which action it is deciding, and which have taken effect and
//! are not durable yet. From the same notes follows when a suspect may be decided.
//!
//! A suspect is decided when no action before it is undurable, and after it none is decided until it is durable itself.
//! So the flush that holds it holds no other action, and a failure that it causes names it alone. Everybody else waits
//! for that time, in order: a flush or two. Behind a condemned action's rejection nothing is decided either until it is
//! durable; further ones of the condemned are rejected meanwhile. Whoever is absent, has left, or is on cooldown holds up nobody.
//!
//! Bound: the actions of as many ticks as the world may be ahead of its store.

use std::collections::VecDeque;

use bevy_ecs::resource::Resource;
use holdfast_protocol::{ActionName, EntityId, Tick};

/// The notes. They stand outside of everything that a tick takes apart while it runs, so that a panic leaves them.
#[derive(Resource, Debug, Default)]
pub(crate) struct Evidence {
    deciding: Option<(EntityId, ActionName)>,
    /// In the order in which they were decided.
    undurable: VecDeque<(Tick, EntityId, ActionName)>,
    /// The tick of an undurable suspect, or of a condemned action's rejection: after it nothing is decided.
    alone_since: Option<Tick>,
    /// A suspect has come up in this tick and found others undurable: nothing more is decided, or its turn would never
    /// come.
    suspect_waits: bool,
}

impl Evidence {
    /// A tick begins. Everything up to `durable` is committed, and so above suspicion.
    pub(crate) fn begin_tick(&mut self, durable: Tick) {
        while self.undurable.front().is_some_and(|(tick, ..)| *tick <= durable) {
            self.undurable.pop_front();
        }
        self.alone_since = self.alone_since.filter(|tick| *tick > durable);
        self.suspect_waits = false;
    }

    /// Whether a new action may be decided now; if not, it waits for a later tick.
    pub(crate) fn may_decide(&mut self, is_suspect: bool) -> bool {
        self.suspect_waits |= is_suspect && !self.undurable.is_empty();
        self.alone_since.is_none() && !self.suspect_waits
    }

    /// The rules of this action are asked now.
    pub(crate) fn begin(&mut self, character: EntityId, name: ActionName) {
        self.deciding = Some((character, name));
    }

    /// They have answered.
    pub(crate) fn end(&mut self) {
        self.deciding = None;
    }

    /// The action has taken effect.
    pub(crate) fn took_effect(&mut self, now: Tick, character: EntityId, name: ActionName, is_suspect: bool) {
        self.undurable.push_back((now, character, name));
        if is_suspect {
            self.alone_since = Some(now);
        }
    }

    /// A condemned action was rejected. Nothing more is decided until that is durable: who has several such actions under
    /// way would otherwise fail the world over the next one before this one is answered, each time anew, and a process
    /// that is started again has forgotten which they were.
    pub(crate) fn rejected_condemned(&mut self, now: Tick) {
        self.alone_since = Some(now);
    }

    /// The action whose rules are being asked.
    pub(crate) fn deciding(&self) -> Option<(EntityId, ActionName)> {
        self.deciding
    }

    /// The actions that have taken effect and are not durable yet.
    pub(crate) fn undurable(&self) -> impl Iterator<Item = (EntityId, ActionName)> {
        self.undurable.iter().map(|(_, character, name)| (*character, *name))
    }
}
