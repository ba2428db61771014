//! What the batching service and its clients say: a transfer is three numbers, an answer one byte, in the same order.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The answer: it is done, and committed.
pub(super) const PAID: u8 = 1;

/// The answer: it is not done.
pub(super) const REFUSED: u8 = 0;

/// How long a transfer is, in bytes.
const TRANSFER_BYTES: usize = 24;

/// How much is read at once: more than any client has outstanding, so that what it writes together is read together.
const READ_BYTES: usize = 64 * 1_024;

/// One transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) amount: i64,
}

impl Transfer {
    /// Whether there is something to move, between two purses.
    pub(super) fn is_sound(&self) -> bool {
        self.amount > 0 && self.from != self.to
    }

    /// Appends it to a message.
    pub(super) fn write(self, bytes: &mut Vec<u8>) {
        for number in [self.from, self.to, self.amount] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
    }

    fn read(bytes: &[u8; TRANSFER_BYTES]) -> Self {
        let number = |place: usize| {
            let mut number = [0; 8];
            number.copy_from_slice(&bytes[place * 8..place * 8 + 8]);
            i64::from_le_bytes(number)
        };
        Self { from: number(0), to: number(1), amount: number(2) }
    }
}

/// Reads transfers, however the bytes come.
#[derive(Debug)]
pub(super) struct Reader {
    bytes: Vec<u8>,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::with_capacity(READ_BYTES) }
    }

    /// All whole transfers that have come, one at least; none where the other end has closed.
    pub(super) async fn next(
        &mut self,
        source: &mut (impl AsyncRead + Unpin),
    ) -> io::Result<Option<Vec<Transfer>>> {
        loop {
            let (whole, rest) = self.bytes.as_chunks();
            if !whole.is_empty() {
                let transfers = whole.iter().map(Transfer::read).collect();
                // Draining keeps the room: only into spare room is anything read.
                self.bytes.drain(..self.bytes.len() - rest.len());
                return Ok(Some(transfers));
            }
            if source.read_buf(&mut self.bytes).await? == 0 {
                return Ok(None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn transfers_are_read_whole_however_their_bytes_come() {
        let sent = [1, 300, i64::MAX].map(|from| Transfer { from, to: 2, amount: -1 });
        let mut bytes = Vec::new();
        sent.iter().for_each(|transfer| transfer.write(&mut bytes));
        for cut in 0..bytes.len() {
            let mut source = bytes[..cut].chain(&bytes[cut..]);
            let (mut reader, mut read) = (Reader::new(), Vec::new());
            while let Some(transfers) = reader.next(&mut source).await.unwrap() {
                read.extend(transfers);
            }
            assert_eq!(read, sent, "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn what_a_client_writes_together_is_read_together() {
        let sent = [Transfer { from: 1, to: 2, amount: 3 }; 40];
        let mut bytes = Vec::new();
        sent.iter().for_each(|transfer| transfer.write(&mut bytes));
        let mut reader = Reader::new();
        for _ in 0..3 {
            let read = reader.next(&mut bytes.as_slice()).await.unwrap();
            assert_eq!(read.as_deref(), Some(sent.as_slice()));
        }
    }

    #[test]
    fn nothing_and_to_oneself_are_not_sound() {
        let transfer = Transfer { from: 1, to: 2, amount: 1 };
        assert!(transfer.is_sound());
        assert!(!Transfer { amount: 0, ..transfer }.is_sound());
        assert!(!Transfer { to: 1, ..transfer }.is_sound());
    }
}
