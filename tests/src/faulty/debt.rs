//! What somebody owes, and the rule about it that only the database knows.

use bevy_ecs::component::Component;
use holdfast::persistence::cell_value::{CellValue, Cells, column};
use holdfast::persistence::durable::{Column, Durable, Row, RowError};
use holdfast::persistence::rows::Batch;
use holdfast::persistence::store::{StoreError, StoreErrorClass};

/// The largest debt that the database takes: the constraint `debt_is_bearable`.
pub const DEBT_MAX: u32 = 1_000;

/// The table's place in the game's registry: behind the five of the ledger.
const TABLE_INDEX: usize = 5;

/// A debt.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Debt {
    /// How much.
    pub amount: u32,
}

impl Durable for Debt {
    const TABLE: &'static str = "debts";
    const COLUMNS: &'static [Column] = &[column::<u32>("amount")];

    fn to_row(&self) -> Row {
        Row(vec![self.amount.to_cell()])
    }

    fn from_row(row: &Row) -> Result<Self, RowError> {
        Ok(Self { amount: Cells::of(row).next("amount")? })
    }
}

/// What PostgreSQL says to a batch with a debt that is too large: the model store knows no constraints of games.
#[must_use]
pub fn refuse_large_debts(batch: &Batch) -> Option<StoreError> {
    let debts = batch.rows.components.get(TABLE_INDEX)?;
    let too_large = debts.iter().find(|(_, row)| {
        row.as_ref().is_some_and(|row| Debt::from_row(&row.row).is_ok_and(|debt| debt.amount > DEBT_MAX))
    });
    let (entity, _) = too_large?;
    Some(StoreError {
        table: Some(Debt::TABLE.to_owned()),
        constraint: Some("debt_is_bearable".to_owned()),
        entity: Some(*entity),
        ..StoreError::new(StoreErrorClass::Permanent, "23514", "a row violates a check constraint")
    })
}
