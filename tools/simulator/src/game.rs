//! The game that is simulated: the ledger, with one verb more.
//!
//! It does what no verb should (it panics, or writes what cannot be written), so that the engine's answer to that is
//! simulated as well.

mod blunder;

use std::sync::Arc;

use bevy_ecs::system::Query;
use holdfast::persistence::migrate::Migration;
use holdfast::{App, Game, Interest, Simulate};
use ledger::Ledger;
use ledger::action::{Append, Read, Swap, Transfer};
use ledger::component::Tape;

pub use blunder::{Blunder, HAUNTED, UNWRITABLE, Way};

holdfast::actions! {
    /// Everything that can be done.
    pub enum Verb {
        1: Transfer,
        2: Append,
        3: Swap,
        4: Read,
        5: Blunder,
    }
}

/// The ledger and its blunders.
#[derive(Debug)]
pub struct Blunderers;

impl Game for Blunderers {
    type Verbs = Verb;
    const NAME: &'static str = "blunderers";
    const CHARACTER_KIND: u16 = Ledger::CHARACTER_KIND;
    const ARCHETYPES: &'static [&'static str] = Ledger::ARCHETYPES;

    fn build(app: &mut App) {
        Ledger::build(app);
        app.add_systems(Simulate, haunt);
    }

    fn migrations() -> Vec<Migration> {
        Ledger::migrations()
    }

    fn interest() -> Arc<dyn Interest> {
        Ledger::interest()
    }
}

/// Panics over a tape that holds what no tape should: what goes wrong here is no verb's, and an action is to blame all
/// the same.
fn haunt(tapes: Query<'_, '_, &Tape>) {
    for tape in &tapes {
        assert!(!tape.tokens.contains(&HAUNTED), "a tape is haunted");
    }
}
