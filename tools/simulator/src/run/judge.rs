//! Whether every promise was kept: what clients saw against what is stored, and what is stored against itself.

use std::collections::BTreeMap;

use holdfast::persistence::durable::{Cell, Durable};
use holdfast_checker::{Beginning, FinalState, check};
use holdfast_protocol::EntityId;
use ledger::beginning::{BALANCE_AT_FIRST, ITEMS_AT_FIRST};
use ledger::component::{Item, Purse, Tape};

use super::Simulation;
use crate::game::Recital;
use crate::model_store::ModelStore;

impl Simulation<'_> {
    pub(super) fn judge(&mut self) {
        if self.failure.is_some() {
            return;
        }
        self.judge_commits();
        self.judge_copies();
        let end = final_state(&self.database.model);
        self.judge_recitals(&end);
        let beginning = Beginning {
            balance: i64::from(BALANCE_AT_FIRST),
            items: Vec::new(),
            items_each: Some(ITEMS_AT_FIRST),
        };
        let findings = check(&self.recorder.history(), &beginning, &end);
        let broken = findings.invariants.iter().find(|finding| finding.is_broken());
        if let Some(finding) = broken {
            let what = finding.breaches.first().cloned().unwrap_or_default();
            self.fail(format!("{}: {what}", finding.invariant));
        }
    }

    /// I9: one writer after the other, and each flush follows its predecessor.
    fn judge_commits(&mut self) {
        let commits = std::mem::take(&mut self.database.commits);
        for pair in commits.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            let follows = after.epoch == before.epoch && after.from == before.to && after.to >= after.from;
            let begins = after.epoch.0 == before.epoch.0 + 1 && after.from > before.to;
            if !follows && !begins {
                return self.fail(format!("I9 {after:?} was committed behind {before:?}"));
            }
        }
    }

    /// I5, for what was told in long answers. They are not sightings: what is recited may be older than the frame that
    /// it comes with.
    fn judge_recitals(&mut self, end: &FinalState) {
        let is_true = |recital: &Recital| {
            end.tapes.get(&recital.tape).is_some_and(|tokens| tokens.starts_with(&recital.tokens))
        };
        if let Some(recital) = self.recitals.iter().find(|recital| !is_true(recital)) {
            let what = format!("I5 {recital:?} was told, and is not the beginning of what is there");
            self.fail(what);
        }
    }

    /// In the end every client holds what a snapshot would show it.
    fn judge_copies(&mut self) {
        let host = self.owner();
        for number in 0..self.players.len() {
            let Some(fresh) = self.fresh_copy(host, number) else {
                return self.fail("nobody owns the world in the end".to_owned());
            };
            self.compare(number, &fresh);
        }
    }
}

/// What is stored of the ledger.
pub(super) fn final_state(model: &ModelStore) -> FinalState {
    FinalState {
        tapes: rows(model, Tape::TABLE, |cell| match cell {
            Cell::BigInts(tokens) => tokens.iter().map(|token| token.cast_unsigned()).collect(),
            _ => Vec::new(),
        }),
        balances: rows(model, Purse::TABLE, |cell| match cell {
            Cell::BigInt(balance) => *balance,
            Cell::Int(balance) => i64::from(*balance),
            _ => -1,
        }),
        items: rows(model, Item::TABLE, |cell| match cell {
            Cell::BigInt(holder) => Some(EntityId(holder.cast_unsigned())),
            _ => None,
        }),
        ..FinalState::default()
    }
}

fn rows<T>(model: &ModelStore, table: &str, read: impl Fn(&Cell) -> T) -> BTreeMap<EntityId, T> {
    let place = model.definitions().iter().position(|definition| definition.table == table);
    let rows = place.and_then(|place| model.tables().components.get(place));
    let cells = rows.into_iter().flatten().filter_map(|(id, row)| Some((*id, row.row.0.first()?)));
    cells.map(|(id, cell)| (id, read(cell))).collect()
}
