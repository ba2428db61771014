//! The ledger with faults of the kind that a game's author makes: what the engine does about them is shown with it.
//!
//! - [`Explode`]: a verb whose plan is wrong, so that it panics in the middle of its effect.
//! - [`Overdraw`]: a verb that forgets a rule which the database knows.
//! - [`fuse`]: a system that writes such a value by itself, some time after somebody has appended
//!   [`fuse::FUSE_TOKEN`]. The token stays on its tape, so a world that is loaded again does the same again.

pub mod debt;
pub mod explode;
pub mod fuse;
pub mod overdraw;

use std::sync::Arc;

use holdfast::persistence::migrate::Migration;
use holdfast::{App, Game, Interest, Simulate};
use ledger::action::{Append, Swap, Transfer};
use ledger::{KIND_ACCOUNT, Ledger};

pub use self::debt::{DEBT_MAX, Debt};
pub use self::explode::Explode;
pub use self::overdraw::Overdraw;

holdfast::actions! {
    /// Everything that can be done in the ledger, and what should not be.
    pub enum FaultyVerb {
        1: Transfer,
        2: Append,
        3: Swap,
        101: Explode,
        102: Overdraw,
    }
}

/// The ledger's rules, and the faults.
#[derive(Debug)]
pub struct FaultyLedger;

impl Game for FaultyLedger {
    type Verbs = FaultyVerb;
    const NAME: &'static str = "ledger-faulty";
    const CHARACTER_KIND: u16 = KIND_ACCOUNT;
    const ARCHETYPES: &'static [&'static str] = Ledger::ARCHETYPES;

    fn build(app: &mut App) {
        Ledger::build(app);
        app.durable::<Debt>().add_systems(Simulate, fuse::burn);
    }

    fn migrations() -> Vec<Migration> {
        let mut migrations = Ledger::migrations();
        migrations.push(Migration {
            version: 20_261_124_120_100,
            name: "create_debts",
            sql: include_str!("faulty/create_debts.sql"),
        });
        migrations
    }

    fn interest() -> Arc<dyn Interest> {
        Ledger::interest()
    }
}
