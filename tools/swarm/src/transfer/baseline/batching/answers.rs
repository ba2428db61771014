//! The answers to what is written: they are given while the next batch is on its way, so that PostgreSQL waits for nobody.

use std::collections::BTreeMap;

use anyhow::Result;
use tokio::io::AsyncWriteExt as _;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::mpsc;

use super::Asked;
use super::wire::{PAID, REFUSED};

/// A batch, and what PostgreSQL said of it.
pub(super) struct Written {
    pub(super) batch: Vec<Asked>,
    /// Whether it is committed; otherwise a purse held too little, and all of it is refused.
    pub(super) is_paid: bool,
}

impl Written {
    /// What each client is told, in the order in which it asked.
    fn answers(&self) -> BTreeMap<usize, Vec<u8>> {
        let mut answers = BTreeMap::<usize, Vec<u8>>::new();
        for Asked { client, transfers } in &self.batch {
            let of_these =
                transfers.iter().map(|it| if self.is_paid && it.is_sound() { PAID } else { REFUSED });
            answers.entry(*client).or_default().extend(of_these);
        }
        answers
    }
}

/// Answers batch after batch, each client with one write a batch, until no more is written.
pub(super) async fn give(
    mut writers: Vec<OwnedWriteHalf>,
    mut written: mpsc::Receiver<Written>,
) -> Result<()> {
    while let Some(written) = written.recv().await {
        for (client, answers) in written.answers() {
            writers[client].write_all(&answers).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::wire::Transfer;
    use super::*;

    #[test]
    fn a_client_gets_all_answers_of_a_batch_at_once_and_in_its_order() {
        let (sound, unsound) =
            (Transfer { from: 1, to: 2, amount: 1 }, Transfer { from: 1, to: 1, amount: 1 });
        let asked = |client, transfers: &[Transfer]| Asked { client, transfers: transfers.to_vec() };
        let batch = || vec![asked(7, &[sound, unsound]), asked(3, &[sound]), asked(7, &[sound])];
        let paid = Written { batch: batch(), is_paid: true }.answers();
        assert_eq!(paid, BTreeMap::from([(3, vec![PAID]), (7, vec![PAID, REFUSED, PAID])]));
        let refused = Written { batch: batch(), is_paid: false }.answers();
        assert_eq!(refused, BTreeMap::from([(3, vec![REFUSED]), (7, vec![REFUSED; 3])]));
    }
}
