//! The ledger: accounts and append-only tapes, in which the engine's promises are proved.
//!
//! Everything in it can be counted from outside. The sum of all balances is 1,000 for each account that has ever
//! joined; every account was given two items, and items change hands but are neither made nor lost; a token that was
//! appended stands on its tape once. A transfer or a swap that was done by half, twice or not at all shows in the sums.
//! Pots are apart from all of this: nobody's money, which programs pay about as fast as they are answered.
//!
//! Read [`group`] (who sees whom), [`component`] (what there is), [`action`] (what can be done), [`beginning`] (what
//! there is at first).

pub mod action;
pub mod beginning;
pub mod component;
pub mod group;
#[cfg(feature = "sabotage")]
mod half_swap;
#[cfg(test)]
mod sums;

use std::sync::Arc;

use holdfast::persistence::migrate::Migration;
use holdfast::{App, Game, Interest};

use self::action::Verb;
use self::component::{Holder, Item, Pot, Purse, Seat, Tape};
use self::group::OwnGroup;

/// An account: a character.
pub const KIND_ACCOUNT: u16 = 1;
/// A tape.
pub const KIND_TAPE: u16 = 2;
/// An item.
pub const KIND_ITEM: u16 = 3;
/// A pot.
pub const KIND_POT: u16 = 4;

/// The ledger's rules.
pub struct Ledger;

impl Game for Ledger {
    type Verbs = Verb;
    const NAME: &'static str = "ledger";
    const CHARACTER_KIND: u16 = KIND_ACCOUNT;
    const ARCHETYPES: &'static [&'static str] = &["account"];

    fn build(app: &mut App) {
        app.durable::<Seat>()
            .locate::<Seat>()
            .durable::<Purse>()
            .replicate::<Purse>()
            .durable::<Tape>()
            .replicate::<Tape>()
            .durable::<Item>()
            .replicate::<Item>()
            .replicate::<Holder>()
            .durable::<Pot>()
            .on_new_world(beginning::lay_out_tapes)
            .on_first_join(beginning::open_account)
            .on_arrive(beginning::arrive);
        #[cfg(feature = "sabotage")]
        app.add_systems(holdfast::Simulate, half_swap::hand_over);
    }

    fn migrations() -> Vec<Migration> {
        vec![
            Migration {
                version: 20_261_124_120_000,
                name: "create_components",
                sql: include_str!("../../../migrations/ledger/20261124120000_create_components.sql"),
            },
            Migration {
                version: 20_261_129_070_000,
                name: "create_pots",
                sql: include_str!("../../../migrations/ledger/20261129070000_create_pots.sql"),
            },
        ]
    }

    fn interest() -> Arc<dyn Interest> {
        Arc::new(OwnGroup)
    }
}
