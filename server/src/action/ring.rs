//! The last 64 verdicts of a character, so that an action which is sent again is answered and not done again.
//!
//! A slot does not say whose `seq` it holds: that follows from the character's last one, since every decided action
//! writes its slot.

use holdfast_protocol::{Code, Nonce, Seq, UNANSWERED_MAX};

/// The version byte with which a ring at rest begins.
const VERSION: u8 = 1;
/// A slot at rest: nonce (4 bytes), code (2), detail (4); numbers little-endian.
const SLOT_BYTES: usize = 10;
/// A ring at rest, whole.
const RING_BYTES: usize = 1 + UNANSWERED_MAX * SLOT_BYTES;

/// What an action was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) nonce: Nonce,
    pub(crate) code: Code,
    pub(crate) detail: [u8; 4],
}

/// The ring: the answer to `seq` stands at `seq` mod 64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ring([Slot; UNANSWERED_MAX]);

/// Bytes that are no ring of this build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RingError {
    /// Another format version, or none.
    #[error("a ring of format version {0:?}")]
    Version(Option<u8>),
    /// Too short or too long.
    #[error("a ring of {0} bytes")]
    Length(usize),
}

impl Ring {
    /// The ring of a character that has never acted.
    pub(crate) fn new() -> Self {
        Self([Slot { nonce: Nonce(0), code: Code::ACCEPTED, detail: [0; 4] }; UNANSWERED_MAX])
    }

    /// Remembers the answer to `seq`, which is one more than the last.
    pub(crate) fn remember(&mut self, seq: Seq, slot: Slot) {
        self.0[index(seq)] = slot;
    }

    /// The answer to `seq`, where `last` was the last one decided; none where it has fallen out of the ring, or was
    /// never decided.
    pub(crate) fn recall(&self, seq: Seq, last: Seq) -> Option<Slot> {
        let is_kept = seq.0 > 0 && seq <= last && last.0 - seq.0 < UNANSWERED_MAX as u64;
        is_kept.then(|| self.0[index(seq)])
    }

    /// The ring as it is kept in the store.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(RING_BYTES);
        bytes.push(VERSION);
        for slot in &self.0 {
            bytes.extend_from_slice(&slot.nonce.0.to_le_bytes());
            bytes.extend_from_slice(&slot.code.0.to_le_bytes());
            bytes.extend_from_slice(&slot.detail);
        }
        bytes
    }

    /// The ring that these bytes hold.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, RingError> {
        let Some((&VERSION, slots)) = bytes.split_first() else {
            return Err(RingError::Version(bytes.first().copied()));
        };
        if bytes.len() != RING_BYTES {
            return Err(RingError::Length(bytes.len()));
        }
        let mut ring = Self::new();
        let (stored, _) = slots.as_chunks::<SLOT_BYTES>();
        for (slot, &[n0, n1, n2, n3, c0, c1, detail @ ..]) in ring.0.iter_mut().zip(stored) {
            *slot = Slot {
                nonce: Nonce(u32::from_le_bytes([n0, n1, n2, n3])),
                code: Code(u16::from_le_bytes([c0, c1])),
                detail,
            };
        }
        Ok(ring)
    }
}

fn index(seq: Seq) -> usize {
    usize::try_from(seq.0 % UNANSWERED_MAX as u64).expect("a remainder of 64 fits")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(nonce: u32) -> Slot {
        Slot { nonce: Nonce(nonce), code: Code::of_verb(2, 1), detail: [1, 2, 3, 4] }
    }

    #[test]
    fn the_last_64_are_kept_and_no_more() {
        let mut ring = Ring::new();
        for seq in 1..=70_u32 {
            ring.remember(Seq(u64::from(seq)), slot(seq));
        }
        assert_eq!(ring.recall(Seq(6), Seq(70)), None);
        assert_eq!(ring.recall(Seq(7), Seq(70)), Some(slot(7)));
        assert_eq!(ring.recall(Seq(70), Seq(70)), Some(slot(70)));
        assert_eq!(ring.recall(Seq(71), Seq(70)), None);
        assert_eq!(ring.recall(Seq(0), Seq(3)), None);
    }

    #[test]
    fn the_bytes_at_rest_are_these() {
        let mut ring = Ring::new();
        ring.remember(Seq(1), Slot { nonce: Nonce(0x0403_0201), code: Code(0x0605), detail: [7, 8, 9, 10] });
        ring.remember(Seq(64), Slot { nonce: Nonce(u32::MAX), code: Code::ACCEPTED, detail: [1, 0, 0, 0] });
        let bytes = ring.to_bytes();
        let mut golden = vec![0; 641];
        golden[..11].copy_from_slice(&[1, 255, 255, 255, 255, 0, 0, 1, 0, 0, 0]);
        golden[11..21].copy_from_slice(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(bytes, golden);
        assert_eq!(Ring::from_bytes(&bytes), Ok(ring));
    }

    #[test]
    fn other_versions_and_lengths_are_refused() {
        let mut bytes = Ring::new().to_bytes();
        assert_eq!(Ring::from_bytes(&bytes[..640]), Err(RingError::Length(640)));
        bytes.push(0);
        assert_eq!(Ring::from_bytes(&bytes), Err(RingError::Length(642)));
        bytes[0] = 2;
        assert_eq!(Ring::from_bytes(&bytes), Err(RingError::Version(Some(2))));
        assert_eq!(Ring::from_bytes(&[]), Err(RingError::Version(None)));
    }
}
