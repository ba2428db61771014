//! The judge of failures. One a process; it outlives every world.

use std::collections::VecDeque;
use std::time::Duration;

use holdfast_front::Moment;
use holdfast_protocol::{ActionName, EntityId};

use super::failure::{Failure, HaltReason, Judgement};
use super::watchlist::Watchlist;

/// How often a world may be loaded anew within [`RELOADS_WITHIN`]. A poisonous action needs one reload where it is
/// named at once, two where it was one of several.
pub const RELOADS_MAX: usize = 3;

/// The time in which reloads are counted, and for which suspects are remembered.
pub const RELOADS_WITHIN: Duration = Duration::from_secs(600);

/// How many condemned actions are remembered; beyond, the oldest is forgotten. One that is sent again after that costs
/// another reload, and at the most frequent it takes more than two days until then.
pub const CONDEMNED_MAX: usize = 1_024;

/// What the process remembers of its failures.
///
/// Bounds: [`RELOADS_MAX`] moments; [`CONDEMNED_MAX`] condemned actions; the suspects of at most [`RELOADS_MAX`]
/// failures, each of which names what a world can be asked in the few ticks that it is ahead of its store.
#[derive(Debug, Default)]
pub struct PoisonGuard {
    reloads: VecDeque<Reload>,
    condemned: VecDeque<(EntityId, ActionName)>,
}

/// One reload: when it was decided, and the actions that must since be decided alone.
#[derive(Debug)]
struct Reload {
    at: Moment,
    suspects: Vec<(EntityId, ActionName)>,
}

impl PoisonGuard {
    /// Nothing has failed yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what follows from a failure, and remembers it. Each reload is told in the log: what failed, and what comes
    /// next. A halt is told by the process as it ends.
    pub fn judge(&mut self, now: Moment, failure: Failure) -> Judgement {
        while self.reloads.front().is_some_and(|reload| now.since(reload.at) >= RELOADS_WITHIN) {
            self.reloads.pop_front();
        }
        if let Failure::Refused { error, actions } = &failure
            && actions.is_empty()
        {
            return Judgement::Halt(HaltReason::Unwritable(error.clone()));
        }
        if self.reloads.len() >= RELOADS_MAX {
            return Judgement::Halt(HaltReason::TooManyReloads { last: Box::new(failure) });
        }
        let suspects = match failure.suspects() {
            [] => {
                tracing::error!(%failure, "no action was asked: the world is loaded anew");
                Vec::new()
            }
            &[(character, name)] => {
                tracing::error!(
                    %failure, %character, seq = name.seq.0,
                    "the world is loaded anew, and this action will be rejected as `internal`"
                );
                self.condemn(character, name);
                Vec::new()
            }
            several => {
                tracing::error!(
                    %failure, suspect_count = several.len(),
                    "the world is loaded anew, and each action that may be to blame will be flushed alone"
                );
                several.to_vec()
            }
        };
        self.reloads.push_back(Reload { at: now, suspects });
        Judgement::Reload
    }

    /// What the world that is loaded next is to beware of.
    #[must_use]
    pub fn watchlist(&self) -> Watchlist {
        let mut watchlist = Watchlist::default();
        for (character, name) in &self.condemned {
            watchlist.condemn(*character, *name);
        }
        for (character, name) in self.reloads.iter().flat_map(|reload| &reload.suspects) {
            watchlist.suspect(*character, *name);
        }
        watchlist
    }

    fn condemn(&mut self, character: EntityId, name: ActionName) {
        if self.condemned.len() == CONDEMNED_MAX {
            self.condemned.pop_front();
        }
        self.condemned.push_back((character, name));
    }
}

#[cfg(test)]
mod tests;
