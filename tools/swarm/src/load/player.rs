//! What a bot does next, whatever client it has.

use std::sync::Arc;

use holdfast_client::WorldCopy;
use holdfast_protocol::{EntityId, Reply, Verdict};
use rand::rngs::StdRng;
use tokio::time::Instant;
use village::tile::Tile;

use super::behaviour::Walker;
use super::measure::{Measure, Sent};
use super::schedule::Pacing;
use crate::world::{Appends, BotAction, Mark, World, village as about};

/// Who plays a character.
pub(super) struct Player {
    pub(super) character: EntityId,
    pub(super) world: World,
    /// How it walks, where there is ground.
    pub(super) walker: Option<Walker>,
    pub(super) measure: Arc<Measure>,
    pub(super) rng: StdRng,
    /// Where its last step led, as long as that is under way.
    stands: Option<Tile>,
    /// What the last look around found within reach.
    near: Vec<EntityId>,
}

impl Player {
    pub(super) fn new(
        character: EntityId,
        world: World,
        walker: Option<Walker>,
        measure: Arc<Measure>,
        rng: StdRng,
    ) -> Self {
        Self { character, world, walker, measure, rng, stands: None, near: Vec::new() }
    }

    /// What it does next, with this copy, and so many actions without an answer.
    pub(super) fn next_action(&mut self, copy: &WorldCopy, under_way: usize) -> BotAction {
        let entry = self.measure.next_entry();
        let Some(walker) = &mut self.walker else {
            return self.world.next_action(self.character, copy, entry, Appends::FREELY, &mut self.rng);
        };
        let stood = about::tile(copy, self.character);
        if under_way == 0 && self.stands.is_some_and(|there| stood != Some(there)) {
            walker.bump();
        }
        // What is under way is not in the copy yet: the next step is one from there.
        let Some(here) = self.stands.filter(|_| under_way > 0).or(stood) else { return about::look() };
        let near = std::mem::take(&mut self.near);
        let step = |rng: &mut StdRng| walker.step(here, rng);
        let action = about::deed(self.character, here, copy, &near, step, &mut self.rng);
        self.stands = match action.mark {
            Some(Mark::At(_, x, y)) => Some(Tile { x, y }),
            _ => Some(here),
        };
        action
    }

    /// It has an answer.
    pub(super) fn answered(&mut self, verdict: &Verdict) {
        if !verdict.is_accepted() {
            self.stands = None;
            self.walker.iter_mut().for_each(Walker::bump);
        }
    }

    /// It sees what a look around found.
    pub(super) fn hears(&mut self, reply: &Reply, copy: &WorldCopy) {
        if let Some(here) = about::tile(copy, self.character) {
            self.near = about::within_reach(&reply.body.0, here);
        }
    }

    /// What is to be noted of an action that is handed over now.
    pub(super) fn sent(&self, action: &BotAction, pacing: Pacing, due: Instant, at: Instant) -> Sent {
        Sent { pacing, verb: self.world.verb_name(&action.bytes), mark: action.mark, due, at }
    }
}
