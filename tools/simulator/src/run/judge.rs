//! Whether every promise was kept: what clients saw against what is stored, and what is stored against itself.

use std::collections::BTreeMap;

use holdfast::persistence::durable::{Cell, Durable};
use holdfast_checker::{Beginning, Commits, Evidence, FinalState};
use holdfast_protocol::EntityId;
use ledger::beginning::{BALANCE_AT_FIRST, ITEMS_AT_FIRST};
use ledger::component::{Item, Purse, Tape};

use super::Simulation;
use crate::model_store::ModelStore;

/// What was there before anybody came: items come with accounts.
pub(super) fn beginning() -> Beginning {
    Beginning { balance: i64::from(BALANCE_AT_FIRST), items: Vec::new(), items_each: Some(ITEMS_AT_FIRST) }
}

impl Simulation<'_> {
    pub(super) fn judge(&mut self) {
        if self.failure.is_some() {
            return;
        }
        self.judge_copies();
        let end = final_state(&self.database.model);
        let commits = Commits { list: std::mem::take(&mut self.database.commits), with_beats: true };
        let evidence = Evidence {
            commits: Some(&commits),
            samples: Some(&self.samples),
            ..Evidence::new(&self.history, &self.beginning, &end)
        };
        let findings = evidence.check();
        if let Some(finding) = findings.invariants.iter().find(|finding| finding.is_broken()) {
            let what = finding.breaches.first().cloned().unwrap_or_default();
            self.fail(format!("{}: {what}", finding.invariant));
        }
    }

    /// Looks whether what is conserved is so just now.
    pub(super) fn take_sample(&mut self) {
        self.samples.look(&self.beginning, &final_state(&self.database.model));
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
fn final_state(model: &ModelStore) -> FinalState {
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
