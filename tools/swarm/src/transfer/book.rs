//! What the clients know of the purses: by how much each has changed. Payments commute, so in the end every balance must be
//! what they make of it, in whatever order they took effect.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Result, ensure};

use super::pots::BALANCE;

/// What was paid, purse by purse; kept by all clients together.
#[derive(Clone, Debug)]
pub(super) struct Book(Arc<[AtomicI64]>);

impl Book {
    /// Of so many purses, as they are at first.
    pub(super) fn new(purses: usize) -> Self {
        Self((0..purses).map(|_| AtomicI64::new(i64::from(BALANCE))).collect())
    }

    /// So much went from one place to another, and was answered.
    pub(super) fn paid(&self, (from, to): (usize, usize), amount: i64) {
        self.0[from].fetch_sub(amount, Ordering::Relaxed);
        self.0[to].fetch_add(amount, Ordering::Relaxed);
    }

    /// Holds all balances that are stored, in the order of their places, against what was answered.
    pub(super) fn check(&self, stored: &[i64]) -> Result<()> {
        let purses = self.0.len();
        ensure!(stored.len() == purses, "there were {purses} purses, and {} are stored", stored.len());
        for (place, (stored, wanted)) in stored.iter().zip(self.0.iter()).enumerate() {
            let wanted = wanted.load(Ordering::Relaxed);
            ensure!(
                *stored == wanted,
                "the purse of rank {} must hold {wanted}, and holds {stored}",
                place + 1
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_balance_must_be_what_was_answered() {
        let book = Book::new(3);
        book.clone().paid((0, 2), 5);
        book.paid((2, 1), 1);
        let balance = i64::from(BALANCE);
        assert!(book.check(&[balance - 5, balance + 1, balance + 4]).is_ok());
        assert!(book.check(&[balance - 5, balance + 2, balance + 3]).is_err(), "though the sum is right");
        assert!(book.check(&[balance - 5, balance + 1]).is_err());
    }
}
