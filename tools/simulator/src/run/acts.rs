//! What a player does of its own accord: it acts, opens its client anew, and leaves.

use std::time::Duration;

use holdfast_checker::Meaning;
use holdfast_client::{ClientCore, Stage as CoreStage};
use holdfast_protocol::{Code, Verdict, encode};
use rand::RngExt as _;

use super::Simulation;
use crate::game::{Blunder, Verb};
use crate::workload;

/// How many actions a client keeps under way.
const UNDER_WAY_MAX: usize = 8;

impl Simulation<'_> {
    pub(super) fn answered(&mut self, number: usize, verdict: Verdict) {
        let player = &mut self.players[number];
        player.reads.remove(&verdict.action.seq);
        player.is_done |= player.fresh == Some(verdict.action);
        let is_blunder = player.blunders.contains(&verdict.action);
        if is_blunder != (verdict.code == Code::INTERNAL) {
            let (seq, code) = (verdict.action.seq, verdict.code);
            let what = if is_blunder { "over which the world fails" } else { "that does no harm" };
            self.fail(format!("client {number} was answered {code} to action {seq}, {what}"));
        }
    }

    pub(super) fn act(&mut self, number: usize) {
        let now = self.now();
        let player = &mut self.players[number];
        let is_playing = player.core.stage() == CoreStage::Playing && player.core.copy().held().is_some();
        if !is_playing || now < player.acts_at || player.core.unanswered_count() >= UNDER_WAY_MAX {
            return;
        }
        if self.is_calm && player.fresh.is_some() {
            return;
        }
        // Now and then a few at once, otherwise one at a time.
        let pause = if player.rng.random_ratio(1, 4) { 0 } else { player.rng.random_range(40..260) };
        player.acts_at = now + Duration::from_millis(pause);
        if let Some(way) = player.blunder
            && let Some(tape) = workload::any_tape(player.core.copy(), &mut player.rng)
        {
            player.blunder = None;
            let blunder = encode(&Verb::Blunder(Blunder { tape, way }));
            self.ask(number, blunder, Meaning::Other, true);
            return;
        }
        player.entry_count += 1;
        let entry = player.character.0 << 32 | player.entry_count;
        let next = workload::next_action(player.character, player.core.copy(), entry, &mut player.rng);
        if let Some((bytes, meaning)) = next {
            self.ask(number, bytes, meaning, false);
        }
    }

    fn ask(&mut self, number: usize, bytes: Vec<u8>, meaning: Meaning, is_blunder: bool) {
        self.history.set_now(self.agenda.now().0);
        let invoked = self.history.stamp();
        let player = &mut self.players[number];
        // Where there is no room for it, it is one action fewer.
        let Ok(name) = player.core.act(bytes, &mut player.rng) else { return };
        self.history.invoke(player.character, name, meaning, invoked);
        if let Meaning::Read { tape } = meaning {
            player.reads.insert(name.seq, tape);
        }
        if is_blunder {
            player.blunders.push(name);
        } else if self.is_calm {
            player.fresh = Some(name);
        }
    }

    /// The client's process dies, and another goes on, with what it kept or with nothing.
    pub(super) fn reopen(&mut self, number: usize, has_kept: bool) {
        // The checker knows a long answer by its action's `seq` alone, which would then be used twice.
        let has_kept = has_kept || !self.players[number].reads.is_empty();
        self.note("a client is opened anew", number as u64, u64::from(has_kept));
        self.drop_link(number);
        let build = self.stage.build;
        let now = self.now();
        let player = &mut self.players[number];
        player.core = if has_kept {
            ClientCore::from_kept(build, player.core.keep())
        } else {
            ClientCore::new(build, player.character)
        };
        if !has_kept {
            self.history.left(player.character);
        }
        player.retry_at = now + Duration::from_millis(player.rng.random_range(0..200));
    }

    /// The player leaves for good, and comes back after a while.
    pub(super) fn leaves(&mut self, number: usize, away: Duration) {
        let now = self.now();
        let player = &mut self.players[number];
        if player.core.stage() != CoreStage::Playing {
            return;
        }
        self.note("a client leaves", number as u64, 0);
        let player = &mut self.players[number];
        player.core.leave();
        self.history.left(player.character);
        player.is_away = true;
        player.retry_at = now + away;
        self.send_all(number);
    }
}
