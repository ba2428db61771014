//! One player's random doings over crashes, and what must be left of them.

use std::collections::BTreeMap;

use holdfast_protocol::{ActionName, Code, Seq};
use holdfast_tests::{Player, Sim};
use rand::RngExt as _;
use rand::rngs::StdRng;
use village::Village;
use village::action::Verb;

use crate::witness::{Witness, beside, moved, said, say, stored_position};

/// What somebody has asked for, and what it was answered.
#[derive(Default)]
pub(crate) struct Story {
    pub(crate) witness: Witness,
    pub(crate) asked: BTreeMap<Seq, (ActionName, Verb)>,
}

impl Story {
    pub(crate) fn act(&mut self, sim: &mut Sim<Village>, player: Player, number: usize, rng: &mut StdRng) {
        if !sim.is_connected(player) || sim.client(player).unanswered_count() > 8 {
            return;
        }
        let verb = match rng.random_range(0..4) {
            0 => say(&format!("{player:?} {number}")),
            1 if sim.world().is_present(sim.character(player)) => moved(beside(sim, player)),
            _ => return,
        };
        let name = self.witness.ask(sim, player, &verb);
        self.asked.insert(name.seq, (name, verb));
    }

    pub(crate) fn accepted(&self) -> impl Iterator<Item = (Seq, &Verb)> {
        let is_accepted = |name: &ActionName| self.witness.code(*name) == Some(Code::ACCEPTED);
        self.asked.iter().filter(move |(_, (name, _))| is_accepted(name)).map(|(seq, (_, verb))| (*seq, verb))
    }

    /// The store has everything that this player was told it had done.
    pub(crate) fn assert_nothing_is_lost(&self, sim: &Sim<Village>, player: Player) {
        let said = said(sim);
        let is_said = |verb: &Verb| !matches!(verb, Verb::Say(say) if !said.contains(&say.text));
        let lost = self.accepted().find(|(_, verb)| !is_said(verb));
        assert!(lost.is_none(), "{player:?} was told that it had said {lost:?}");
        let newest = self.accepted().filter(|(_, verb)| matches!(verb, Verb::Move(_))).last();
        if let Some((seq, _)) = newest {
            // A later step may have been taken, of which it has not heard.
            let at = stored_position(sim, player);
            let is_there = |verb: &Verb| matches!(verb, Verb::Move(step) if Some(step.to) == at);
            assert!(
                self.asked.range(seq..).any(|(_, (_, verb))| is_there(verb)),
                "{player:?} was told that it had taken step {seq:?}, and is at {at:?}"
            );
        }
    }
}
